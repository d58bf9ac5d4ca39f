from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from supervision.invoices.rules import (
    PAID,
    Held,
    Terms,
    basis,
    month_after,
    month_before,
    outcome_of,
    parse_month,
    units_of,
)

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
STATES = [
    ("held", None),
    ("cancelled", "late"),
    ("cancelled", "in_time"),
    ("cancelled", "by_supervisor"),
    ("planned", None),
    ("live", None),
]


def at(hours: int, state: tuple[str, str | None], minutes: int = 90) -> Held:
    starts_at = datetime(2026, 11, 1, 8, 0, tzinfo=UTC) + timedelta(hours=hours)
    return Held("Linden", "Europe/Stockholm", starts_at, starts_at + timedelta(minutes=minutes), *state)


dates = st.lists(st.builds(at, st.integers(0, 24 * 40), st.sampled_from(STATES), st.sampled_from([45, 60, 90, 120])))


@given(dates, st.integers(0, 5000), st.sampled_from([45, 60, 90]))
def test_the_sum_is_what_its_lines_say_and_only_held_and_late_cost(found, price, unit_min) -> None:
    got = basis(found, Terms(price, unit_min), NOW)
    paid = [one for one in found if one.status == "held" or one.cancelled_as == "late"]
    assert got.units == sum((units_of(one.starts_at, one.ends_at, unit_min) for one in paid), Decimal(0))
    assert got.amount == sum(line.units * price for line in got.lines)
    assert all((line.units > 0) == (line.outcome in PAID) for line in got.lines)
    assert [line.starts_at for line in got.lines] == sorted(one.starts_at for one in found)


def test_ninety_minutes_in_units() -> None:
    start, end = NOW, NOW + timedelta(minutes=90)
    assert [units_of(start, end, unit) for unit in (45, 60, 90)] == [Decimal("2.00"), Decimal("1.50"), Decimal("1.00")]


def test_without_a_price_there_is_no_sum() -> None:
    assert basis([at(0, ("held", None))], Terms(None, 45), NOW).amount is None


def test_a_past_date_that_nobody_has_noted_is_pointed_out() -> None:
    assert outcome_of("planned", None, NOW, NOW) == "not_recorded"
    assert outcome_of("planned", None, NOW + timedelta(minutes=1), NOW) == "coming"


@given(st.dates(date(2001, 1, 1), date(2099, 12, 31)))
def test_months_follow_each_other(on) -> None:
    month = on.replace(day=1)
    assert month_before(month_after(month)) == month_after(month_before(month)) == month
    assert parse_month(f"{on:%Y-%m}", date(2020, 5, 5)) == month


@given(st.text(max_size=12))
def test_a_month_nobody_can_read_is_the_present_one(text) -> None:
    assert parse_month(text, date(2026, 11, 24)).day == 1
    assert parse_month("2026-13", date(2026, 11, 24)) == date(2026, 11, 1)
    assert parse_month(None, date(2026, 11, 24)) == date(2026, 11, 1)
