"""Seats, the waiting line and the life of a group, as decisions on counts and instants."""

from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from supervision.kernel.errors import RuleBroken

FEWEST = 5  # PRODUCT: below 5 members the supervisor is warned
SEATS_ALLOWED = (4, 8)  # PRODUCT: allowed range 4-8
OFFER_HOURS = 72  # PRODUCT: an offer's deadline
BEFORE_MEETING_H = 24  # PRODUCT: never later than 24 h before the meeting
START_PHASE = 3  # PRODUCT: a start phase of three meetings
ASK_WEEKS = 8  # our choice: time to talk at two meetings and to order the next term


SLOT_STARTS = {8: 10, 10: 13, 13: 16, 16: 19}  # DESIGN, proposals: four slots a day, from hour to hour
WEEKS = ("A", "B")
A_MONDAY = date(2024, 1, 8)  # any Monday of a week A; days are counted from it, never week numbers (PRODUCT: series)
SLOTS = tuple(f"{week}{day}-{start}" for week in WEEKS for day in range(1, 8) for start in SLOT_STARTS)
"""Every slot of a fortnight: week, day from Monday = 1, first hour. "A2-13" is Tuesday of week A, 13 to 16."""


def copy_week(slots: Collection[str]) -> tuple[str, ...]:
    """Return the slots with week B made equal to week A; what is no slot is left out."""
    first = [slot for slot in SLOTS if slot in slots and slot[0] == "A"]
    return (*first, *("B" + slot[1:] for slot in first))


def weeks_begin(on: date) -> dict[str, date]:
    """Return the Monday on which week A and week B begin next: today at the earliest, so that none is nearly over."""
    monday = on + timedelta(days=-on.weekday() % 7)
    after = monday + timedelta(days=7)
    is_a = (monday - A_MONDAY).days % 14 == 0
    return {"A": monday, "B": after} if is_a else {"A": after, "B": monday}


def lowest_free(numbers: Collection[int]) -> int:
    """Return the first place at the table nobody sits at; places are counted from 0, clockwise."""
    return next(number for number in range(len(numbers) + 1) if number not in numbers)


def check_seats(seats_min: int, seats_max: int) -> None:
    """Refuse a number of seats outside 4-8, or a smallest group larger than the largest.

    Code: `seats_out_of_range`, on the field it belongs to.
    """
    low, high = SEATS_ALLOWED
    for field, seats in (("seats_min", seats_min), ("seats_max", seats_max)):
        if not low <= seats <= high:
            raise RuleBroken("seats_out_of_range", field=field)
    if seats_min > seats_max:
        raise RuleBroken("seats_out_of_range", field="seats_min")


def seats_to_offer(seats: int, taken: int, open_offers: int, waiting: int) -> int:
    """Return how many offers to make now, to the first in line.

    `seats` is the group's maximum, `taken` its members, `open_offers` the offers that still hold a seat, `waiting`
    those in line without an offer. Whatever frees a seat asks this again, under the lock that counts the seats, so
    members and open offers together never pass the maximum because of an offer.
    """
    return max(0, min(seats - taken - open_offers, waiting))


def has_seat(seats: int, taken: int, open_offers: int, waiting: int) -> bool:
    """Return whether a new sign-up gets a seat at once; nobody passes those who already wait."""
    return waiting == 0 and taken + open_offers < seats


def offer_deadline(
    now: datetime,
    next_meeting_at: datetime | None,
    hours: int = OFFER_HOURS,
    before_h: int = BEFORE_MEETING_H,
) -> datetime | None:
    """Return when an offer made now runs out, or None when none can be made before the meeting.

    The earlier of `hours` from now and `before_h` before the next meeting (PRODUCT: sign-up).
    """
    deadline = now + timedelta(hours=hours)
    if next_meeting_at is not None:
        deadline = min(deadline, next_meeting_at - timedelta(hours=before_h))
    return deadline if deadline > now else None


def is_expired(deadline_at: datetime, now: datetime) -> bool:
    """Return whether an offer has run out; at the deadline itself it has."""
    return now >= deadline_at


def is_below_five(members: int) -> bool:
    """Return whether the supervisor is warned that the group is small (they can merge, wait or run)."""
    return members < FEWEST


class GroupStatus(StrEnum):
    """The life of a group, from sign-up to its end."""

    FORMING = "forming"
    RUNNING = "running"
    CLOSING = "closing"
    ENDED = "ended"


Action = Literal["run", "close", "resume", "end"]

TRANSITIONS: Mapping[tuple[GroupStatus, Action], GroupStatus] = {
    (GroupStatus.FORMING, "run"): GroupStatus.RUNNING,
    (GroupStatus.FORMING, "end"): GroupStatus.ENDED,
    (GroupStatus.RUNNING, "close"): GroupStatus.CLOSING,
    (GroupStatus.CLOSING, "resume"): GroupStatus.RUNNING,
    (GroupStatus.CLOSING, "end"): GroupStatus.ENDED,
}


def next_status(status: GroupStatus, action: Action) -> GroupStatus:
    """Return the status a group has after an action. Code: `group_status` when the table has no such step."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise RuleBroken("group_status") from None


def actions_of(status: GroupStatus) -> tuple[Action, ...]:
    """Return the steps that lead on from a status, as the group's page offers them."""
    return tuple(action for start, action in TRANSITIONS if start is status)


def takes_sign_ups(status: GroupStatus) -> bool:
    """Return whether a sign-up gets a free seat at once: while forming only. Refilling a running group is an offer."""
    return status is GroupStatus.FORMING


def is_review_due(status: GroupStatus, held: int, *, is_done: bool) -> bool:
    """Return whether the start phase is over: three meetings are held and the group has not looked back yet."""
    return status is GroupStatus.RUNNING and held >= START_PHASE and not is_done


def asks_to_go_on(status: GroupStatus, ends_on: date, today: date) -> bool:
    """Return whether a running group asks itself whether to go on: from eight weeks before the assignment ends."""
    return status is GroupStatus.RUNNING and ends_on - today <= timedelta(weeks=ASK_WEEKS)
