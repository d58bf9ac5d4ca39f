"""What supervisors do with a group's dates, and what members answer."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import cast

from sqlalchemy import delete
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups.models import Group
from supervision.groups.services import ensure_agreement
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal, RuleBroken
from supervision.kernel.walltime import to_instant
from supervision.meetings import queries, rules
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.orgs.models import Assignment

LANGUAGE_OF = {"SE": "sv", "DK": "da"}
STATE = ["sequence", "status", "starts_at", "ends_at", "place", "moved_from_at", "cancelled_as", "attendance_done_at"]


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One date of a series that is being planned, and why it cannot be had if so."""

    planned: rules.PlannedDate
    refusal: Refusal | None = None


def plan_series(
    session: Session, assignment: Assignment, *, first_on: date, at_local: time, place: str, now: datetime
) -> tuple[PlanLine, ...]:
    """Return every date of a group's series until the assignment ends, skipped and refused ones flagged.

    Saves nothing. Codes raised: `first_outside_period`, `date_passed`, `no_dates`; codes on a line: `double_booked`,
    `no_travel_time`.
    """
    zone = assignment.organisation.zone
    rules.check_first(first_on, assignment.starts_on, assignment.ends_on)
    rules.check_ahead(to_instant(first_on, at_local, zone), now, field="first_on")
    dates = rules.series(
        first_on,
        at_local,
        zone,
        assignment.ends_on,
        cast("rules.Country", assignment.holidays_of),
        rules.parse_break_weeks(assignment.break_weeks),
        assignment.every_days,
        assignment.length_min,
    )
    if not rules.kept(dates):
        raise RuleBroken("no_dates", field="first_on")
    taken = queries.bookings_of(session, assignment.supervisor_id, dates[0].starts_at, dates[-1].ends_at)
    return tuple(PlanLine(one, refusal_of(taken, one, place)) for one in dates)


def refusal_of(taken: Sequence[rules.Booking], one: rules.PlannedDate, place: str) -> Refusal | None:
    """Return why the supervisor cannot have a date, or None; a skipped one is not asked for."""
    if one.skipped is not None:
        return None
    try:
        rules.free_of(taken, one.starts_at, one.ends_at, place)
    except RuleBroken as broken:
        return broken.refusal
    return None


def open_group(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    *,
    name: str,
    first_on: date,
    at_local: time,
    seats: int,
    place: str,
    online_link: str,
    now: datetime,
) -> Group:
    """Open a group with its dates and its first agreement; it takes sign-ups from now on.

    Raises `group_name_taken`, `seats_out_of_range`, `dates_taken` and what `plan_series` raises.
    """
    queries.lock_supervisor(session, assignment.supervisor_id)
    if queries.is_name_taken(session, assignment.id, name):
        raise RuleBroken("group_name_taken", field="name")
    rules.check_seats(seats)
    lines = plan_series(session, assignment, first_on=first_on, at_local=at_local, place=place, now=now)
    refused = sum(line.refusal is not None for line in lines)
    if refused:
        raise RuleBroken("dates_taken", field="first_on", count=refused)
    group = Group(
        assignment=assignment,
        name=name,
        seats=seats,
        first_on=first_on,
        at_local=at_local,
        zone=assignment.organisation.zone,
        place=place,
        online_link=online_link,
        created_at=now,
    )
    session.add(group)
    session.flush()
    kept = rules.kept(line.planned for line in lines)
    for number, one in enumerate(kept, start=1):
        session.add(
            Meeting(
                group=group, number=number, starts_at=one.starts_at, ends_at=one.ends_at, place=place, changed_at=now
            )
        )
    session.flush()
    ensure_agreement(session, group, language=LANGUAGE_OF[assignment.organisation.country], now=now)
    record(session, actor, Action.GROUP_OPENED, ObjectKind.GROUP, group.id, now=now)
    return group


def add_date(
    session: Session, actor: Actor, group: Group, *, on: date, at_local: time, place: str, now: datetime
) -> Meeting:
    """Add a date outside the series.

    Raises `date_outside_period`, `date_passed`, `double_booked`, `no_travel_time`.
    """
    starts_at, ends_at = _free_span(session, group, on, at_local, place, now)
    meeting = Meeting(
        group=group,
        number=queries.last_number(session, group.id) + 1,
        starts_at=starts_at,
        ends_at=ends_at,
        place=place,
        changed_at=now,
    )
    session.add(meeting)
    session.flush()
    record(session, actor, Action.MEETING_ADDED, ObjectKind.MEETING, meeting.id, now=now)
    return meeting


def move(
    session: Session, actor: Actor, meeting: Meeting, *, on: date, at_local: time, place: str, now: datetime
) -> datetime:
    """Move a meeting to another time or place; everyone's answer starts anew. Returns the instant it is moved from.

    Raises `meeting_status`, `not_moved`, `date_outside_period`, `date_passed`, `double_booked`, `no_travel_time`.
    """
    queries.lock_supervisor(session, meeting.group.assignment.supervisor_id)
    _lock(session, meeting)
    status = rules.next_status(rules.Status(meeting.status), "move")
    if (to_instant(on, at_local, meeting.group.zone), place) == (meeting.starts_at, meeting.place):
        raise RuleBroken("not_moved", field="on")
    starts_at, ends_at = _free_span(session, meeting.group, on, at_local, place, now, but=(meeting.id,))
    was_at = meeting.starts_at
    place_at(meeting, starts_at, ends_at, place, now)
    meeting.status = status
    session.execute(delete(Answer).where(Answer.meeting_id == meeting.id))
    record(session, actor, Action.MEETING_MOVED, ObjectKind.MEETING, meeting.id, now=now)
    return was_at


def place_at(meeting: Meeting, starts_at: datetime, ends_at: datetime, place: str, now: datetime) -> None:
    """Give a meeting its new time and place; it remembers the old time, and calendars learn that it is newer."""
    if starts_at != meeting.starts_at:
        meeting.moved_from_at = meeting.starts_at
    meeting.starts_at, meeting.ends_at, meeting.place = starts_at, ends_at, place
    meeting.runs_anyway_at = None
    meeting.sequence += 1
    meeting.changed_at = now


def cancel(session: Session, actor: Actor, meeting: Meeting, *, by_supervisor: bool, now: datetime) -> None:
    """Cancel a meeting, by the supervisor or by the organisation (then in time or late). Raises `meeting_status`."""
    _lock(session, meeting)
    meeting.status = rules.next_status(rules.Status(meeting.status), "cancel")
    meeting.cancelled_as = rules.cancellation_kind(
        meeting.starts_at, now, meeting.group.assignment.late_cancel_days, by_supervisor=by_supervisor
    )
    meeting.sequence += 1
    meeting.changed_at = now
    record(session, actor, Action.MEETING_CANCELLED, ObjectKind.MEETING, meeting.id, now=now)


def begin(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> None:
    """Take a planned meeting live. Raises `meeting_status`."""
    _lock(session, meeting)
    meeting.status = rules.next_status(rules.Status(meeting.status), "start")
    record(session, actor, Action.MEETING_BEGUN, ObjectKind.MEETING, meeting.id, now=now)


def finish(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> None:
    """Note that a meeting has been held. Raises `meeting_status`."""
    _lock(session, meeting)
    meeting.status = rules.next_status(rules.Status(meeting.status), "hold")
    record(session, actor, Action.MEETING_HELD, ObjectKind.MEETING, meeting.id, now=now)


def answer(session: Session, actor: Actor, meeting: Meeting, *, is_coming: bool, now: datetime) -> None:
    """Note a member's own answer for one date; no reason is asked. Raises `answer_closed`."""
    _lock(session, meeting)
    rules.check_answer(rules.Status(meeting.status), meeting.starts_at, now)
    _write_answer(session, meeting.id, actor.id, is_coming=is_coming, now=now)


def answer_ahead(
    session: Session, actor: Actor, group: Group, *, away_from: Collection[uuid.UUID], now: datetime
) -> None:
    """Note that a member comes to every date ahead except those in `away_from` (ids of meetings)."""
    meetings = queries.planned_ahead(session, group.id, now)
    known = queries.answers_of(session, actor.id, [one.id for one in meetings])
    for meeting in meetings:
        is_coming = meeting.id not in away_from
        if known.get(meeting.id, True) != is_coming:
            answer(session, actor, meeting, is_coming=is_coming, now=now)


def record_attendance(
    session: Session, actor: Actor, meeting: Meeting, *, kinds: Mapping[uuid.UUID, str], now: datetime
) -> None:
    """Record who was there: person id -> present, late, left_early or absent. The meeting has then been held.

    Raises `not_begun`, `meeting_status` (a cancelled meeting has no attendance).
    """
    _lock(session, meeting)
    if rules.opens_attendance(rules.Status(meeting.status), meeting.starts_at, now):
        meeting.status = rules.next_status(rules.Status(meeting.status), "hold")
    known = queries.attendance_rows(session, meeting.id)
    for person_id, kind in kinds.items():
        if person_id in known:
            known[person_id].kind = kind
        else:
            session.add(Attendance(meeting_id=meeting.id, person_id=person_id, kind=kind))
    meeting.attendance_done_at = now
    record(session, actor, Action.ATTENDANCE_RECORDED, ObjectKind.MEETING, meeting.id, now=now)


def _write_answer(
    session: Session, meeting_id: uuid.UUID, person_id: uuid.UUID, *, is_coming: bool, now: datetime
) -> None:
    found = queries.find_answer(session, meeting_id, person_id)
    if found is None:
        session.add(Answer(meeting_id=meeting_id, person_id=person_id, is_coming=is_coming, answered_at=now))
    else:
        found.is_coming, found.answered_at = is_coming, now


def _free_span(
    session: Session,
    group: Group,
    on: date,
    at_local: time,
    place: str,
    now: datetime,
    but: Collection[uuid.UUID] = (),
) -> tuple[datetime, datetime]:
    """Return start and end of a single date when the supervisor is free then, under the lock of their calendar."""
    assignment = group.assignment
    queries.lock_supervisor(session, assignment.supervisor_id)
    rules.check_in_period(on, assignment.starts_on, assignment.ends_on, field="on")
    starts_at = to_instant(on, at_local, group.zone)
    rules.check_ahead(starts_at, now, field="on")
    ends_at = starts_at + timedelta(minutes=assignment.length_min)
    taken = queries.bookings_of(session, assignment.supervisor_id, starts_at, ends_at, but)
    try:
        rules.free_of(taken, starts_at, ends_at, place)
    except RuleBroken as broken:
        raise RuleBroken(broken.code, field="on", **broken.refusal.params) from None
    return starts_at, ends_at


def _lock(session: Session, meeting: Meeting) -> None:
    session.flush()
    session.refresh(meeting, STATE, with_for_update=True)
