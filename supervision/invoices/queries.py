"""Every SELECT about the invoice basis: dates and groups' names, and nobody's name."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.groups.models import Group
from supervision.invoices.policy import may_see_basis
from supervision.invoices.rules import Held
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment


def get_billed_assignment(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment | None:
    """Return an assignment to whoever sees its basis; for a coordinator there is none (PRIVACY: exports)."""
    assignment = orgs.get_assignment(session, actor, assignment_id)
    return assignment if assignment is not None and may_see_basis(actor, assignment) else None


def dates_between(
    session: Session, assignment_id: uuid.UUID, from_at: datetime, until_at: datetime
) -> tuple[Held, ...]:
    """Return the dates of an assignment that begin in a span of time: one query."""
    rows = session.execute(
        select(Group.name, Group.zone, Meeting.starts_at, Meeting.ends_at, Meeting.status, Meeting.cancelled_as)
        .join(Group, Group.id == Meeting.group_id)
        .where(Group.assignment_id == assignment_id, Meeting.starts_at >= from_at, Meeting.starts_at < until_at)
    )
    return tuple(Held(*row) for row in rows)
