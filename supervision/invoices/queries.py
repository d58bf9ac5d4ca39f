"""Every SELECT about the invoice basis: dates and groups' names, and nobody's name."""

import uuid
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.groups.models import Group
from supervision.invoices.rules import Held
from supervision.meetings.models import Meeting


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
