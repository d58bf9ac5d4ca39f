"""The life of a group: it forms, runs, looks back after three meetings, closes, ends, or is merged with another.

Lock order and letters as in `groups.seats`.
"""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups import line_queries, queries, rules
from supervision.groups.models import Group, QueuePlace
from supervision.groups.rules import line as lines
from supervision.groups.seats import Offers, empty_line, end_seats, lock_seats, settle
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken


def start_group(session: Session, actor: Actor, group: Group, now: datetime) -> None:
    """Close a forming group to sign-ups and let it run, also with fewer than five. Raises `group_status`."""
    _go(session, group, "run")
    session.flush()
    record(session, actor, Action.GROUP_STARTED, ObjectKind.GROUP, group.id, now=now)


def close_group(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """Let a running group come to its end: it takes nobody new, the dates that stand are held.

    Returns the places in line that end with it, to be told. Raises `group_status`.
    """
    _go(session, group, "close")
    record(session, actor, Action.GROUP_CLOSING, ObjectKind.GROUP, group.id, now=now)
    return empty_line(session, group)


def resume_group(session: Session, actor: Actor, group: Group, now: datetime) -> None:
    """Let a closing group run on. Raises `group_status`."""
    _go(session, group, "resume")
    session.flush()
    record(session, actor, Action.GROUP_RESUMED, ObjectKind.GROUP, group.id, now=now)


def end_group(session: Session, actor: Actor, group: Group, now: datetime) -> Offers:
    """End a group and its seats; the jobs process cancels the dates left and tells the members.

    Returns the places in line that end with it, to be told. Raises `group_status`.
    """
    _go(session, group, "end")
    told = empty_line(session, group)
    end_seats(session, group, now)
    record(session, actor, Action.GROUP_ENDED, ObjectKind.GROUP, group.id, now=now)
    return told


def merge_group(session: Session, actor: Actor, group: Group, into: Group, now: datetime) -> Offers:
    """Ask every member of a group to move to another of the same assignment; returns the offers, to be written about.

    Moving is voluntary: each has 72 hours, and until all have answered the group stays as it is, closed to others. Then
    it ends, unless nobody moved. Raises `merge_not_here`, `merge_seats`, `merge_too_near`, `group_status`.
    """
    for one in sorted((group, into), key=lambda one: one.id):
        lock_seats(session, one)
    if group.id == into.id or group.assignment_id != into.assignment_id:
        raise RuleBroken("merge_not_here", "into")
    if any(one.status not in queries.OPEN_STATUS for one in (group, into)):
        raise RuleBroken("group_status")
    if any(line_queries.is_merging(session, one) for one in (group, into)):
        raise RuleBroken("merge_not_here", "into")
    source, target = lines.ask_to_move(
        line_queries.read_line(session, group),
        line_queries.read_line(session, into),
        now,
        queries.next_meeting_at(session, into.id, now),
    )
    _let_wait(session, group)
    group.merging_into_id, group.taken, into.taken = into.id, source.taken, target.taken
    _offer_moves(session, group, into, dict(target.offers), source.members, now)
    record(session, actor, Action.GROUP_MERGING, ObjectKind.GROUP, group.id, now=now)
    asked = [*line_queries.places_of(session, into, [*source.members])]
    return [*asked, *settle(session, group, now)]


def choose_contact(session: Session, actor: Actor, group: Group, person_id: uuid.UUID, now: datetime) -> None:
    """Note whom the group has chosen as its contact person: one of its members. Raises `contact_not_member`."""
    lock_seats(session, group)
    if queries.find_member(session, group.id, person_id) is None:
        raise RuleBroken("contact_not_member", "person_id")
    group.contact_id = person_id
    record(session, actor, Action.GROUP_CONTACT_CHOSEN, ObjectKind.GROUP, group.id, now=now)


def step_down(session: Session, actor: Actor, group: Group, now: datetime) -> None:
    """Let the contact person step down, or the supervisor note that there is none; no reason is asked."""
    lock_seats(session, group)
    group.contact_id = None
    record(session, actor, Action.GROUP_CONTACT_GONE, ObjectKind.GROUP, group.id, now=now)


def note_review(session: Session, actor: Actor, group: Group, held: int, now: datetime) -> None:
    """Note that the group has looked back on its start phase; nothing of what was said. Raises `review_not_due`."""
    if not rules.is_review_due(rules.GroupStatus(group.status), held, is_done=group.reviewed_at is not None):
        raise RuleBroken("review_not_due")
    group.reviewed_at = now
    record(session, actor, Action.GROUP_REVIEWED, ObjectKind.GROUP, group.id, now=now)


def _go(session: Session, group: Group, action: rules.Action) -> None:
    lock_seats(session, group)
    if line_queries.is_merging(session, group):
        raise RuleBroken("group_merging")
    group.status = rules.next_status(rules.GroupStatus(group.status), action)


def _let_wait(session: Session, group: Group) -> None:
    """Turn the open offers of a group into waiting again."""
    for place in line_queries.waiting_line(session, group.id):
        place.status, place.offer_until_at = "waiting", None
    session.flush()


def _offer_moves(
    session: Session,
    group: Group,
    into: Group,
    offers: dict[lines.Who, datetime],
    members: tuple[lines.Who, ...],
    now: datetime,
) -> None:
    number = line_queries.last_number(session, into.id)
    known = {place.person_id: place for place in line_queries.places_of(session, into, [*members])}
    for shift, person_id in enumerate(members, start=1):
        place = known.get(person_id)  # type: ignore[call-overload]
        if place is None:
            place = QueuePlace(group_id=into.id, person_id=person_id, number=number + shift, queued_at=now)
            session.add(place)
        place.status, place.offer_until_at, place.from_group_id = "offered", offers[person_id], group.id
    session.flush()
