"""Every SELECT about groups, seats and sign-ups."""

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment


def relations(session: Session, person_id: uuid.UUID) -> Mapping[str, Any]:
    """Return in which groups a person has a seat now: one query."""
    groups = session.scalars(
        select(Membership.group_id).where(Membership.person_id == person_id, Membership.left_at.is_(None))
    )
    return {"member_of": frozenset(groups)}


def get_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group this actor may know of, with its assignment, organisation and supervisor.

    Members and the supervisor; managers and coordinators of its organisation know its name and size.
    """
    return session.scalar(visible_groups(actor).where(Group.id == group_id))


def visible_groups(actor: Actor) -> Any:  # noqa: ANN401 - a Select, typed by its use
    """Return the SELECT of all groups an actor may know of."""
    return (
        select(Group)
        .join(Group.assignment)
        .where(
            or_(
                Group.id.in_(actor.member_of),
                Assignment.supervisor_id == actor.person_id,
                Assignment.organisation_id.in_(actor.manages | actor.coordinates),
            )
        )
        .options(
            contains_eager(Group.assignment).options(
                joinedload(Assignment.organisation), joinedload(Assignment.supervisor)
            )
        )
    )
