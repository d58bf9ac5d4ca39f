"""When cover can be asked for, what becomes of a request, and when the planner is reminded (PRODUCT: meetings)."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from supervision.kernel.errors import RuleBroken

REMIND_BEFORE = timedelta(days=2)  # our choice: time enough to find someone, near enough not to be forgotten


class Status(StrEnum):
    """Where a request stands. `ended`: the date was moved or cancelled, or the member has left."""

    OPEN = "open"
    ARRANGED = "arranged"
    NOT_POSSIBLE = "not_possible"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


CURRENT = (Status.OPEN, Status.ARRANGED, Status.NOT_POSSIBLE)

Action = Literal["arrange", "decline", "withdraw", "end"]

# A planner may change their answer until the date; a refused request has nothing left to withdraw or to end.
STEPS: dict[tuple[Status, Action], Status] = {
    (Status.OPEN, "arrange"): Status.ARRANGED,
    (Status.OPEN, "decline"): Status.NOT_POSSIBLE,
    (Status.ARRANGED, "decline"): Status.NOT_POSSIBLE,
    (Status.NOT_POSSIBLE, "arrange"): Status.ARRANGED,
    (Status.OPEN, "withdraw"): Status.WITHDRAWN,
    (Status.ARRANGED, "withdraw"): Status.WITHDRAWN,
    (Status.OPEN, "end"): Status.ENDED,
    (Status.ARRANGED, "end"): Status.ENDED,
    (Status.NOT_POSSIBLE, "end"): Status.ENDED,
}


def next_status(status: Status, action: Action) -> Status:
    """Return where a request stands after an action. Code: `cover_status` when there is no such step."""
    try:
        return STEPS[status, action]
    except KeyError:
        raise RuleBroken("cover_status") from None


def check_time(starts_at: datetime, now: datetime) -> None:
    """Refuse to ask, answer or withdraw once the time has begun. Code: `cover_too_late`."""
    if now >= starts_at:
        raise RuleBroken("cover_too_late")


def can_ask(meeting_status: str, starts_at: datetime, now: datetime) -> bool:
    """Return whether cover can be asked for a date: it is planned and has not begun."""
    return meeting_status == "planned" and now < starts_at


def is_reminded(status: Status, asked_at: datetime, starts_at: datetime, now: datetime) -> bool:
    """Return whether the planner is to be reminded now: an open request, two days or less before its time.

    One that was asked for within those two days reminded by itself.
    """
    remind_at = starts_at - REMIND_BEFORE
    return status is Status.OPEN and asked_at < remind_at <= now < starts_at


def remind_not_before(now: datetime, starts_at: datetime, quiet_until: datetime | None) -> datetime:
    """Return when a reminder may be sent: after the quiet hours, unless the time has then begun."""
    return now if quiet_until is None or quiet_until >= starts_at else quiet_until
