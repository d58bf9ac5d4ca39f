"""What a month of an assignment costs (PRODUCT: assignment, price per unit and unit length; late-cancel limit)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

from supervision.kernel.walltime import local_day

Outcome = Literal["held", "cancelled_late", "cancelled_in_time", "cancelled_by_supervisor", "coming", "not_recorded"]

# Held dates and late cancellations by the organisation are paid; others are not (PRODUCT: meetings).
PAID: frozenset[Outcome] = frozenset({"held", "cancelled_late"})
CANCELLED: dict[str, Outcome] = {
    "in_time": "cancelled_in_time",
    "late": "cancelled_late",
    "by_supervisor": "cancelled_by_supervisor",
}
CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Held:
    """A date as the basis reads it: the group's name, UTC instants, the meeting's status and how it was cancelled."""

    group_name: str
    zone: str
    starts_at: datetime
    ends_at: datetime
    status: str
    cancelled_as: str | None


@dataclass(frozen=True, slots=True)
class Terms:
    """What is agreed: the price of a unit in whole kronor (None: no price is agreed) and its length in minutes."""

    price: int | None
    unit_min: int


@dataclass(frozen=True, slots=True)
class Line:
    """One date: local day, what became of it, its units, and its sum in kronor (None without a price)."""

    on: date
    group_name: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    outcome: Outcome
    units: Decimal
    amount: Decimal | None


@dataclass(frozen=True, slots=True)
class Basis:
    """A month's lines in order of time, and what they come to together."""

    lines: Sequence[Line]
    units: Decimal
    amount: Decimal | None


def basis(dates: Iterable[Held], terms: Terms, now: datetime) -> Basis:
    """Return the lines of some dates and their sums."""
    lines = tuple(_line(one, terms, now) for one in sorted(dates, key=lambda one: (one.starts_at, one.group_name)))
    units = sum((line.units for line in lines), Decimal(0))
    amount = None if terms.price is None else sum((line.amount or Decimal(0) for line in lines), Decimal(0))
    return Basis(lines, units, amount)


def outcome_of(status: str, cancelled_as: str | None, ends_at: datetime, now: datetime) -> Outcome:
    """Return what became of a date; one that is over and that nobody has noted as held is `not_recorded`."""
    if status == "held":
        return "held"
    if cancelled_as is not None:
        return CANCELLED[cancelled_as]
    return "coming" if now < ends_at else "not_recorded"


def units_of(starts_at: datetime, ends_at: datetime, unit_min: int) -> Decimal:
    """Return a meeting's length in units, two decimals: 90 minutes are 2 units of 45, 1.5 of 60."""
    minutes = Decimal((ends_at - starts_at).total_seconds()) / 60
    return (minutes / unit_min).quantize(CENT, ROUND_HALF_UP)


def _line(one: Held, terms: Terms, now: datetime) -> Line:
    outcome = outcome_of(one.status, one.cancelled_as, one.ends_at, now)
    units = units_of(one.starts_at, one.ends_at, terms.unit_min) if outcome in PAID else Decimal(0)
    amount = None if terms.price is None else (units * terms.price).quantize(CENT, ROUND_HALF_UP)
    on = local_day(one.starts_at, one.zone)
    return Line(on, one.group_name, one.starts_at, one.ends_at, one.zone, outcome, units, amount)


def parse_month(text: str | None, otherwise: date) -> date:
    """Return the first day of a month written "2026-11"; that of `otherwise` when it cannot be read."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return otherwise.replace(day=1)
    return found if 2000 <= found.year <= 2100 else otherwise.replace(day=1)


def month_after(month: date) -> date:
    """Return the first day of the next month."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def month_before(month: date) -> date:
    """Return the first day of the month before."""
    return date(month.year - (month.month == 1), (month.month - 2) % 12 + 1, 1)
