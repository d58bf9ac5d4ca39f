"""When a group meets: the series of dates, who is free, and how a meeting changes its status."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from functools import lru_cache
from typing import Literal, NamedTuple

import holidays

from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import to_instant, to_wall

EVERY_DAYS = 14  # PRODUCT: assignment, rhythm
LENGTH_MIN = 90  # PRODUCT: assignment, length
BUFFER_MIN = 30  # PRODUCT: travel buffer between places
LATE_DAYS = 5  # PRODUCT: assignment, late-cancel limit
FEW_COMING = 3  # PRODUCT: under 3 coming, the supervisor is asked whether to run
SEATS_ALLOWED = (4, 8)  # PRODUCT: assignment, allowed range
BREAK_WEEKS = ((26, 32), (51, 1))  # PRODUCT: assignment, break weeks
LAST_WEEK = 53  # ISO 8601: a year has 52 or 53 weeks

Country = Literal["SE", "DK"]
SkipReason = Literal["holiday", "break"]

_WEEKS = re.compile(r"(\d{1,2})(?:\s*[-–—]\s*(\d{1,2}))?")


@dataclass(frozen=True, slots=True)
class PlannedDate:
    """One date of a series: local day and wall time, the UTC instants, and why it is skipped if it is."""

    local_on: date
    at_local: time
    starts_at: datetime
    ends_at: datetime
    skipped: SkipReason | None = None
    holiday_name: str | None = None


def series(
    first_on: date,
    at_local: time,
    zone: str,
    until_on: date,
    country: Country,
    break_weeks: Sequence[tuple[int, int]] = BREAK_WEEKS,
    every_days: int = EVERY_DAYS,
    length_min: int = LENGTH_MIN,
) -> tuple[PlannedDate, ...]:
    """Return every date of a series from `first_on` to `until_on`, both included, skipped ones flagged.

    Local days are counted, never week numbers, so 14:00 stays 14:00 over daylight saving and 53-week years change
    nothing. A skipped date does not shift the others (PRODUCT: series and meetings). `break_weeks` are spans of ISO
    weeks, both ends included. Codes: `series_ends_before_start`, `series_step_too_short`, `length_too_short`,
    `country_unknown`.
    """
    if until_on < first_on:
        raise RuleBroken("series_ends_before_start", field="until_on")
    if every_days < 1:
        raise RuleBroken("series_step_too_short", field="every_days")
    if length_min < 1:
        raise RuleBroken("length_too_short", field="length_min")
    count = (until_on - first_on).days // every_days + 1
    return tuple(
        planned_date(first_on + timedelta(days=step * every_days), at_local, zone, country, break_weeks, length_min)
        for step in range(count)
    )


def kept(dates: Iterable[PlannedDate]) -> tuple[PlannedDate, ...]:
    """Return the dates of a series that are not skipped."""
    return tuple(planned for planned in dates if planned.skipped is None)


def planned_date(
    on: date, at: time, zone: str, country: Country, break_weeks: Sequence[tuple[int, int]], length_min: int
) -> PlannedDate:
    """Return one date of a series at a wall time, flagged when no series meets on that day."""
    starts_at = to_instant(on, at, zone)
    reason, name = why_off(on, country, break_weeks)
    return PlannedDate(on, at, starts_at, starts_at + timedelta(minutes=length_min), reason, name)


def why_off(on: date, country: Country, break_weeks: Sequence[tuple[int, int]]) -> tuple[SkipReason | None, str | None]:
    """Return why no series meets on a day, and the holiday's name when it is one; (None, None) on all others.

    Code: `country_unknown`.
    """
    name = holiday_name(on, country)
    if name is not None:
        return "holiday", name
    return ("break" if is_in_break(on, break_weeks) else None), None


def holiday_name(on: date, country: Country) -> str | None:
    """Return the holiday a day is in a country, in the country's own language, or None.

    Public holidays, and the eves of PRODUCT: in Sweden Midsummer Eve, Christmas Eve and New Year's Eve, in Denmark
    24 and 31 December. Other half days (Grundlovsdag, 1 May in Denmark) are working days here. Code:
    `country_unknown`.
    """
    return _holidays(country, on.year).get(on)


@lru_cache(maxsize=64)
def _holidays(country: Country, year: int) -> dict[date, str]:
    if country == "SE":
        found = holidays.country_holidays("SE", years=year, categories=("public", "de_facto"), language="sv")
        return dict(found.items())
    if country == "DK":
        public = dict(holidays.country_holidays("DK", years=year, language="da").items())
        half = holidays.country_holidays("DK", years=year, categories=("optional",), language="da")
        eves = {on: name for on, name in half.items() if (on.month, on.day) in {(12, 24), (12, 31)}}
        return eves | public
    raise RuleBroken("country_unknown", field="country")


def is_in_break(on: date, break_weeks: Sequence[tuple[int, int]]) -> bool:
    """Return whether a day's ISO week lies in one of the spans; a span such as (51, 1) passes the new year."""
    week = on.isocalendar().week
    return any(first <= week <= last if first <= last else week >= first or week <= last for first, last in break_weeks)


def parse_break_weeks(text: str) -> tuple[tuple[int, int], ...]:
    """Read "26-32, 51-1" as spans of ISO weeks; a single week is a span of one, an empty text none.

    Code: `break_weeks_unreadable` (field `break_weeks`).
    """
    spans = []
    for part in re.split(r"[,;]", text):
        if not part.strip():
            continue
        match = _WEEKS.fullmatch(part.strip())
        if match is None:
            raise RuleBroken("break_weeks_unreadable", field="break_weeks")
        first, last = int(match[1]), int(match[2] or match[1])
        if not (1 <= first <= LAST_WEEK and 1 <= last <= LAST_WEEK):
            raise RuleBroken("break_weeks_unreadable", field="break_weeks")
        spans.append((first, last))
    return tuple(spans)


class Booking(NamedTuple):
    """A time a supervisor is taken: start and end as UTC instants, the place (None or "" = online), and by whom.

    `group_name` and `zone` are the group's; they name the clash to the supervisor, whose own group it is.
    """

    starts_at: datetime
    ends_at: datetime
    place: str | None
    group_name: str = ""
    zone: str = "UTC"


def free_of(
    existing: Sequence[Booking],
    starts_at: datetime,
    ends_at: datetime,
    place: str | None,
    buffer_min: int = BUFFER_MIN,
) -> None:
    """Refuse a time when the supervisor is taken or could not travel from one place to the next.

    `existing` holds the supervisor's own other meetings, in every organisation. The buffer, in minutes, counts only
    between two different places; online needs no travel. Codes: `double_booked`, `no_travel_time` (param
    `buffer_min`), both on field `starts_at`, with params `group` and `when` (wall time there) of the clash.
    """
    for other in existing:
        if other.starts_at < ends_at and starts_at < other.ends_at:
            raise RuleBroken("double_booked", field="starts_at", **_clash(other))
    buffer = timedelta(minutes=buffer_min)
    for other in existing:
        is_too_near = other.starts_at < ends_at + buffer and starts_at < other.ends_at + buffer
        if is_too_near and _is_travel(place, other.place):
            raise RuleBroken("no_travel_time", field="starts_at", buffer_min=buffer_min, **_clash(other))


def _clash(other: Booking) -> dict[str, object]:
    return {"group": other.group_name, "when": to_wall(other.starts_at, other.zone)}


def _is_travel(place: str | None, other: str | None) -> bool:
    here, there = (" ".join((name or "").casefold().split()) for name in (place, other))
    return bool(here) and bool(there) and here != there


class Status(StrEnum):
    """Where a meeting stands; a moved one is planned anew and remembers the time it was moved from."""

    PLANNED = "planned"
    LIVE = "live"
    HELD = "held"
    CANCELLED = "cancelled"


class Cancellation(StrEnum):
    """How a meeting was cancelled; decides what the invoice says."""

    IN_TIME = "in_time"
    LATE = "late"
    BY_SUPERVISOR = "by_supervisor"


Action = Literal["move", "start", "hold", "cancel"]

# PRODUCT: planned -> live -> held, or cancelled, or moved. A meeting held without the live page is held directly.
TRANSITIONS: dict[tuple[Status, Action], Status] = {
    (Status.PLANNED, "move"): Status.PLANNED,
    (Status.PLANNED, "start"): Status.LIVE,
    (Status.PLANNED, "hold"): Status.HELD,
    (Status.PLANNED, "cancel"): Status.CANCELLED,
    (Status.LIVE, "hold"): Status.HELD,
}


def next_status(status: Status, action: Action) -> Status:
    """Return the status a meeting has after an action. Code: `meeting_status` when the table has no such step."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise RuleBroken("meeting_status") from None


def cancellation_kind(
    starts_at: datetime, now: datetime, late_days: int = LATE_DAYS, *, by_supervisor: bool = False
) -> Cancellation:
    """Return how a cancellation counts: in time until `late_days` × 24 h before the start, then late.

    One made by the supervisor is never the organisation's (PRODUCT: in time / late / by supervisor).
    """
    if by_supervisor:
        return Cancellation.BY_SUPERVISOR
    return Cancellation.IN_TIME if now <= in_time_until(starts_at, late_days) else Cancellation.LATE


def in_time_until(starts_at: datetime, late_days: int = LATE_DAYS) -> datetime:
    """Return the last instant at which the organisation cancels in time: `late_days` × 24 h before the start."""
    return starts_at - timedelta(days=late_days)


def asks_whether_to_run(coming: int) -> bool:
    """Return whether so few are coming that the supervisor is asked (PRODUCT: under 3)."""
    return coming < FEW_COMING


def check_first(first_on: date, starts_on: date, ends_on: date) -> None:
    """Refuse a first date outside the assignment's period. Code: `first_outside_period`."""
    if not starts_on <= first_on <= ends_on:
        raise RuleBroken("first_outside_period", field="first_on")


def check_in_period(on: date, starts_on: date, ends_on: date, field: str) -> None:
    """Refuse a date outside the assignment's period, both days included. Code: `date_outside_period`."""
    if not starts_on <= on <= ends_on:
        raise RuleBroken("date_outside_period", field=field, starts_on=starts_on, ends_on=ends_on)


def check_ahead(starts_at: datetime, now: datetime, field: str) -> None:
    """Refuse a date that has begun already. Code: `date_passed`."""
    if starts_at <= now:
        raise RuleBroken("date_passed", field=field)


def check_seats(seats: int) -> None:
    """Refuse a number of seats outside 4-8 (PRODUCT: assignment, allowed range). Code: `seats_out_of_range`."""
    low, high = SEATS_ALLOWED
    if not low <= seats <= high:
        raise RuleBroken("seats_out_of_range", field="seats")


def can_answer(status: Status, starts_at: datetime, now: datetime) -> bool:
    """Return whether one can still say whether one comes: until a planned meeting begins."""
    return status is Status.PLANNED and now < starts_at


def check_answer(status: Status, starts_at: datetime, now: datetime) -> None:
    """Refuse an answer once the meeting has begun or is cancelled. Code: `answer_closed`."""
    if not can_answer(status, starts_at, now):
        raise RuleBroken("answer_closed")


def opens_attendance(status: Status, starts_at: datetime, now: datetime) -> bool:
    """Return whether recording attendance also notes the meeting as held; a held one may be corrected.

    Codes: `meeting_status` for a cancelled meeting, `not_begun` before the start, `round_running` while the round
    runs: it is ended first, so that its length and balance are kept.
    """
    if status is Status.CANCELLED:
        raise RuleBroken("meeting_status")
    if status is Status.LIVE:
        raise RuleBroken("round_running")
    if status is Status.PLANNED and now < starts_at:
        raise RuleBroken("not_begun")
    return status is not Status.HELD
