"""When a mail is tried again, and when mail that can wait is sent."""

from datetime import datetime, time, timedelta

from supervision.kernel.walltime import to_instant, to_wall

FIRST_WAIT = timedelta(minutes=1)  # our choice: a short hiccup is over in a minute
LONGEST_WAIT = timedelta(hours=6)  # our choice: a server that is down overnight is found again in the morning
QUIET_FROM = time(20)  # our choice: mail that can wait does not come in the evening
QUIET_UNTIL = time(7)
OPENING = frozenset({"code", "invitation", "new_password"})
"""Kinds of mail whose words open an account; a copy of the database must not hold them longer than it takes to send."""


def backoff(attempt: int) -> timedelta:
    """Return how long to wait after the failed attempt with this number, counted from 1.

    One minute, doubled each time, six hours at most.
    """
    doublings = min(max(attempt, 1) - 1, 10)
    return min(FIRST_WAIT * (1 << doublings), LONGEST_WAIT)


def quiet_until(now: datetime, zone: str) -> datetime | None:
    """Return when the quiet hours (20 to 7 in the reader's zone) end, as a UTC instant, or None outside them."""
    wall = to_wall(now, zone)
    if QUIET_UNTIL <= wall.time() < QUIET_FROM:
        return None
    on = wall.date() + timedelta(days=wall.time() >= QUIET_FROM)
    return to_instant(on, QUIET_UNTIL, zone)
