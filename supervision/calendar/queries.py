"""Every SELECT about calendar feeds. A feed is read with a fixed number of queries, however many groups there are."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.calendar.models import CalendarFeed
from supervision.calendar.rules import DAYS_BACK
from supervision.groups.models import Group, Membership
from supervision.kernel.ids import fingerprint
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment
from supervision.people.models import Person


def find_feed(session: Session, person_id: uuid.UUID) -> CalendarFeed | None:
    """Return a person's calendar feed."""
    return session.scalar(select(CalendarFeed).where(CalendarFeed.person_id == person_id))


def lock_person(session: Session, person_id: uuid.UUID) -> None:
    """Hold a person until the transaction ends, so that a button pressed twice makes one address after the other."""
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def get_feed(session: Session, token: str) -> CalendarFeed | None:
    """Return the feed of a token, with its person."""
    return session.scalar(
        select(CalendarFeed)
        .where(CalendarFeed.token_hash == fingerprint(token))
        .options(joinedload(CalendarFeed.person, innerjoin=True))
    )


def own_groups(session: Session, person_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the groups in which a person has a seat now and those they supervise; ended groups are nobody's.

    Two short searches by index; one with "or" would read every date of the installation.
    """
    seats = (
        select(Group.id)
        .join(Membership, Membership.group_id == Group.id)
        .where(Membership.person_id == person_id, Membership.left_at.is_(None), Group.status != "ended")
    )
    supervised = (
        select(Group.id)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(Assignment.supervisor_id == person_id, Group.status != "ended")
    )
    return session.scalars(seats.union(supervised)).all()


def dates_of(session: Session, group_ids: Collection[uuid.UUID], now: datetime) -> Sequence[Meeting]:
    """Return the dates of some groups from a month back on, cancelled ones too, so that a calendar crosses them out."""
    return session.scalars(
        select(Meeting)
        .join(Meeting.group)
        .where(Meeting.group_id.in_(group_ids), Meeting.ends_at > now - timedelta(days=DAYS_BACK))
        .options(contains_eager(Meeting.group))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
