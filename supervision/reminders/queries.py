"""Every SELECT about reminders."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, and_, exists, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased, contains_eager, joinedload

from supervision.groups.models import Group, Membership
from supervision.meetings import queries as meetings
from supervision.meetings.models import Answer, Meeting
from supervision.meetings.rules import asks_whether_to_run
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.reminders.models import Reminder
from supervision.reminders.rules import ASK_DAYS, REMIND_DAYS, OneDate, asks_by_mail, is_time, remind_at

SPARE = timedelta(hours=2)  # three local days are an hour longer when the clocks go back


def due_meetings(session: Session, now: datetime) -> Sequence[UUID]:
    """Return the meetings of which somebody is to be reminded now: one query, however many there are."""
    earlier = aliased(Meeting)
    previous_ends_at = (
        select(func.max(earlier.ends_at, type_=Meeting.ends_at.type))
        .where(
            earlier.group_id == Meeting.group_id,
            earlier.starts_at < Meeting.starts_at,
            earlier.status != "cancelled",
        )
        .scalar_subquery()
    )
    somebody = (
        select(Membership.id)
        .join(Person, Person.id == Membership.person_id)
        .where(Membership.group_id == Meeting.group_id, *_waits_for_reminder())
        .exists()
    )
    rows = session.execute(
        select(Meeting.id, Meeting.starts_at, Meeting.changed_at, Group.zone, previous_ends_at)
        .join(Group, Group.id == Meeting.group_id)
        .where(
            Meeting.status == "planned",
            Meeting.starts_at > now,
            Meeting.starts_at <= now + timedelta(days=REMIND_DAYS) + SPARE,
            Group.status != "ended",
            somebody,
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    return [
        meeting_id
        for meeting_id, starts_at, changed_at, zone, previous in rows
        if is_time(remind_at(starts_at, zone, previous_ends_at=previous, changed_at=changed_at), starts_at, now, zone)
    ]


def to_remind(session: Session, meeting_id: UUID) -> Sequence[Membership]:
    """Return the seats whose members have not answered, have not been reminded, and want to be; with their people."""
    return session.scalars(
        select(Membership)
        .join(Membership.person)
        .join(Meeting, Meeting.group_id == Membership.group_id)
        .options(contains_eager(Membership.person))
        .where(Meeting.id == meeting_id, *_waits_for_reminder())
        .order_by(Membership.place_no, Membership.id)
    ).all()


def _waits_for_reminder() -> tuple[ColumnElement[bool], ...]:
    return (
        Membership.left_at.is_(None),
        Person.no_reminders_at.is_(None),
        ~exists().where(Answer.meeting_id == Meeting.id, Answer.person_id == Person.id).correlate(Meeting, Person),
        ~_has_been_told("coming", Person.id),
    )


def _has_been_told(kind: str, person_id: InstrumentedAttribute[UUID]) -> Exists:
    found = exists().where(
        Reminder.meeting_id == Meeting.id,
        Reminder.person_id == person_id,
        Reminder.kind == kind,
        Reminder.starts_at == Meeting.starts_at,
    )
    return found.correlate(Meeting, person_id.class_)  # by name: it stands two selects deep


def thin_meetings(session: Session, now: datetime) -> Sequence[UUID]:
    """Return the meetings with fewer than three coming about which the supervisor is to be asked now: two queries."""
    rows = session.execute(
        select(Meeting.id, Meeting.starts_at, Group.zone)
        .join(Group, Group.id == Meeting.group_id)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(
            Meeting.status == "planned",
            Meeting.runs_anyway_at.is_(None),
            Meeting.starts_at > now,
            Meeting.starts_at <= now + timedelta(days=ASK_DAYS),
            Group.status != "ended",
            exists().where(Membership.group_id == Group.id, Membership.left_at.is_(None)),
            ~_has_been_told("few", Assignment.supervisor_id),
        )
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    coming = meetings.coming_counts(session, [row.id for row in rows])
    return [
        row.id
        for row in rows
        if asks_whether_to_run(coming.get(row.id, 0)) and asks_by_mail(row.starts_at, now, row.zone)
    ]


def lock_meeting(session: Session, meeting_id: UUID) -> Meeting | None:
    """Return a planned meeting with group, assignment and supervisor, locked until the transaction ends."""
    return session.scalar(
        select(Meeting)
        .where(Meeting.id == meeting_id, Meeting.status == "planned")
        .options(
            joinedload(Meeting.group, innerjoin=True)
            .joinedload(Group.assignment, innerjoin=True)
            .joinedload(Assignment.supervisor, innerjoin=True)
        )
        .with_for_update(of=Meeting)
    )


def find_date(session: Session, date: OneDate, now: datetime) -> tuple[Meeting, Person] | None:
    """Return what a link opens while it holds: the seat is taken, and the meeting planned then and not begun."""
    row = session.execute(
        select(Meeting, Person)
        .join(Membership, and_(Membership.group_id == Meeting.group_id, Membership.id == date.membership_id))
        .join(Person, Person.id == Membership.person_id)
        .options(joinedload(Meeting.group, innerjoin=True))
        .where(
            Meeting.id == date.meeting_id,
            Meeting.starts_at == date.starts_at,
            Meeting.starts_at > now,
            Meeting.status == "planned",
            Membership.left_at.is_(None),
        )
    ).one_or_none()
    return (row[0], row[1]) if row else None
