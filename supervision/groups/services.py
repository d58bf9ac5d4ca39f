"""What people do with seats, the waiting line and the agreement.

Whatever changes a count of seats holds the group's lock until the transaction ends. A service that frees a seat
returns the offers it made; the caller writes the letters (`groups.mails.post_offers`), in the same transaction.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from supervision.audit.services import record
from supervision.groups import agreement_text, queries, rules
from supervision.groups.models import Agreement, AgreementAcceptance, Group, Membership, QueuePlace, SignUp
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.people.services import end_all_sessions

Offers = Sequence[QueuePlace]


def lock_seats(session: Session, group: Group) -> None:
    """Read the group's seats anew and let nobody else change them until this transaction ends.

    On PostgreSQL a row lock; on SQLite the writing transaction itself is the only one (store.database.prepare).
    """
    session.refresh(group, attribute_names=["taken", "seats", "status"], with_for_update=True)


def save_sign_up(
    session: Session, person: Person, assignment: Assignment, facts: Mapping[str, Any], now: datetime
) -> SignUp:
    """Keep what someone told when signing up; a second time replaces the first. `facts` are columns of `SignUp`."""
    found = queries.find_sign_up(session, assignment.id, person.id)
    if found is None:
        found = SignUp(assignment_id=assignment.id, person_id=person.id, created_at=now)
        session.add(found)
    for name, value in facts.items():
        setattr(found, name, value)
    found.withdrawn_at = None
    session.flush()
    record(session, Actor(person_id=person.id), "sign_up.made", "assignment", assignment.id, now=now)
    return found


def take_or_queue(session: Session, actor: Actor, group: Group, now: datetime) -> Membership | QueuePlace:
    """Give the actor a seat, or the last place in line when the group is full, running, or others wait already.

    A group is closed once it runs; then its supervisor refills it from the line (PRODUCT: sign-up). Raises
    `seat_already` (one seat per assignment), `already_in_line`, `group_closed`.
    """
    _lock_person(session, actor)
    lock_seats(session, group)
    if group.status not in queries.OPEN_STATUS:
        raise RuleBroken("group_closed")
    _refuse_second_seat(session, actor, group)
    if queries.find_place(session, group.id, actor.id) is not None:
        raise RuleBroken("already_in_line")
    waiting = queries.count_waiting(session, group.id)
    takes = rules.takes_sign_ups(rules.GroupStatus(group.status))
    if takes and rules.has_seat(group.seats, group.taken, 0, waiting):
        group.taken += 1
        return _seat(session, actor, group, now)
    number = queries.last_number(session, group.id) + 1
    place = QueuePlace(group_id=group.id, person_id=actor.id, number=number, queued_at=now)
    session.add(place)
    session.flush()
    record(session, actor, "seat.queued", "group", group.id, now=now)
    return place


def leave(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Step out of a group, of an offer or of the line; a freed seat is offered on. Tells nobody; asks no reason.

    Raises `no_seat` when there is nothing to step out of.
    """
    lock_seats(session, group)
    membership = queries.find_member(session, group.id, actor.id)
    if membership is not None:
        return _free(session, actor, membership, group, "seat.left", now)
    place = queries.find_place(session, group.id, actor.id)
    if place is None:
        raise RuleBroken("no_seat")
    return _step_out_of_line(session, actor, place, group, "withdrawn", now)


def remove_member(session: Session, actor: Actor, membership: Membership, group: Group, now: datetime) -> Offers:
    """End another person's membership; their sessions end with it. Raises `no_seat` when they have left already."""
    lock_seats(session, group)
    found = queries.find_member(session, group.id, membership.person_id)
    if found is None:
        raise RuleBroken("no_seat")
    end_all_sessions(session, found.person_id)
    return _free(session, actor, found, group, "seat.removed", now)


def change_seats(session: Session, actor: Actor, group: Group, seats: int, now: datetime) -> Offers:
    """Give a group more or fewer seats; new seats are offered on. Raises `seats_out_of_range`, `seats_taken`."""
    lock_seats(session, group)
    rules.check_seats(seats, seats)
    if seats < group.taken:
        raise RuleBroken("seats_taken", "seats", taken=group.taken)
    group.seats = seats
    session.flush()
    record(session, actor, "group.seats_changed", "group", group.id, now=now)
    return promote(session, group, now)


def refill(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Offer a running group's free seats to the first in line, as only its supervisor may."""
    record(session, actor, "group.refilled", "group", group.id, now=now)
    return promote(session, group, now)


def start_group(session: Session, actor: Actor, group: Group, now: datetime) -> None:
    """Close a forming group to sign-ups and let it run, also with fewer than five. Raises `group_status`."""
    lock_seats(session, group)
    group.status = rules.next_status(rules.GroupStatus(group.status), "run")
    session.flush()
    record(session, actor, "group.started", "group", group.id, now=now)


def promote(session: Session, group: Group, now: datetime) -> Offers:
    """Offer every free seat to the first in line, with a deadline, and return the offers with their people.

    Nothing is offered when no time is left to answer before the next meeting.
    """
    lock_seats(session, group)
    deadline_at = rules.offer_deadline(now, queries.next_meeting_at(session, group.id, now))
    free = group.seats - group.taken
    if deadline_at is None or free <= 0 or group.status not in queries.OPEN_STATUS:
        return []
    line = queries.first_in_line(session, group, free)
    for place in line:
        place.status, place.offer_until_at = "offered", deadline_at
    group.taken += rules.seats_to_offer(group.seats, group.taken, 0, len(line))
    session.flush()
    return line


def accept_offer(session: Session, actor: Actor, group: Group, now: datetime) -> Membership:
    """Turn the actor's offer into a seat. Raises `no_offer`, `offer_expired`, `seat_already`."""
    _lock_person(session, actor)
    lock_seats(session, group)
    place = _open_offer(session, actor, group)
    if place.offer_until_at is not None and rules.is_expired(place.offer_until_at, now):
        raise RuleBroken("offer_expired")
    _refuse_second_seat(session, actor, group)
    place.status, place.offer_until_at = "accepted", None
    return _seat(session, actor, group, now)


def decline_offer(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Say no to an offer; the next in line is asked. Raises `no_offer`."""
    lock_seats(session, group)
    return _step_out_of_line(session, actor, _open_offer(session, actor, group), group, "declined", now)


def let_offers_expire(session: Session, group: Group, now: datetime) -> Offers:
    """End the offers whose deadline has come and ask the next in line."""
    lock_seats(session, group)
    for place in queries.expired_offers(session, group.id, now):
        place.status, place.offer_until_at = "expired", None
        group.taken -= 1
    session.flush()
    return promote(session, group, now)


def first_agreement(group: Group, now: datetime, language: str | None = None) -> Agreement:
    """Return version 1 of a group's agreement, not yet kept; by default in the language of the country."""
    country = {"DK": "da"}.get(group.assignment.organisation.country, "sv")
    text = agreement_text.default_text(language or country)
    return Agreement(group_id=group.id, version=1, text=text, created_at=now)


def ensure_agreement(session: Session, group: Group, now: datetime, language: str | None = None) -> Agreement:
    """Return the agreement that counts; a group without one gets the usual text as version 1."""
    found = queries.newest_agreement(session, group.id)
    if found is None:
        lock_seats(session, group)
        found = queries.newest_agreement(session, group.id)
    if found is None:
        found = first_agreement(group, now, language)
        session.add(found)
        session.flush()
    return found


def change_agreement(session: Session, actor: Actor, group: Group, text: str, now: datetime) -> Agreement:
    """Write a new version; every member is asked again. A text that did not change makes no version."""
    lock_seats(session, group)
    newest = ensure_agreement(session, group, now)
    text = "\n".join(text.strip().splitlines())
    if text == newest.text:
        return newest
    made = Agreement(group_id=group.id, version=newest.version + 1, text=text, created_at=now)
    session.add(made)
    session.flush()
    record(session, actor, "agreement.changed", "group", group.id, now=now)
    return made


def accept_agreement(session: Session, actor: Actor, group: Group, version: int, now: datetime) -> None:
    """Note that a member accepts this version. Raises `agreement_changed` when a newer one stands."""
    newest = ensure_agreement(session, group, now)
    if version != newest.version:
        raise RuleBroken("agreement_changed")
    if actor.id not in queries.acceptances(session, newest):
        session.add(AgreementAcceptance(agreement_id=newest.id, person_id=actor.id, accepted_at=now))
        record(session, actor, "agreement.accepted", "group", group.id, now=now)


def _lock_person(session: Session, actor: Actor) -> None:
    # Always before a group's lock: one person cannot take a seat in two groups at the same instant.
    session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))


def _refuse_second_seat(session: Session, actor: Actor, group: Group) -> None:
    if queries.seat_in_assignment(session, actor.id, group.assignment_id) is not None:
        raise RuleBroken("seat_already")


def _open_offer(session: Session, actor: Actor, group: Group) -> QueuePlace:
    place = queries.find_place(session, group.id, actor.id)
    if place is None or place.status != "offered":
        raise RuleBroken("no_offer")
    return place


def _seat(session: Session, actor: Actor, group: Group, now: datetime) -> Membership:
    """Let the actor sit down on a seat already counted, and leave the other lines of the assignment."""
    place_no = rules.lowest_free(queries.places_taken(session, group.id))
    membership = Membership(group_id=group.id, person_id=actor.id, place_no=place_no, joined_at=now)
    session.add(membership)
    session.flush()
    others = select(Group.id).where(Group.assignment_id == group.assignment_id, Group.id != group.id)
    session.execute(
        update(QueuePlace)
        .where(QueuePlace.person_id == actor.id, QueuePlace.status == "waiting", QueuePlace.group_id.in_(others))
        .values(status="withdrawn")
        .execution_options(synchronize_session=False)
    )
    record(session, actor, "seat.taken", "group", group.id, now=now)
    return membership


def _free(session: Session, actor: Actor, membership: Membership, group: Group, action: str, now: datetime) -> Offers:
    membership.left_at = now
    group.taken -= 1
    session.flush()
    record(session, actor, action, "group", group.id, now=now)
    return promote(session, group, now)


def _step_out_of_line(
    session: Session, actor: Actor, place: QueuePlace, group: Group, status: str, now: datetime
) -> Offers:
    held_seat = place.status == "offered"
    place.status, place.offer_until_at = status, None
    group.taken -= held_seat
    session.flush()
    record(session, actor, f"seat.{status}", "group", group.id, now=now)
    return promote(session, group, now) if held_seat else []
