"""What a supervisor does with a series as a whole: move this and all following dates, add the next term's dates."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import cast

from sqlalchemy import delete
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal, RuleBroken
from supervision.kernel.walltime import local_day
from supervision.meetings import queries, rules
from supervision.meetings.models import Answer, Meeting
from supervision.meetings.services import PlanLine, place_at, refusal_of
from supervision.orgs.models import Assignment


@dataclass(frozen=True, slots=True)
class MoveLine:
    """One date of a series that is about to be moved: where to, or that it falls away, or why it cannot be had."""

    meeting: Meeting
    planned: rules.PlannedDate
    refusal: Refusal | None = None


def off_day(group: Group, on: date) -> tuple[rules.SkipReason | None, str | None]:
    """Return whether a day is a holiday (with its name) or in a break of the group's assignment."""
    assignment = group.assignment
    return rules.why_off(on, _country(assignment), rules.parse_break_weeks(assignment.break_weeks))


def plan_following(
    session: Session, meeting: Meeting, *, on: date, at_local: time, place: str, now: datetime
) -> tuple[MoveLine, ...]:
    """Return where a meeting and every planned one after it would go: the same number of days on, at the new time.

    Saves nothing. The chosen meeting goes where it is moved to, holiday or not; a following one that lands on a
    holiday or in a break is flagged and would fall away, as when a group is opened. Codes raised: `meeting_status`,
    `not_moved`; codes on a line: `date_outside_period`, `date_passed`, `double_booked`, `no_travel_time`.
    """
    rules.next_status(rules.Status(meeting.status), "move")
    group, assignment = meeting.group, meeting.group.assignment
    following = queries.planned_from(session, meeting)
    days = on - meeting.local_on
    spans = rules.parse_break_weeks(assignment.break_weeks)
    targets = [
        rules.planned_date(
            one.local_on + days, at_local, group.zone, _country(assignment), spans, assignment.length_min
        )
        for one in following
    ]
    targets[0] = replace(targets[0], skipped=None)
    if all((new.starts_at, place) == (one.starts_at, one.place) for one, new in zip(following, targets, strict=True)):
        raise RuleBroken("not_moved", field="on")
    moved = [one.id for one in following]
    taken = list(
        queries.bookings_of(session, assignment.supervisor_id, targets[0].starts_at, targets[-1].ends_at, moved)
    )
    lines = []
    for one, new in zip(following, targets, strict=True):
        refusal = _outside(assignment, new, now) or refusal_of(taken, new, place)
        if new.skipped is None:
            taken.append(rules.Booking(new.starts_at, new.ends_at, place, group.name, group.zone))
        lines.append(MoveLine(one, new, refusal))
    return tuple(lines)


def _outside(assignment: Assignment, new: rules.PlannedDate, now: datetime) -> Refusal | None:
    if new.skipped is not None:
        return None
    try:
        rules.check_in_period(new.local_on, assignment.starts_on, assignment.ends_on, field="on")
        rules.check_ahead(new.starts_at, now, field="on")
    except RuleBroken as broken:
        return broken.refusal
    return None


def move_following(
    session: Session, actor: Actor, meeting: Meeting, *, on: date, at_local: time, place: str, now: datetime
) -> tuple[MoveLine, ...]:
    """Move a meeting and all planned ones after it; answers start anew and the series is counted from the new day.

    Dates that land on a holiday or in a break are cancelled by the supervisor, which no invoice counts. Raises
    `dates_taken` and what `plan_following` raises.
    """
    group = meeting.group
    queries.lock_supervisor(session, group.assignment.supervisor_id)
    session.refresh(meeting, ["status", "starts_at", "ends_at", "sequence"])
    lines = plan_following(session, meeting, on=on, at_local=at_local, place=place, now=now)
    refused = sum(line.refusal is not None for line in lines)
    if refused:
        raise RuleBroken("dates_taken", field="on", count=refused)
    for line in lines:
        one, new = line.meeting, line.planned
        if new.skipped is None:
            place_at(one, new.starts_at, new.ends_at, place, now)
            continue
        one.status, one.cancelled_as = rules.Status.CANCELLED.value, rules.Cancellation.BY_SUPERVISOR.value
        one.sequence += 1
        one.changed_at = now
    session.execute(delete(Answer).where(Answer.meeting_id.in_([line.meeting.id for line in lines])))
    group.anchor_on, group.at_local, group.place = on, at_local, place
    record(session, actor, Action.SERIES_MOVED, ObjectKind.MEETING, meeting.id, now=now)
    return lines


def plan_extension(session: Session, group: Group, *, until_on: date, now: datetime) -> tuple[PlanLine, ...]:
    """Return the series' dates after the group's last one until a day, skipped and taken ones flagged.

    They are counted in whole steps from the series' own day, so a moved last date shifts nothing. Saves nothing.
    Codes raised: `date_outside_period` beyond the assignment's period, `nothing_to_add`; codes on a line:
    `double_booked`, `no_travel_time`.
    """
    assignment = group.assignment
    rules.check_in_period(until_on, assignment.starts_on, assignment.ends_on, field="until_on")
    after_on = max(last_on(group, queries.meetings_of(session, [group.id])), local_day(now, group.zone))
    anchor_on = group.anchor_on or group.first_on
    dates: tuple[rules.PlannedDate, ...] = ()
    if until_on > after_on and until_on >= anchor_on:
        series = rules.series(
            anchor_on,
            group.at_local,
            group.zone,
            until_on,
            _country(assignment),
            rules.parse_break_weeks(assignment.break_weeks),
            assignment.every_days,
            assignment.length_min,
        )
        dates = tuple(one for one in series if one.local_on > after_on)
    if not rules.kept(dates):
        raise RuleBroken("nothing_to_add", field="until_on")
    taken = queries.bookings_of(session, assignment.supervisor_id, dates[0].starts_at, dates[-1].ends_at)
    return tuple(PlanLine(one, refusal_of(taken, one, group.place)) for one in dates)


def extend_series(
    session: Session, actor: Actor, group: Group, *, until_on: date, now: datetime
) -> tuple[Meeting, ...]:
    """Add the series' next dates until a day, as after an assignment is prolonged; dates one cannot have are left out.

    Raises `nothing_to_add` also when no date is left, and what `plan_extension` raises.
    """
    queries.lock_supervisor(session, group.assignment.supervisor_id)
    lines = plan_extension(session, group, until_on=until_on, now=now)
    free = [line.planned for line in lines if line.planned.skipped is None and line.refusal is None]
    if not free:
        raise RuleBroken("nothing_to_add", field="until_on")
    first_number = queries.last_number(session, group.id) + 1
    added = tuple(
        Meeting(
            group=group, number=number, starts_at=one.starts_at, ends_at=one.ends_at, place=group.place, changed_at=now
        )
        for number, one in enumerate(free, start=first_number)
    )
    session.add_all(added)
    session.flush()
    record(session, actor, Action.GROUP_EXTENDED, ObjectKind.GROUP, group.id, now=now)
    return added


def last_on(group: Group, meetings: Iterable[Meeting]) -> date:
    """Return the last day the series has reached: of any of the group's dates, also one moved or cancelled."""
    days = [day for one in meetings for day in (one.local_on, one.moved_from_on) if day is not None]
    return max(days, default=(group.anchor_on or group.first_on) - timedelta(days=1))


def can_extend(group: Group, meetings: Sequence[Meeting]) -> bool:
    """Return whether the assignment lasts a whole step longer than the series."""
    reach = last_on(group, meetings) + timedelta(days=group.assignment.every_days)
    return group.status in {"forming", "running"} and reach <= group.assignment.ends_on


def _country(assignment: Assignment) -> rules.Country:
    return cast("rules.Country", assignment.holidays_of)
