"""When a tap happened that a device tells of later: only its age is trusted, never the device's clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta

MS = timedelta(milliseconds=1)


def instants(ages_ms: Sequence[float], last_at: datetime | None, now: datetime) -> tuple[datetime, ...]:
    """Return the server's instant of each tap, in the order they were sent.

    An age is milliseconds between the tap and the sending, both by the device's own clock, so a clock that is wrong by
    days does no harm. No instant is in the future, before `last_at` (the log's last instant, None: an empty log), or
    before the one sent ahead of it: a clock that was set meanwhile can move a tap, but not change the order.
    """
    earliest = min(last_at, now) if last_at is not None else None
    found: list[datetime] = []
    for age_ms in ages_ms:
        at = now - min(max(age_ms, 0.0), _most_ms(earliest, now)) * MS
        if earliest is not None and at < earliest:
            at = earliest
        found.append(at)
        earliest = at
    return tuple(found)


def _most_ms(earliest: datetime | None, now: datetime) -> float:
    """Return the greatest age that counts: back to the log's last instant, at most a day where there is none."""
    return 86_400_000.0 if earliest is None else (now - earliest) / MS
