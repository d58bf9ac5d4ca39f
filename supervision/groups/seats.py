"""What people do with seats and the waiting line.

Whatever changes a count of seats holds the group's lock until the transaction ends, reads the group's `Line`, takes a
step of `rules.line` and writes what has changed. A service that frees a seat returns the offers it made; the caller
writes the letters (`groups.mails.post_offers`), in the same transaction. Lock order: the person, then groups by id.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups import line_queries, queries, rules, sign_up_queries
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.groups.rules import line as lines
from supervision.groups.rules.line import Line
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.people.models import Person
from supervision.people.services import end_all_sessions

Offers = Sequence[QueuePlace]


def lock_seats(session: Session, group: Group) -> None:
    """Read the group's seats anew and let nobody else change them, or those of a group it merges with, until the end.

    On PostgreSQL row locks, in the order of ids; on SQLite the writing transaction itself is the only one
    (store.database.prepare).
    """
    session.flush()
    for row in line_queries.lock_groups(session, group.id):
        one = session.get(Group, row["id"])
        for name, value in row.items():
            set_committed_value(one, name, value)


def take_or_queue(session: Session, actor: Actor, group: Group, now: datetime) -> Membership | QueuePlace:
    """Give the actor a seat, or the last place in line when the group is full, running, or others wait already.

    A group is closed once it runs; then its supervisor refills it from the line (PRODUCT: sign-up). Raises
    `seat_already` (one seat per assignment), `already_in_line`, `group_closed`, `own_manager`.
    """
    _lock_person(session, actor)
    lock_seats(session, group)
    if group.status not in queries.OPEN_STATUS or group.merging_into_id is not None:
        raise RuleBroken("group_closed")
    refuse_managers(session, actor, group)
    _refuse_second_seat(session, actor, group)
    line = line_queries.read_line(session, group)
    takes = rules.takes_sign_ups(rules.GroupStatus(group.status))
    after = lines.sign_up(line, actor.id, gets_seat=takes)
    group.taken = after.taken
    if actor.id in after.members:
        return _seat(session, actor, group, now)
    number = line_queries.last_number(session, group.id) + 1
    place = QueuePlace(group_id=group.id, person_id=actor.id, number=number, queued_at=now)
    session.add(place)
    session.flush()
    record(session, actor, Action.SEAT_QUEUED, ObjectKind.GROUP, group.id, now=now)
    return place


def leave(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Step out of a group, of an offer or of the line; a freed seat is offered on. Tells nobody; asks no reason.

    Raises `no_seat` when there is nothing to step out of.
    """
    lock_seats(session, group)
    membership = queries.find_member(session, group.id, actor.id)
    if membership is not None:
        return _free(session, actor, membership, group, Action.SEAT_LEFT, now)
    place = line_queries.find_place(session, group.id, actor.id)
    if place is None:
        raise RuleBroken("no_seat")
    return step_out_of_line(session, actor, place, group, "withdrawn", now)


def remove_member(session: Session, actor: Actor, membership: Membership, group: Group, now: datetime) -> Offers:
    """End another person's membership; their sessions end with it. Raises `no_seat` when they have left already."""
    lock_seats(session, group)
    found = queries.find_member(session, group.id, membership.person_id)
    if found is None:
        raise RuleBroken("no_seat")
    end_all_sessions(session, found.person_id)
    return _free(session, actor, found, group, Action.SEAT_REMOVED, now)


def change_seats(session: Session, actor: Actor, group: Group, seats: int, now: datetime) -> Offers:
    """Give a group more or fewer seats; new seats are offered on. Raises `seats_out_of_range`, `seats_taken`."""
    lock_seats(session, group)
    group.seats = lines.resize(line_queries.read_line(session, group), seats).seats
    session.flush()
    record(session, actor, Action.GROUP_SEATS_CHANGED, ObjectKind.GROUP, group.id, now=now)
    return promote(session, group, now)


def refill(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Offer a running group's free seats to the first in line, as only its supervisor may."""
    lock_seats(session, group)
    record(session, actor, Action.GROUP_REFILLED, ObjectKind.GROUP, group.id, now=now)
    return promote(session, group, now)


def promote(session: Session, group: Group, now: datetime) -> Offers:
    """Offer every free seat to the first in line, with a deadline, and return the offers with their people.

    The caller holds the lock. Nothing is offered when no time is left to answer before the next meeting, nor by a group
    that ends or is asked to merge.
    """
    if group.status not in queries.OPEN_STATUS or group.merging_into_id is not None:
        return []
    before = line_queries.read_line(session, group)
    after = lines.promote(before, now, queries.next_meeting_at(session, group.id, now))
    made = dict(after.offers[len(before.offers) :])
    if not made:
        return []
    places = line_queries.places_of(session, group, [*made])
    for place in places:
        place.status, place.offer_until_at = "offered", made[place.person_id]
    group.taken = after.taken
    session.flush()
    return places


def accept_offer(session: Session, actor: Actor, group: Group, now: datetime) -> tuple[Membership, Offers]:
    """Turn the actor's offer into a seat; who was asked to move gives up the old one.

    Returns the seat and the offers that a merge, now complete, has led to. Raises `no_offer`, `offer_expired`,
    `seat_already`, `own_manager`.
    """
    _lock_person(session, actor)
    lock_seats(session, group)
    line = lines.accept(line_queries.read_line(session, group), actor.id, now)
    place = _open_offer(session, actor, group)
    refuse_managers(session, actor, group)
    source = line_queries.source_of(session, place)
    _refuse_second_seat(session, actor, group, but=source)
    place.status, place.offer_until_at = "accepted", None
    if source is not None:
        _give_up(session, source, actor, now)
    _bring_sign_up(session, actor, group)
    group.taken = line.taken
    seat = _seat(session, actor, group, now)
    return seat, settle(session, source, now)


def decline_offer(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Say no to an offer; the next in line is asked. Raises `no_offer`."""
    lock_seats(session, group)
    return step_out_of_line(session, actor, _open_offer(session, actor, group), group, "declined", now)


def let_offers_expire(session: Session, group: Group, now: datetime) -> Offers:
    """End the offers whose deadline has come and ask the next in line."""
    lock_seats(session, group)
    after = lines.expire(line_queries.read_line(session, group), now)
    sources = []
    for place in line_queries.expired_offers(session, group.id, now):
        sources.append(line_queries.source_of(session, place))
        place.status, place.offer_until_at = "expired", None
    group.taken = after.taken
    session.flush()
    offers = [*promote(session, group, now)]
    for source in {one.id: one for one in sources if one is not None}.values():
        offers += settle(session, source, now)
    return offers


def step_out_of_line(
    session: Session, actor: Actor, place: QueuePlace, group: Group, status: str, now: datetime
) -> Offers:
    """End a place in line as `declined` or `withdrawn`, under the group's lock; a seat it held is offered on."""
    source = line_queries.source_of(session, place) if place.status == "offered" else None
    after = lines.step_out(line_queries.read_line(session, group), place.person_id)
    place.status, place.offer_until_at = status, None
    group.taken = after.taken
    session.flush()
    record(session, actor, Action(f"seat.{status}"), ObjectKind.GROUP, group.id, now=now)
    return [*promote(session, group, now), *settle(session, source, now)]


def settle(session: Session, source: Group | None, now: datetime) -> Offers:
    """End a merge once everyone has answered, under the lock of both groups; returns the offers this leads to.

    Nobody moved: the old group goes on as it was. Otherwise it ends, and those who wait for it go on waiting for the
    other one, in the order they began to (PRODUCT: sign-up, merge).
    """
    if source is None or source.merging_into_id is None:
        return []
    if line_queries.count_moving(session, source.id, ["offered"]):
        return []
    target = queries.find_group(session, source.merging_into_id)
    source.merging_into_id = None
    session.flush()
    stays = line_queries.read_line(session, source).members
    if target is None or (stays and not line_queries.count_moving(session, source.id, ["accepted"])):
        return promote(session, source, now)
    _move_line(session, source, target)
    end_seats(session, source, now)
    return promote(session, target, now)


def end_seats(session: Session, group: Group, now: datetime) -> None:
    """End a group and every seat in it, under its lock; the jobs process cancels the dates left and tells everyone."""
    group.status, group.ended_at, group.taken, group.contact_id = "ended", now, 0, None
    session.execute(
        update(Membership).where(Membership.group_id == group.id, Membership.left_at.is_(None)).values(left_at=now)
    )
    session.flush()


def empty_line(session: Session, group: Group) -> Offers:
    """End every place in a group's line, offers too, and return them with their people, to be told."""
    places = line_queries.waiting_line(session, group.id)
    for place in places:
        group.taken -= place.status == "offered"
        place.status, place.offer_until_at = "withdrawn", None
    session.flush()
    return places


def refuse_managers(session: Session, actor: Actor, group: Group) -> None:
    """Refuse a seat to a manager of the organisation: nobody is in a group that their own manager is in.

    Code: `own_manager` (PRODUCT: the people).
    """
    if sign_up_queries.is_manager_there(session, actor.id, group.assignment_id):
        raise RuleBroken("own_manager")


def _move_line(session: Session, source: Group, target: Group) -> None:
    ours, theirs = line_queries.waits_of(session, target), line_queries.waits_of(session, source)
    seated = line_queries.read_line(session, target)
    there = [*seated.members, *(person for person, _ in seated.offers)]
    number = line_queries.last_number(session, target.id)
    rows = {place.person_id: place for place in (*theirs, *ours)}
    for place in theirs:  # who stands in both lines keeps one place
        if rows[place.person_id] is not place or place.person_id in there:
            place.status = "withdrawn"
    session.flush()
    joined = lines.join_lines(
        [(one.person_id, one.queued_at) for one in ours], [(one.person_id, one.queued_at) for one in theirs], there
    )
    for shift, person_id in enumerate(joined, start=1):
        place = rows[person_id]  # type: ignore[index]
        place.group_id, place.number = target.id, number + shift
    session.flush()


def _lock_person(session: Session, actor: Actor) -> None:
    # Always before a group's lock: one person cannot take a seat in two groups at the same instant.
    session.execute(select(Person.id).where(Person.id == actor.id).with_for_update(key_share=True))


def _refuse_second_seat(session: Session, actor: Actor, group: Group, but: Group | None = None) -> None:
    found = queries.seat_in_assignment(session, actor.id, group.assignment_id)
    if found is not None and (but is None or found != but.id):
        raise RuleBroken("seat_already")


def _open_offer(session: Session, actor: Actor, group: Group) -> QueuePlace:
    place = line_queries.find_place(session, group.id, actor.id)
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
    record(session, actor, Action.SEAT_TAKEN, ObjectKind.GROUP, group.id, now=now)
    return membership


def _bring_sign_up(session: Session, actor: Actor, group: Group) -> None:
    """Let what someone told follow them to the assignment of their seat, when they signed up for another one there.

    A planner may form groups for all supervisors of an organisation. Waiting lines of the old assignment end with it.
    """
    told = sign_up_queries.sign_up_elsewhere(session, actor.id, group.assignment_id)
    if told is None:
        return
    old, told.assignment_id = told.assignment_id, group.assignment_id
    session.execute(
        update(QueuePlace)
        .where(
            QueuePlace.person_id == actor.id,
            QueuePlace.status == "waiting",
            QueuePlace.group_id.in_(select(Group.id).where(Group.assignment_id == old)),
        )
        .values(status="withdrawn")
        .execution_options(synchronize_session=False)
    )


def _give_up(session: Session, source: Group, actor: Actor, now: datetime) -> None:
    """End the old seat of someone who moves; nobody is asked for it, since the group is being merged."""
    membership = queries.find_member(session, source.id, actor.id)
    if membership is not None:
        membership.left_at = now
        source.taken -= 1
        session.flush()


def _free(
    session: Session, actor: Actor, membership: Membership, group: Group, action: Action, now: datetime
) -> Offers:
    after: Line = lines.step_out(line_queries.read_line(session, group), membership.person_id)
    membership.left_at = now
    group.taken = after.taken
    if group.contact_id == membership.person_id:
        group.contact_id = None
    session.flush()
    record(session, actor, action, ObjectKind.GROUP, group.id, now=now)
    offers = [*promote(session, group, now)]
    moving = line_queries.moving_place(session, group, membership.person_id)
    if moving is not None:
        offers += step_out_of_line(session, actor, moving, moving.group, "withdrawn", now)
    elif group.merging_into_id is not None:
        offers += settle(session, group, now)
    return offers
