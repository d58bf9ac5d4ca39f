"""Every SELECT about a group's line, its offers, and the merging that is offered by them."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from supervision.groups.models import Group, Membership, QueuePlace
from supervision.groups.queries import IN_LINE, OPEN_STATUS
from supervision.groups.rules.line import Line
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment

_other = aliased(Group)


@dataclass(frozen=True, slots=True)
class Standing:
    """A person's own place in a line: an offer with its deadline, or how many stand before them."""

    group: Group
    offer_until_at: datetime | None
    ahead: int

    @property
    def is_offer(self) -> bool:
        """Whether a seat is offered now."""
        return self.offer_until_at is not None


def get_offer(session: Session, actor: Actor, group_id: uuid.UUID) -> QueuePlace | None:
    """Return this actor's newest place in a group's line, whatever became of it, with the group."""
    return session.scalar(
        _places().where(QueuePlace.group_id == group_id, QueuePlace.person_id == actor.person_id).limit(1)
    )


def waiting_line(session: Session, group_id: uuid.UUID) -> Sequence[QueuePlace]:
    """Return offers and waiting places of a group with their names, first in line first."""
    return session.scalars(
        select(QueuePlace)
        .where(QueuePlace.group_id == group_id, QueuePlace.status.in_(IN_LINE))
        .options(joinedload(QueuePlace.person))
        .order_by(QueuePlace.number)
    ).all()


def read_line(session: Session, group: Group) -> Line:
    """Return a group's seats as the rules see them; ids of people. Two queries; the caller holds the lock."""
    members = session.scalars(
        select(Membership.person_id)
        .where(Membership.group_id == group.id, Membership.left_at.is_(None))
        .order_by(Membership.joined_at, Membership.place_no)
    )
    places = session.execute(
        select(QueuePlace.person_id, QueuePlace.offer_until_at)
        .where(QueuePlace.group_id == group.id, QueuePlace.status.in_(IN_LINE))
        .order_by(QueuePlace.number)
    ).all()
    return Line(
        group.seats,
        members=tuple(members),
        offers=tuple((person, until_at) for person, until_at in places if until_at is not None),
        waiting=tuple(person for person, until_at in places if until_at is None),
    )


def places_of(session: Session, group: Group, people: Collection[Any]) -> Sequence[QueuePlace]:
    """Return the present places in line of these people, with the people, first in line first."""
    return session.scalars(
        select(QueuePlace)
        .where(QueuePlace.group_id == group.id, QueuePlace.person_id.in_(people), QueuePlace.status.in_(IN_LINE))
        .options(joinedload(QueuePlace.person), joinedload(QueuePlace.group))
        .order_by(QueuePlace.number)
    ).all()


def waits_of(session: Session, group: Group) -> Sequence[QueuePlace]:
    """Return the places of those who wait without an offer, first in line first."""
    return session.scalars(
        select(QueuePlace)
        .where(QueuePlace.group_id == group.id, QueuePlace.status == "waiting")
        .order_by(QueuePlace.number)
    ).all()


def lock_groups(session: Session, group_id: uuid.UUID) -> Sequence[Mapping[str, Any]]:
    """Lock a group and those it is being merged with, in the order of ids, and return what then stands: one query."""
    seats = (Group.id, Group.taken, Group.seats, Group.status, Group.merging_into_id, Group.contact_id)
    found = select(*seats).where(_merging_with(group_id)).order_by(Group.id)
    return [dict(row) for row in session.execute(found.with_for_update(of=Group)).mappings()]


def is_merging(session: Session, group: Group) -> bool:
    """Return whether a group is asked to move into another, or another into it."""
    found = session.scalar(select(func.count()).select_from(Group).where(_merging_with(group.id)))
    return (found or 0) > 1


def _merging_with(group_id: uuid.UUID) -> ColumnElement[bool]:
    into = select(_other.merging_into_id).where(_other.id == group_id).scalar_subquery()
    return or_(Group.id == group_id, Group.merging_into_id == group_id, Group.id == into)


def source_of(session: Session, place: QueuePlace) -> Group | None:
    """Return the group an offer asks to move from, while that merge is open."""
    if place.from_group_id is None:
        return None
    source = session.get(Group, place.from_group_id)
    return source if source is not None and source.merging_into_id == place.group_id else None


def moving_place(session: Session, group: Group, person_id: uuid.UUID) -> QueuePlace | None:
    """Return a member's open offer to move out of a group that is being merged, with the other group."""
    if group.merging_into_id is None:
        return None
    return session.scalar(
        _places().where(
            QueuePlace.group_id == group.merging_into_id,
            QueuePlace.person_id == person_id,
            QueuePlace.from_group_id == group.id,
            QueuePlace.status == "offered",
        )
    )


def count_moving(session: Session, source_id: uuid.UUID, statuses: Collection[str]) -> int:
    """Return how many of those asked to move out of a group stand so."""
    found = select(func.count()).where(QueuePlace.from_group_id == source_id, QueuePlace.status.in_(statuses))
    return session.scalar(found) or 0


def expired_offers(session: Session, group_id: uuid.UUID, now: datetime) -> Sequence[QueuePlace]:
    """Return a group's offers whose deadline has come."""
    return session.scalars(
        select(QueuePlace).where(
            QueuePlace.group_id == group_id, QueuePlace.status == "offered", QueuePlace.offer_until_at <= now
        )
    ).all()


def groups_to_sweep(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return the groups with an expired offer, and forming groups with a free seat while someone waits."""
    expired = exists().where(
        QueuePlace.group_id == Group.id, QueuePlace.status == "offered", QueuePlace.offer_until_at <= now
    )
    waiting = exists().where(QueuePlace.group_id == Group.id, QueuePlace.status == "waiting")
    free = (Group.status == "forming") & (Group.taken < Group.seats) & waiting
    return session.scalars(select(Group.id).where(or_(expired, free)).order_by(Group.id)).all()


def last_number(session: Session, group_id: uuid.UUID) -> int:
    """Return the number of the place that came last into a group's line, 0 for none."""
    return session.scalar(select(func.max(QueuePlace.number)).where(QueuePlace.group_id == group_id)) or 0


def find_place(session: Session, group_id: uuid.UUID, person_id: uuid.UUID) -> QueuePlace | None:
    """Return someone's present place in a line: waiting or offered."""
    return session.scalar(
        select(QueuePlace).where(
            QueuePlace.group_id == group_id, QueuePlace.person_id == person_id, QueuePlace.status.in_(IN_LINE)
        )
    )


def standing_of(session: Session, actor: Actor) -> Sequence[Standing]:
    """Return the actor's own offers and places in line, offers first: one query."""
    rows = session.execute(_standing(), {"person_id": actor.person_id}).all()
    return [Standing(place.group, place.offer_until_at, count) for place, count in rows]


@cache
def _standing() -> Select[tuple[QueuePlace, int]]:
    before = aliased(QueuePlace)
    ahead = (
        select(func.count())
        .where(before.group_id == QueuePlace.group_id, before.status.in_(IN_LINE), before.number < QueuePlace.number)
        .scalar_subquery()
    )
    return (
        _places()
        .add_columns(ahead)
        .where(QueuePlace.person_id == bindparam("person_id"), QueuePlace.status.in_(IN_LINE))
        .order_by(None)
        .order_by(QueuePlace.status, QueuePlace.queued_at)
    )


def merge_targets(session: Session, group: Group) -> Sequence[Group]:
    """Return the groups of the same assignment that can take another in: open, and not being merged themselves."""
    return session.scalars(
        select(Group)
        .where(
            Group.assignment_id == group.assignment_id,
            Group.id != group.id,
            Group.status.in_(OPEN_STATUS),
            Group.merging_into_id.is_(None),
            ~exists().where(_other.merging_into_id == Group.id),
        )
        .order_by(Group.name)
    ).all()


def moves_of(session: Session, group: Group) -> Mapping[str, int]:
    """Return how many asked to move out of a group stand as offered, accepted, declined, expired or withdrawn."""
    rows = session.execute(
        select(QueuePlace.status, func.count()).where(QueuePlace.from_group_id == group.id).group_by(QueuePlace.status)
    )
    return dict(rows.tuples().all())


def _places() -> Select[tuple[QueuePlace]]:
    return (
        select(QueuePlace)
        .options(
            joinedload(QueuePlace.group)
            .joinedload(Group.assignment)
            .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
        )
        .order_by(QueuePlace.number.desc())
    )
