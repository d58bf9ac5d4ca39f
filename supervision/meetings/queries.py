"""Every SELECT about meetings, answers and attendance."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import ColumnElement, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.meetings.models import Answer, Attendance, DatesSent, Meeting
from supervision.meetings.rules import BUFFER_MIN, Booking
from supervision.orgs.models import Assignment
from supervision.people.models import Person

AHEAD = ("planned", "live")
UPCOMING_DAYS = 28  # design, the supervisor's start page: four weeks ahead


@dataclass(frozen=True, slots=True)
class HeldMeeting:
    """A meeting that was held and who was there, for the turn order; someone late or gone early was there."""

    meeting_id: uuid.UUID
    starts_at: datetime
    format_key: str | None
    attendees: frozenset[uuid.UUID]


@dataclass(frozen=True, slots=True)
class MeetingDate:
    """A date as a manager may see it: the group's name, the time and the status; nobody's name, no number of people."""

    group_name: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    status: str
    cancelled_as: str | None
    is_moved: bool


def get_meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> Meeting | None:
    """Return a meeting of a group of which the actor is a member or the supervisor, with group and assignment."""
    return session.scalar(_meetings().where(Meeting.id == meeting_id, _concerns(actor)))


def next_meeting(session: Session, group_id: uuid.UUID, now: datetime) -> Meeting | None:
    """Return the group's next meeting that is neither over nor cancelled; one that runs now is the next."""
    return session.scalar(
        _meetings()
        .where(Meeting.group_id == group_id, Meeting.status.in_(AHEAD), Meeting.ends_at > now)
        .order_by(Meeting.starts_at)
        .limit(1)
    )


def meetings_of(session: Session, group_ids: Collection[uuid.UUID]) -> Sequence[Meeting]:
    """Return every meeting of some groups in order of time, with group and assignment: one query."""
    return session.scalars(_meetings().where(Meeting.group_id.in_(group_ids)).order_by(Meeting.starts_at)).all()


def upcoming(session: Session, actor: Actor, now: datetime, days: int = UPCOMING_DAYS) -> Sequence[Meeting]:
    """Return the planned and live meetings of the actor's groups, as member or supervisor, `days` ahead: one query."""
    asked = {
        "member_of": list(actor.member_of),
        "supervises": list(actor.supervises),
        "now": now,
        "until": now + timedelta(days=days),
    }
    return session.scalars(_upcoming(), asked).all()


@cache
def _upcoming() -> Select[tuple[Meeting]]:
    # Asked by every start page: a statement that is built once is told apart from others only once, too.
    return (
        _meetings()
        .where(
            or_(
                Meeting.group_id.in_(bindparam("member_of", expanding=True)),
                Group.assignment_id.in_(bindparam("supervises", expanding=True)),
            ),
            Meeting.status.in_(AHEAD),
            Meeting.ends_at > bindparam("now"),
            Meeting.starts_at < bindparam("until"),
        )
        .order_by(Meeting.starts_at)
    )


def planned_ahead(session: Session, group_id: uuid.UUID, now: datetime) -> Sequence[Meeting]:
    """Return the dates a member can still answer for: planned and not begun."""
    return session.scalars(
        _meetings()
        .where(Meeting.group_id == group_id, Meeting.status == "planned", Meeting.starts_at > now)
        .order_by(Meeting.starts_at)
    ).all()


def seated_at(session: Session, meeting: Meeting) -> Sequence[Person]:
    """Return those who had a seat at the time of a meeting, in the order of their places; each once."""
    found = session.scalars(
        select(Person)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            Membership.group_id == meeting.group_id,
            Membership.joined_at < meeting.ends_at,
            or_(Membership.left_at.is_(None), Membership.left_at > meeting.starts_at),
        )
        .order_by(Membership.place_no, Membership.joined_at)
    ).all()
    return list(dict.fromkeys(found))


def answers_for(session: Session, meeting_id: uuid.UUID) -> dict[uuid.UUID, bool]:
    """Return person id -> is coming, for those who answered. Who is missing here is counted on."""
    rows = session.execute(select(Answer.person_id, Answer.is_coming).where(Answer.meeting_id == meeting_id))
    return dict(rows.tuples().all())


def answers_of(session: Session, person_id: uuid.UUID, meeting_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, bool]:
    """Return meeting id -> is coming, one person's own answers."""
    rows = session.execute(
        select(Answer.meeting_id, Answer.is_coming).where(
            Answer.person_id == person_id, Answer.meeting_id.in_(meeting_ids)
        )
    )
    return dict(rows.tuples().all())


def find_answer(session: Session, meeting_id: uuid.UUID, person_id: uuid.UUID) -> Answer | None:
    """Return one person's answer for one date."""
    return session.scalar(select(Answer).where(Answer.meeting_id == meeting_id, Answer.person_id == person_id))


def attendance_for(session: Session, meeting_id: uuid.UUID) -> dict[uuid.UUID, str]:
    """Return person id -> present, late, left_early or absent, as recorded."""
    rows = session.execute(select(Attendance.person_id, Attendance.kind).where(Attendance.meeting_id == meeting_id))
    return dict(rows.tuples().all())


def attendance_rows(session: Session, meeting_id: uuid.UUID) -> Mapping[uuid.UUID, Attendance]:
    """Return the recorded rows of a meeting by person."""
    rows = session.scalars(select(Attendance).where(Attendance.meeting_id == meeting_id))
    return {row.person_id: row for row in rows}


def held_history(session: Session, group_id: uuid.UUID) -> tuple[HeldMeeting, ...]:
    """Return the group's held meetings in order of time, each with those who were there: two queries."""
    held = session.execute(
        select(Meeting.id, Meeting.starts_at, Meeting.format_key)
        .where(Meeting.group_id == group_id, Meeting.status == "held")
        .order_by(Meeting.starts_at)
    ).all()
    there: dict[uuid.UUID, set[uuid.UUID]] = {}
    for meeting_id, person_id in session.execute(
        select(Attendance.meeting_id, Attendance.person_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .where(Meeting.group_id == group_id, Meeting.status == "held", Attendance.kind != "absent")
    ):
        there.setdefault(meeting_id, set()).add(person_id)
    return tuple(HeldMeeting(mid, at, key, frozenset(there.get(mid, ()))) for mid, at, key in held)


def coming_counts(session: Session, meeting_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Return meeting id -> how many members come: those with a seat now, less those who said they can't. One query."""
    return dict(session.execute(_coming_counts(), {"meetings": list(meeting_ids)}).tuples().all())


@cache
def _coming_counts() -> Select[tuple[uuid.UUID, int]]:
    cannot = and_(
        Answer.meeting_id == Meeting.id, Answer.person_id == Membership.person_id, Answer.is_coming.is_(False)
    )
    return (
        select(Meeting.id, func.count(Membership.id) - func.count(Answer.id))
        .outerjoin(Membership, and_(Membership.group_id == Meeting.group_id, Membership.left_at.is_(None)))
        .outerjoin(Answer, cannot)
        .where(Meeting.id.in_(bindparam("meetings", expanding=True)))
        .group_by(Meeting.id)
    )


def dates_of_assignment(session: Session, assignment_id: uuid.UUID) -> tuple[MeetingDate, ...]:
    """Return every date of an assignment as its managers may see them, in order of time: one query, no names."""
    rows = session.execute(
        select(
            Group.name,
            Group.zone,
            Meeting.starts_at,
            Meeting.ends_at,
            Meeting.status,
            Meeting.cancelled_as,
            Meeting.moved_from_at.is_not(None),
        )
        .join(Group, Group.id == Meeting.group_id)
        .where(Group.assignment_id == assignment_id)
        .order_by(Meeting.starts_at, Group.name)
    )
    return tuple(MeetingDate(*row) for row in rows)


def bookings_of(
    session: Session,
    supervisor_id: uuid.UUID,
    from_at: datetime,
    until_at: datetime,
    but: Collection[uuid.UUID] = (),
) -> tuple[Booking, ...]:
    """Return when a supervisor is taken in a span, in every organisation, travel included, in order of time.

    Meetings whose ids are in `but` are left out: those that are about to be moved.
    """
    around = timedelta(minutes=BUFFER_MIN)
    rows = session.execute(
        select(Meeting.starts_at, Meeting.ends_at, Meeting.place, Group.name, Group.zone)
        .join(Group, Group.id == Meeting.group_id)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(
            Assignment.supervisor_id == supervisor_id,
            Meeting.status != "cancelled",
            Meeting.starts_at < until_at + around,
            Meeting.ends_at > from_at - around,
            Meeting.id.not_in(but),
        )
        .order_by(Meeting.starts_at)
    )
    return tuple(Booking(*row) for row in rows)


def planned_from(session: Session, meeting: Meeting) -> Sequence[Meeting]:
    """Return a meeting and every planned one of its group after it, in order of time."""
    return session.scalars(
        _meetings()
        .where(
            Meeting.group_id == meeting.group_id, Meeting.status == "planned", Meeting.starts_at >= meeting.starts_at
        )
        .order_by(Meeting.starts_at)
    ).all()


def seats_without_dates(session: Session, now: datetime, days: int, most: int) -> Sequence[uuid.UUID]:
    """Return the memberships begun in the last `days` whose members have not been sent their dates."""
    return session.scalars(
        select(Membership.id)
        .outerjoin(DatesSent, DatesSent.membership_id == Membership.id)
        .where(
            DatesSent.id.is_(None),
            Membership.left_at.is_(None),
            Membership.joined_at <= now,
            Membership.joined_at > now - timedelta(days=days),
        )
        .order_by(Membership.joined_at)
        .limit(most)
    ).all()


def lock_seat(session: Session, membership_id: uuid.UUID) -> Membership | None:
    """Return a current seat with its person, locked; None when another process has it or it has ended."""
    return session.scalar(
        select(Membership)
        .where(Membership.id == membership_id, Membership.left_at.is_(None))
        .options(joinedload(Membership.person))
        .with_for_update(of=Membership, skip_locked=True)
    )


def are_dates_sent(session: Session, membership_id: uuid.UUID) -> bool:
    """Return whether the dates have been sent for a seat."""
    return session.scalar(select(DatesSent.id).where(DatesSent.membership_id == membership_id)) is not None


def lock_supervisor(session: Session, supervisor_id: uuid.UUID) -> None:
    """Hold a supervisor's calendar until the transaction ends, so that two bookings cannot pass each other.

    Rows that only refer to the person, such as a new assignment, do not wait for it.
    """
    session.execute(select(Person.id).where(Person.id == supervisor_id).with_for_update(key_share=True))


def is_name_taken(session: Session, assignment_id: uuid.UUID, name: str) -> bool:
    """Return whether a group of the assignment has this name already."""
    found = session.scalar(select(Group.id).where(Group.assignment_id == assignment_id, Group.name == name))
    return found is not None


def last_number(session: Session, group_id: uuid.UUID) -> int:
    """Return the highest number of the group's dates, 0 without any."""
    return session.scalar(select(func.max(Meeting.number)).where(Meeting.group_id == group_id)) or 0


def _meetings() -> Select[tuple[Meeting]]:
    return (
        select(Meeting)
        .join(Meeting.group)
        .join(Group.assignment)
        .options(
            contains_eager(Meeting.group)
            .contains_eager(Group.assignment)
            .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
        )
    )


def _concerns(actor: Actor) -> ColumnElement[bool]:
    return or_(Meeting.group_id.in_(actor.member_of), Group.assignment_id.in_(actor.supervises))
