"""Every SELECT about organisations and assignments."""

import uuid
from collections.abc import Sequence
from functools import cache

from sqlalchemy import Select, bindparam, case, column, exists, literal_column, or_, select, table
from sqlalchemy.orm import Session, joinedload

from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment, Organisation, RoleHolding

# Groups are a feature above this one; seats and places in line are read by their tables' names.
_id = Assignment.id.type
_group = table("supervision_group", column("id", _id), column("assignment_id", _id))
_membership = table("membership", column("group_id", _id), column("person_id", _id), column("left_at"))
_place = table("queue_place", column("group_id", _id), column("person_id", _id), column("status"))


def relations() -> list[Select[tuple[str, uuid.UUID]]]:
    """Return the SELECTs of the assignments a person supervises and of where they are manager or coordinator.

    Whether they count is for `Actor.as_admitted`.
    """
    person_id = bindparam("person_id", type_=_id)
    field = case(
        (RoleHolding.role == "manager", literal_column("'manages'")),
        (RoleHolding.role == "coordinator", literal_column("'coordinates'")),
    )
    return [
        select(literal_column("'supervises'"), Assignment.id).where(Assignment.supervisor_id == person_id),
        select(field, RoleHolding.organisation_id).where(RoleHolding.person_id == person_id),
    ]


def get_organisation(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation | None:
    """Return an organisation this actor may know of: created by them, worked for, managed or coordinated."""
    works_for = select(Assignment.organisation_id).where(Assignment.supervisor_id == actor.person_id)
    return session.scalar(
        select(Organisation).where(
            Organisation.id == organisation_id,
            or_(
                Organisation.created_by_id == actor.person_id,
                Organisation.id.in_(actor.manages | actor.coordinates),
                Organisation.id.in_(works_for),
            ),
        )
    )


def organisations_of(session: Session, actor: Actor) -> Sequence[Organisation]:
    """Return the organisations a supervisor created or works for, by name."""
    return session.scalars(_organisations(), {"person_id": actor.person_id}).all()


@cache
def _organisations() -> Select[tuple[Organisation]]:
    person_id = bindparam("person_id", type_=Organisation.id.type)
    works_for = select(Assignment.organisation_id).where(Assignment.supervisor_id == person_id)
    return (
        select(Organisation)
        .where(or_(Organisation.created_by_id == person_id, Organisation.id.in_(works_for)))
        .order_by(Organisation.name)
    )


def get_assignment(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment | None:
    """Return an assignment this actor may know of, with its organisation and supervisor."""
    return session.scalar(_visible(actor).where(Assignment.id == assignment_id))


def assignments_of(session: Session, actor: Actor) -> Sequence[Assignment]:
    """Return the assignments this actor may know of, newest first."""
    return session.scalars(_visible(actor).order_by(Assignment.starts_on.desc(), Assignment.title)).all()


def assignment_by_join_token(session: Session, token: str) -> Assignment | None:
    """Return the assignment of a join link."""
    return session.scalar(
        select(Assignment)
        .where(Assignment.join_token == token)
        .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
    )


def roles_in(session: Session, organisation: Organisation) -> Sequence[RoleHolding]:
    """Return managers and coordinators of an organisation, with their names."""
    return session.scalars(
        select(RoleHolding)
        .where(RoleHolding.organisation_id == organisation.id)
        .options(joinedload(RoleHolding.person))
        .order_by(RoleHolding.role, RoleHolding.id)
    ).all()


def get_holding(
    session: Session, actor: Actor, organisation_id: uuid.UUID, holding_id: uuid.UUID
) -> RoleHolding | None:
    """Return a role in an organisation this actor may know of, with its holder and the organisation."""
    if get_organisation(session, actor, organisation_id) is None:
        return None
    return session.scalar(
        select(RoleHolding)
        .where(RoleHolding.id == holding_id, RoleHolding.organisation_id == organisation_id)
        .options(joinedload(RoleHolding.person), joinedload(RoleHolding.organisation))
    )


def find_role(session: Session, person_id: uuid.UUID, organisation_id: uuid.UUID, role: str) -> RoleHolding | None:
    """Return whether someone already holds a role."""
    return session.scalar(
        select(RoleHolding).where(
            RoleHolding.person_id == person_id,
            RoleHolding.organisation_id == organisation_id,
            RoleHolding.role == role,
        )
    )


def has_seat_or_place(session: Session, person_id: uuid.UUID, organisation_id: uuid.UUID) -> bool:
    """Return whether someone has a seat, an offer or a place in line in a group of an organisation."""
    seat = exists().where(
        _membership.c.group_id == _group.c.id,
        _membership.c.person_id == person_id,
        _membership.c.left_at.is_(None),
    )
    place = exists().where(
        _place.c.group_id == _group.c.id,
        _place.c.person_id == person_id,
        _place.c.status.in_(("waiting", "offered")),
    )
    found = (
        select(_group.c.id)
        .join(Assignment, Assignment.id == _group.c.assignment_id)
        .where(Assignment.organisation_id == organisation_id, or_(seat, place))
        .limit(1)
    )
    return session.scalar(found) is not None


def _visible(actor: Actor) -> Select[tuple[Assignment]]:
    return (
        select(Assignment)
        .where(
            or_(
                Assignment.supervisor_id == actor.person_id,
                Assignment.organisation_id.in_(actor.manages | actor.coordinates),
            )
        )
        .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
    )
