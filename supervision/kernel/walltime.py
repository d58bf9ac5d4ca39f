"""Local wall time and UTC, over daylight saving."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo


def to_instant(on: date, at: time, zone: str) -> datetime:
    """Return the UTC instant of a wall time in a zone.

    A wall time that daylight saving skips is moved forward by the gap; one that occurs twice means the first.
    """
    return datetime.combine(on, at, tzinfo=ZoneInfo(zone)).astimezone(UTC)


def to_wall(instant: datetime, zone: str) -> datetime:
    """Return an aware UTC instant as wall time in a zone."""
    return instant.astimezone(ZoneInfo(zone))


def local_day(instant: datetime, zone: str) -> date:
    """Return the calendar day of an instant in a zone."""
    return to_wall(instant, zone).date()
