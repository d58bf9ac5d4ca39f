"""Seats, the waiting line and the life of a group, as decisions on counts and instants."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Literal

from supervision.kernel.errors import RuleBroken

FEWEST = 5  # PRODUCT: below 5 members the supervisor is warned
SEATS_DEFAULT = 7  # PRODUCT: seats 5-7 per group
SEATS_ALLOWED = (4, 8)  # PRODUCT: allowed range 4-8
OFFER_HOURS = 72  # PRODUCT: an offer's deadline
BEFORE_MEETING_H = 24  # PRODUCT: never later than 24 h before the meeting


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


Action = Literal["run", "close", "end"]

TRANSITIONS: Mapping[tuple[GroupStatus, Action], GroupStatus] = {
    (GroupStatus.FORMING, "run"): GroupStatus.RUNNING,
    (GroupStatus.FORMING, "end"): GroupStatus.ENDED,
    (GroupStatus.RUNNING, "close"): GroupStatus.CLOSING,
    (GroupStatus.CLOSING, "end"): GroupStatus.ENDED,
}


def next_status(status: GroupStatus, action: Action) -> GroupStatus:
    """Return the status a group has after an action. Code: `group_status` when the table has no such step."""
    try:
        return TRANSITIONS[status, action]
    except KeyError:
        raise RuleBroken("group_status") from None


def takes_sign_ups(status: GroupStatus, *, is_reopened: bool = False) -> bool:
    """Return whether one can sign up: while forming, or while running when the supervisor refills the group."""
    return status is GroupStatus.FORMING or (status is GroupStatus.RUNNING and is_reopened)


@dataclass(frozen=True, slots=True)
class Line:
    """A group's seats as a pure state: members, open offers with their deadlines, and those waiting in order.

    Ids are any strings; a person stands in one of the three places only.
    """

    seats: int
    members: tuple[str, ...] = ()
    offers: tuple[tuple[str, datetime], ...] = ()
    waiting: tuple[str, ...] = ()

    @property
    def people(self) -> tuple[str, ...]:
        """Everyone in the line, members first."""
        return self.members + tuple(person for person, _ in self.offers) + self.waiting


def sign_up(line: Line, person: str) -> Line:
    """Give a person a seat, or the last place in line. Code: `already_signed_up`."""
    if person in line.people:
        raise RuleBroken("already_signed_up")
    if has_seat(line.seats, len(line.members), len(line.offers), len(line.waiting)):
        return Line(line.seats, (*line.members, person), line.offers, line.waiting)
    return Line(line.seats, line.members, line.offers, (*line.waiting, person))


def accept(line: Line, person: str, now: datetime) -> Line:
    """Turn a person's open offer into a seat. Codes: `no_offer`, `offer_expired`."""
    deadline_at = dict(line.offers).get(person)
    if deadline_at is None:
        raise RuleBroken("no_offer")
    if is_expired(deadline_at, now):
        raise RuleBroken("offer_expired")
    return Line(line.seats, (*line.members, person), _without(line.offers, person), line.waiting)


def step_out(line: Line, person: str) -> Line:
    """Take a person out of the group, of their offer or of the line: leaving, declining or removal."""
    return Line(
        line.seats,
        tuple(member for member in line.members if member != person),
        _without(line.offers, person),
        tuple(other for other in line.waiting if other != person),
    )


def promote(line: Line, now: datetime, next_meeting_at: datetime | None) -> Line:
    """Let expired offers lapse and offer free seats to the first in line; nothing if no time is left to answer.

    Someone whose offer ran out leaves the line, then the next is asked (PRODUCT: sign-up).
    """
    offers = tuple((person, at) for person, at in line.offers if not is_expired(at, now))
    count = seats_to_offer(line.seats, len(line.members), len(offers), len(line.waiting))
    deadline_at = offer_deadline(now, next_meeting_at)
    if deadline_at is None:
        count = 0
    else:
        offers += tuple((person, deadline_at) for person in line.waiting[:count])
    return Line(line.seats, line.members, offers, line.waiting[count:])


def _without(offers: tuple[tuple[str, datetime], ...], person: str) -> tuple[tuple[str, datetime], ...]:
    return tuple(offer for offer in offers if offer[0] != person)
