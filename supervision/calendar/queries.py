"""Every SELECT about calendar feeds. A feed is read with a fixed number of queries, however many groups there are."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session, contains_eager

from supervision.calendar.models import CalendarFeed
from supervision.calendar.rules import DAYS_BACK
from supervision.groups.models import Group, Membership
from supervision.kernel.ids import fingerprint
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment


def find_feed(session: Session, person_id: uuid.UUID) -> CalendarFeed | None:
    """Return a person's calendar feed."""
    return session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person_id))


def get_feed(session: Session, token: str) -> CalendarFeed | None:
    """Return the feed of a token with its person, while that person has a seat or supervises a group; else None."""
    return session.scalar(
        select(CalendarFeed)
        .join(CalendarFeed.person)
        .where(
            CalendarFeed.token_hash == fingerprint(token),
            select(Group.id)
            .join(Assignment, Assignment.id == Group.assignment_id)
            .where(_concerns(CalendarFeed.person_id))
            .correlate(CalendarFeed)
            .exists(),
        )
        .options(contains_eager(CalendarFeed.person))
    )


def dates_of(session: Session, person_id: uuid.UUID, now: datetime) -> Sequence[Meeting]:
    """Return the dates of the groups in which a person has a seat now or which they supervise: one query.

    From a month back on, cancelled ones too, so that a calendar crosses them out. Groups one has left are gone.
    """
    return session.scalars(
        select(Meeting)
        .join(Meeting.group)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(_concerns(person_id), Meeting.ends_at > now - timedelta(days=DAYS_BACK))
        .options(contains_eager(Meeting.group))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()


def _concerns(person_id: object) -> ColumnElement[bool]:
    """Whether a group is the person's: a seat that has not ended, or their own assignment; no ended group is."""
    seat = select(Membership.group_id).where(Membership.person_id == person_id, Membership.left_at.is_(None))
    return (Group.status != "ended") & or_(Group.id.in_(seat), Assignment.supervisor_id == person_id)
