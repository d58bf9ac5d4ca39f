"""Every SELECT about groups, seats and the agreement; those about lines and sign-ups are beside this."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, String, bindparam, column, exists, func, literal_column, or_, select, table
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.groups.models import Agreement, AgreementAcceptance, Group, Membership, QueuePlace, SignUp
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.store.base import UtcDateTime

IN_LINE = ("waiting", "offered")
OPEN_STATUS = ("forming", "running")
# Meetings are a feature above this one; only the instant of the next one is read, by the table's name.
_meeting = table(
    "meeting", column("group_id", Group.id.type), column("starts_at", UtcDateTime()), column("status", String())
)


def relations() -> list[Select[tuple[str, uuid.UUID]]]:
    """Return the SELECT of the groups in which a person has a seat now."""
    return [
        select(literal_column("'member_of'", String()), Membership.group_id).where(
            Membership.person_id == bindparam("person_id", type_=Membership.person_id.type),
            Membership.left_at.is_(None),
        )
    ]


def get_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group this actor may know of, with its assignment, organisation and supervisor.

    Members and the supervisor; managers and coordinators of its organisation know its name and size.
    """
    return session.scalar(visible_groups(actor).where(Group.id == group_id))


def visible_groups(actor: Actor) -> Select[tuple[Group]]:
    """Return the SELECT of all groups an actor may know of."""
    return _with_assignment().where(
        or_(
            Group.id.in_(actor.member_of),
            Assignment.supervisor_id == actor.person_id,
            Assignment.organisation_id.in_(actor.manages | actor.coordinates),
        )
    )


def get_own_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group whose inside this actor knows: a member or the supervisor (PRIVACY: who may do what, roster)."""
    return session.scalar(
        _with_assignment().where(
            Group.id == group_id,
            or_(Group.id.in_(actor.member_of), Assignment.supervisor_id == actor.person_id),
        )
    )


def get_joined_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group in which this actor has a seat, an offer or a place in line."""
    in_line = exists().where(
        QueuePlace.group_id == Group.id, QueuePlace.person_id == actor.person_id, QueuePlace.status.in_(IN_LINE)
    )
    return session.scalar(_with_assignment().where(Group.id == group_id, or_(Group.id.in_(actor.member_of), in_line)))


def get_member(session: Session, actor: Actor, group_id: uuid.UUID, person_id: uuid.UUID) -> Membership | None:
    """Return a member's seat in a group whose inside this actor knows, with the person and the group."""
    group = get_own_group(session, actor, group_id)
    if group is None:
        return None
    return session.scalar(
        _current_members(group_id).where(Membership.person_id == person_id).options(joinedload(Membership.group))
    )


def get_joined_assignment(session: Session, actor: Actor, token: str) -> Assignment | None:
    """Return the assignment of a join link if this actor has signed up for it."""
    signed_up = exists().where(
        SignUp.assignment_id == Assignment.id,
        SignUp.person_id == actor.person_id,
        SignUp.withdrawn_at.is_(None),
    )
    return session.scalar(
        select(Assignment)
        .where(Assignment.join_token == token, signed_up)
        .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
    )


def members_of(session: Session, group_id: uuid.UUID) -> Sequence[Membership]:
    """Return the members of a group with their names, in the order of their places."""
    return session.scalars(_current_members(group_id)).all()


def names_in_assignment(session: Session, assignment: Assignment) -> frozenset[str]:
    """Return the names of an assignment's supervisor and of everyone who has or had a seat in its groups."""
    seated = select(Membership.person_id).join(Group).where(Group.assignment_id == assignment.id)
    of = or_(Person.id == assignment.supervisor_id, Person.id.in_(seated))
    return frozenset(session.scalars(select(Person.name).where(of)))


def find_member(session: Session, group_id: uuid.UUID, person_id: uuid.UUID) -> Membership | None:
    """Return someone's seat in a group now."""
    return session.scalar(
        select(Membership).where(
            Membership.group_id == group_id, Membership.person_id == person_id, Membership.left_at.is_(None)
        )
    )


def places_taken(session: Session, group_id: uuid.UUID) -> Collection[int]:
    """Return the numbers of the places at the table where someone sits."""
    return session.scalars(
        select(Membership.place_no).where(Membership.group_id == group_id, Membership.left_at.is_(None))
    ).all()


def groups_of_assignment(session: Session, assignment_id: uuid.UUID, *, is_open: bool = False) -> Sequence[Group]:
    """Return an assignment's groups by name; with `is_open` only those one can sign up for."""
    found = _with_assignment().where(Group.assignment_id == assignment_id).order_by(Group.name)
    return session.scalars(found.where(Group.status.in_(OPEN_STATUS)) if is_open else found).all()


def my_groups(session: Session, actor: Actor) -> Sequence[Group]:
    """Return the groups in which the actor has a seat, with assignment, organisation and supervisor."""
    return session.scalars(_with_assignment().where(Group.id.in_(actor.member_of)).order_by(Group.name)).all()


def seat_in_assignment(session: Session, person_id: uuid.UUID, assignment_id: uuid.UUID) -> uuid.UUID | None:
    """Return the group of an assignment in which someone has a seat now."""
    return session.scalar(
        select(Membership.group_id)
        .join(Group, Group.id == Membership.group_id)
        .where(Membership.person_id == person_id, Membership.left_at.is_(None), Group.assignment_id == assignment_id)
        .limit(1)
    )


def find_group(session: Session, group_id: uuid.UUID, *, lock: bool = False) -> Group | None:
    """Return a group for a job, with its assignment; with `lock` nobody else changes it until the end."""
    found = _with_assignment().where(Group.id == group_id)
    return session.scalar(found.with_for_update(of=Group) if lock else found)


def ended_untold(session: Session) -> Sequence[uuid.UUID]:
    """Return the groups that have ended and whose members have not been told yet."""
    return session.scalars(
        select(Group.id).where(Group.ended_at.is_not(None), Group.ended_told_at.is_(None)).order_by(Group.id)
    ).all()


def last_members(session: Session, group: Group) -> Sequence[Person]:
    """Return those who had a seat when a group ended."""
    return session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(Membership.group_id == group.id, Membership.left_at == group.ended_at)
        .order_by(Person.id)
    ).all()


def next_meeting_at(session: Session, group_id: uuid.UUID, now: datetime) -> datetime | None:
    """Return when a group meets next, or None when no date stands."""
    found: datetime | None = session.scalar(
        select(func.min(_meeting.c.starts_at, type_=UtcDateTime())).where(
            _meeting.c.group_id == group_id, _meeting.c.starts_at > now, _meeting.c.status == "planned"
        )
    )
    return found


def held_counts(session: Session, group_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return group id -> how many of its meetings have been held: one query."""
    return dict(session.execute(_held_counts(), {"groups": list(group_ids)}).tuples().all())


@cache
def _held_counts() -> Select[tuple[uuid.UUID, int]]:
    return (
        select(_meeting.c.group_id, func.count())
        .where(_meeting.c.group_id.in_(bindparam("groups", expanding=True)), _meeting.c.status == "held")
        .group_by(_meeting.c.group_id)
    )


def newest_agreement(session: Session, group_id: uuid.UUID) -> Agreement | None:
    """Return the version of a group's agreement that counts."""
    return session.scalar(
        select(Agreement).where(Agreement.group_id == group_id).order_by(Agreement.version.desc()).limit(1)
    )


def acceptances(session: Session, agreement: Agreement | None) -> frozenset[uuid.UUID]:
    """Return who has accepted a version."""
    if agreement is None:
        return frozenset()
    found = select(AgreementAcceptance.person_id).where(AgreementAcceptance.agreement_id == agreement.id)
    return frozenset(session.scalars(found))


def _with_assignment() -> Select[tuple[Group]]:
    return (
        select(Group)
        .join(Group.assignment)
        .options(
            contains_eager(Group.assignment).options(
                joinedload(Assignment.organisation), joinedload(Assignment.supervisor)
            )
        )
    )


def _current_members(group_id: uuid.UUID) -> Select[tuple[Membership]]:
    return (
        select(Membership)
        .where(Membership.group_id == group_id, Membership.left_at.is_(None))
        .options(joinedload(Membership.person))
        .order_by(Membership.place_no, Membership.joined_at)
    )
