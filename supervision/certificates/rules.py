"""What a certificate of hours counts (PRODUCT: series and meetings, attendance)."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal

from supervision.kernel.walltime import local_day

THERE = frozenset({"present", "late", "left_early"})  # as for the turn order: someone late or gone early was there


@dataclass(frozen=True, slots=True)
class OwnGroup:
    """A group as its (present or former) member's certificate names it, and of how many meetings there is a record."""

    person_id: uuid.UUID
    group_id: uuid.UUID
    group_name: str
    zone: str
    organisation: str
    supervisor: str
    supervisor_title: str
    recorded: int


@dataclass(frozen=True, slots=True)
class Recorded:
    """A held meeting and what was recorded about one person: present, late, left_early or absent. UTC instants."""

    starts_at: datetime
    ends_at: datetime
    kind: str


@dataclass(frozen=True, slots=True)
class Line:
    """One held meeting: its local day, and its hours held and attended, in hours with two decimals."""

    on: date
    held_h: Decimal
    attended_h: Decimal


@dataclass(frozen=True, slots=True)
class Hours:
    """The lines of a certificate in order of time, and their sums in hours."""

    lines: Sequence[Line]
    held_h: Decimal
    attended_h: Decimal
    attended: int


def hours(recorded: Iterable[Recorded], zone: str) -> Hours:
    """Return what one person's recorded meetings come to.

    Whoever was there is credited with the whole meeting: minutes late are never recorded (PRODUCT: attendance).
    """
    lines = tuple(_line(one, zone) for one in sorted(recorded, key=lambda one: one.starts_at))
    return Hours(
        lines,
        sum((line.held_h for line in lines), Decimal(0)),
        sum((line.attended_h for line in lines), Decimal(0)),
        sum(line.attended_h > 0 for line in lines),
    )


def _line(one: Recorded, zone: str) -> Line:
    seconds = Decimal((one.ends_at - one.starts_at).total_seconds())
    held_h = (seconds / 3600).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return Line(local_day(one.starts_at, zone), held_h, held_h if one.kind in THERE else Decimal(0))
