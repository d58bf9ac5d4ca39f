"""Every SELECT about what people told when they signed up."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, joinedload

from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.groups.policy import may_see_sign_ups
from supervision.groups.queries import IN_LINE
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment, RoleHolding
from supervision.people.models import Person


def get_assignment_to_plan(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment | None:
    """Return an assignment to whoever sees its sign-ups; for a manager there is no such list (PRIVACY: person)."""
    assignment = orgs.get_assignment(session, actor, assignment_id)
    return assignment if assignment is not None and may_see_sign_ups(actor, assignment) else None


def find_sign_up(session: Session, assignment_id: uuid.UUID, person_id: uuid.UUID) -> SignUp | None:
    """Return what someone told when signing up."""
    return session.scalar(select(SignUp).where(SignUp.assignment_id == assignment_id, SignUp.person_id == person_id))


def get_own_sign_up(session: Session, actor: Actor, assignment_id: uuid.UUID) -> SignUp | None:
    """Return the actor's own sign-up for an assignment, unless it is withdrawn, with what its page names."""
    return session.scalar(_own_sign_ups(actor).where(SignUp.assignment_id == assignment_id))


def own_sign_ups(session: Session, actor: Actor) -> Sequence[SignUp]:
    """Return the actor's sign-ups, newest first, with assignment, organisation and supervisor: one query."""
    return session.scalars(_own_sign_ups(actor).order_by(SignUp.created_at.desc())).all()


def sign_up_elsewhere(session: Session, person_id: uuid.UUID, assignment_id: uuid.UUID) -> SignUp | None:
    """Return the oldest open sign-up for another assignment of the organisation, where they have no seat.

    None when they have signed up, or once had, for this one.
    """
    if find_sign_up(session, assignment_id, person_id) is not None:
        return None
    here = select(Assignment.organisation_id).where(Assignment.id == assignment_id).scalar_subquery()
    seated = exists().where(
        Membership.person_id == person_id,
        Membership.left_at.is_(None),
        Membership.group_id == Group.id,
        Group.assignment_id == SignUp.assignment_id,
    )
    return session.scalar(
        select(SignUp)
        .join(Assignment, Assignment.id == SignUp.assignment_id)
        .where(
            SignUp.person_id == person_id,
            SignUp.withdrawn_at.is_(None),
            Assignment.organisation_id == here,
            ~seated,
        )
        .order_by(SignUp.created_at)
        .limit(1)
    )


def is_manager_there(session: Session, person_id: uuid.UUID, assignment_id: uuid.UUID) -> bool:
    """Return whether someone is a manager of the organisation of an assignment, also before choosing a password."""
    found = (
        select(RoleHolding.id)
        .join(Assignment, Assignment.organisation_id == RoleHolding.organisation_id)
        .where(Assignment.id == assignment_id, RoleHolding.person_id == person_id, RoleHolding.role == "manager")
    )
    return session.scalar(found) is not None


def lines_of(session: Session, person_id: uuid.UUID, assignment_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the groups of an assignment in whose line someone stands."""
    return session.scalars(
        select(QueuePlace.group_id)
        .join(Group, Group.id == QueuePlace.group_id)
        .where(
            QueuePlace.person_id == person_id,
            QueuePlace.status.in_(IN_LINE),
            Group.assignment_id == assignment_id,
        )
    ).all()


@dataclass(frozen=True, slots=True)
class Applicant:
    """One line of the sign-up list: who, when they can, and where they stand; never `not_with`, never an address."""

    person_id: uuid.UUID
    name: str
    unit: str
    experience: str
    slots: Sequence[str]
    needs: Sequence[str]
    seat_in: str | None
    line_of: str | None

    @property
    def state(self) -> str:
        """`seat`, `line` or `waits` (for a group)."""
        return "seat" if self.seat_in else "line" if self.line_of else "waits"


def applicants_of(session: Session, assignment_id: uuid.UUID) -> Sequence[Applicant]:
    """Return everyone who has signed up for an assignment, in order of sign-up: three queries, however many."""
    seats = session.execute(
        select(Membership.person_id, Group.name)
        .join(Group, Group.id == Membership.group_id)
        .where(Group.assignment_id == assignment_id, Membership.left_at.is_(None))
    ).tuples()
    places = session.execute(
        select(QueuePlace.person_id, Group.name)
        .join(Group, Group.id == QueuePlace.group_id)
        .where(Group.assignment_id == assignment_id, QueuePlace.status.in_(IN_LINE))
    ).tuples()
    sits, stands = dict(seats.all()), dict(places.all())
    rows = session.execute(
        select(SignUp.person_id, Person.name, SignUp.unit, SignUp.experience, SignUp.slots, SignUp.needs)
        .join(Person, Person.id == SignUp.person_id)
        .where(SignUp.assignment_id == assignment_id, SignUp.withdrawn_at.is_(None))
        .order_by(SignUp.created_at, Person.name)
    ).tuples()
    return [Applicant(*row, sits.get(row[0]), stands.get(row[0])) for row in rows]


def addresses_signed_up(session: Session, assignment_id: uuid.UUID) -> frozenset[str]:
    """Return the addresses of those who have signed up, so that nobody is invited twice."""
    return frozenset(
        session.scalars(
            select(Person.email)
            .join(SignUp, SignUp.person_id == Person.id)
            .where(SignUp.assignment_id == assignment_id, SignUp.withdrawn_at.is_(None))
        )
    )


def needs_of(
    session: Session, assignment_id: uuid.UUID, people: Collection[uuid.UUID]
) -> Mapping[uuid.UUID, Sequence[str]]:
    """Return what each of these people needs to take part, as they told when signing up."""
    rows = session.execute(
        select(SignUp.person_id, SignUp.needs).where(
            SignUp.assignment_id == assignment_id, SignUp.person_id.in_(people)
        )
    )
    return {row.person_id: row.needs for row in rows}


def _own_sign_ups(actor: Actor) -> Select[tuple[SignUp]]:
    return (
        select(SignUp)
        .where(SignUp.person_id == actor.person_id, SignUp.withdrawn_at.is_(None))
        .options(
            joinedload(SignUp.assignment).options(
                joinedload(Assignment.organisation), joinedload(Assignment.supervisor)
            )
        )
    )
