"""Every SELECT about forgetting: who has no tie left, what holds someone back, where a person's id can stand."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, CompoundSelect, Table, exists, func, or_, select, union
from sqlalchemy.orm import Session, aliased

from supervision.cover.models import CoverRequest
from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.people.models import Invitation, LoginSession, Person
from supervision.privacy.rules import Duties, before
from supervision.store.base import Base

STANDS = ("waiting", "offered")


def columns_of_person() -> Sequence[tuple[Table, "Column[uuid.UUID]"]]:
    """Return every column that names a person, with its table."""
    return [
        (table, column)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table.name == "person" for key in column.foreign_keys)
    ]


def places_and_seats(session: Session, person_id: uuid.UUID) -> Collection[uuid.UUID]:
    """Return the groups in which someone has a seat, an offer or a place in line now."""
    seats = session.scalars(
        select(Membership.group_id).where(Membership.person_id == person_id, Membership.left_at.is_(None))
    )
    places = session.scalars(
        select(QueuePlace.group_id).where(QueuePlace.person_id == person_id, QueuePlace.status.in_(STANDS))
    )
    return {*seats, *places}


def duties_of(session: Session, person_id: uuid.UUID) -> Duties:
    """Return what others need someone for: groups they supervise, organisations no one else coordinates."""
    running = (
        select(func.count())
        .select_from(Group)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(Group.status != "ended")
    )
    other = aliased(RoleHolding)
    alone = (
        select(Organisation.name)
        .join(RoleHolding, RoleHolding.organisation_id == Organisation.id)
        .where(
            RoleHolding.person_id == person_id,
            RoleHolding.role == "coordinator",
            ~exists().where(
                other.organisation_id == Organisation.id, other.role == "coordinator", other.person_id != person_id
            ),
            exists().where(
                Assignment.organisation_id == Organisation.id,
                Group.assignment_id == Assignment.id,
                Group.status != "ended",
            ),
        )
        .order_by(Organisation.name)
    )
    return Duties(
        groups_not_ended=session.scalar(running.where(Assignment.supervisor_id == person_id)) or 0,
        organisations_without_coordinator=tuple(session.scalars(alone)),
    )


def organisations_of(session: Session, person_id: uuid.UUID) -> Collection[uuid.UUID]:
    """Return the organisations someone has or had to do with, as far as it is still kept: one query."""
    return set(session.scalars(union(*(select(place).where(who == person_id) for who, place in _each_tie()))))


def addresses_in(organisation_ids: Collection[uuid.UUID]) -> CompoundSelect[tuple[str]]:
    """Return a SELECT of the addresses of everyone who has or had to do with organisations."""
    return union(
        *(
            select(Person.email).where(Person.id.in_(select(who).where(place.in_(organisation_ids))))
            for who, place in _each_tie()
        )
    )


def _each_tie() -> Sequence[tuple[ColumnElement[uuid.UUID], ColumnElement[uuid.UUID]]]:
    """Return pairs of columns: who, and the id of an organisation they have or had to do with."""
    pairs: list[tuple[Any, Any]] = [
        (RoleHolding.person_id, RoleHolding.organisation_id),
        (Assignment.supervisor_id, Assignment.organisation_id),
        (CoverRequest.person_id, CoverRequest.organisation_id),
        (SignUp.person_id, _of_assignment(SignUp.assignment_id)),
        (Membership.person_id, _of_group(Membership.group_id)),
        (QueuePlace.person_id, _of_group(QueuePlace.group_id)),
    ]
    return pairs


def _of_assignment(assignment_id: Any) -> Any:  # noqa: ANN401 - a column of a feature's table
    return select(Assignment.organisation_id).where(Assignment.id == assignment_id).scalar_subquery()


def _of_group(group_id: Any) -> Any:  # noqa: ANN401 - as above
    of_group = select(Assignment.organisation_id).join(Group, Group.assignment_id == Assignment.id)
    return of_group.where(Group.id == group_id).scalar_subquery()


def has_assignments(session: Session, person_id: uuid.UUID) -> bool:
    """Return whether assignments name someone as their supervisor."""
    return session.scalar(select(Assignment.id).where(Assignment.supervisor_id == person_id).limit(1)) is not None


def find_person(session: Session, person_id: uuid.UUID) -> Person | None:
    """Return a person for a job, locked until the transaction ends."""
    return session.scalar(select(Person).where(Person.id == person_id).with_for_update())


def without_ties(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return those who have no seat, sign-up, place in line, role or session any more, and came over 12 months ago.

    Each of these stays for 12 months after it ended, so nobody is forgotten sooner.
    """
    ties = [
        exists().where(column == Person.id)
        for column in (
            Membership.person_id,
            SignUp.person_id,
            QueuePlace.person_id,
            RoleHolding.person_id,
            LoginSession.person_id,
            Invitation.person_id,
            Assignment.supervisor_id,
        )
    ]
    return session.scalars(
        select(Person.id)
        .where(
            Person.created_at < before("person", now),
            Person.is_supervisor.is_(False),
            Person.is_operator.is_(False),
            ~or_(*ties),
        )
        .order_by(Person.id)
    ).all()
