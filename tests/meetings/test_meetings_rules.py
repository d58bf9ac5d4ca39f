from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import to_wall
from supervision.meetings import rules
from supervision.meetings.rules import Cancellation, Status

ZONES = (("Europe/Stockholm", "SE"), ("Europe/Copenhagen", "DK"))
AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


def minutes(count):
    return timedelta(minutes=count)


@pytest.mark.parametrize(("zone", "country"), ZONES)
@pytest.mark.parametrize("offset", range(14))
def test_every_fortnightly_series_keeps_wall_time_and_steps(zone, country, offset):
    """All fourteen fortnightly series of 2026-2040, over thirty clock changes and the 53-week years."""
    first_on, until_on = date(2026, 1, 1) + timedelta(days=offset), date(2040, 12, 31)
    dates = rules.series(first_on, time(14), zone, until_on, country)
    assert dates[0].local_on == first_on
    assert until_on - dates[-1].local_on < timedelta(days=14)
    for before, after in pairwise(dates):
        assert after.local_on - before.local_on == timedelta(days=14)
    for planned in dates:
        wall = to_wall(planned.starts_at, zone)
        assert (wall.date(), wall.time()) == (planned.local_on, time(14))
        assert planned.starts_at.utcoffset() == timedelta(0)
        assert planned.ends_at - planned.starts_at == minutes(90)


@given(
    first_on=st.dates(date(2026, 1, 1), date(2038, 12, 31)),
    at_local=st.times(time(6), time(21)).map(lambda at: at.replace(second=0, microsecond=0)),
    place=st.sampled_from(ZONES),
    breaks=st.lists(st.tuples(st.integers(1, 53), st.integers(1, 53)), max_size=3),
)
def test_breaks_skip_without_shifting(first_on, at_local, place, breaks):
    zone, country = place
    until_on = first_on + timedelta(days=364)
    with_breaks = rules.series(first_on, at_local, zone, until_on, country, tuple(breaks))
    without = rules.series(first_on, at_local, zone, until_on, country, ())
    assert [p.starts_at for p in with_breaks] == [p.starts_at for p in without]
    assert {to_wall(p.starts_at, zone).time() for p in with_breaks} == {at_local}
    kept = rules.kept(with_breaks)
    assert set(kept) <= set(rules.kept(without))
    assert len(kept) + sum(p.skipped is not None for p in with_breaks) == len(with_breaks)
    for planned in with_breaks:
        assert (planned.skipped == "holiday") == (planned.holiday_name is not None)


@pytest.mark.parametrize(
    ("country", "day", "name"),
    [
        ("SE", date(2026, 6, 19), "Midsommarafton"),
        ("SE", date(2026, 12, 24), "Julafton"),
        ("SE", date(2026, 12, 31), "Nyårsafton"),
        ("SE", date(2026, 1, 6), "Trettondedag jul"),
        ("SE", date(2026, 11, 24), None),
        ("DK", date(2026, 12, 24), "Juleaftensdag"),
        ("DK", date(2026, 12, 31), "Nytårsaften"),
        ("DK", date(2026, 4, 2), "Skærtorsdag"),
        ("DK", date(2023, 5, 5), "Store bededag"),
        ("DK", date(2026, 5, 1), None),
        ("DK", date(2026, 6, 5), None),
    ],
)
def test_holidays_of_the_country(country, day, name):
    assert rules.holiday_name(day, country) == name


def test_break_over_the_new_year_in_a_53_week_year():
    spans = ((26, 32), (51, 1))
    assert rules.is_in_break(date(2026, 12, 14), spans)  # week 51
    assert rules.is_in_break(date(2026, 12, 28), spans)  # week 53
    assert rules.is_in_break(date(2027, 1, 10), spans)  # week 1
    assert not rules.is_in_break(date(2027, 1, 11), spans)
    assert not rules.is_in_break(date(2026, 12, 13), spans)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"until_on": date(2025, 1, 1)}, "series_ends_before_start"),
        ({"every_days": 0}, "series_step_too_short"),
        ({"length_min": 0}, "length_too_short"),
        ({"country": "NO"}, "country_unknown"),
    ],
)
def test_series_refusals(change, code):
    asked = {
        "first_on": date(2026, 1, 12),
        "at_local": time(14),
        "zone": "Europe/Stockholm",
        "until_on": date(2026, 6, 1),
        "country": "SE",
    }
    with pytest.raises(RuleBroken) as refused:
        rules.series(**(asked | change))
    assert refused.value.code == code


@given(st.lists(st.tuples(st.integers(1, 53), st.integers(1, 53)), max_size=5))
def test_break_weeks_read_as_written(spans):
    text = ", ".join(f"{first}-{last}" for first, last in spans)
    assert rules.parse_break_weeks(text) == tuple(spans)


def test_break_weeks_reads_what_people_write():
    assert rules.parse_break_weeks("26–32, 44; 51 - 1,") == ((26, 32), (44, 44), (51, 1))
    assert rules.parse_break_weeks("  ") == ()


@pytest.mark.parametrize("text", ["juli", "0-4", "26-54", "26-", "26-32-40", "26 32"])
def test_break_weeks_unreadable(text):
    with pytest.raises(RuleBroken) as refused:
        rules.parse_break_weeks(text)
    assert (refused.value.code, refused.value.refusal.field) == ("break_weeks_unreadable", "break_weeks")


@pytest.mark.parametrize(
    ("starts_in", "place", "code"),
    [
        (89, "Malmö", "double_booked"),
        (90, "Malmö", None),
        (90, " malmö ", None),
        (119, "Lund", "no_travel_time"),
        (120, "Lund", None),
        (90, None, None),
        (-90, "Malmö", None),
        (-91, "Lund", "no_travel_time"),
        (-120, "Lund", None),
        (-30, None, "double_booked"),
    ],
)
def test_free_of(starts_in, place, code):
    taken = [rules.Booking(AT, AT + minutes(90), "Malmö")]
    starts_at = AT + minutes(starts_in)
    if code is None:
        rules.free_of(taken, starts_at, starts_at + minutes(90), place)
        return
    with pytest.raises(RuleBroken) as refused:
        rules.free_of(taken, starts_at, starts_at + minutes(90), place)
    assert refused.value.code == code


def test_double_booking_is_said_before_travel():
    taken = [
        rules.Booking(AT - minutes(100), AT - minutes(10), "Lund"),
        rules.Booking(AT, AT + minutes(90), "Malmö"),
    ]
    with pytest.raises(RuleBroken, match="double_booked"):
        rules.free_of(taken, AT, AT + minutes(90), "Malmö")


@given(st.integers(-400, 400), st.integers(-400, 400), st.sampled_from(["A", "B", None]))
def test_free_of_is_mutual(first, second, place):
    one = (AT + minutes(first), AT + minutes(first + 90), "A")
    two = (AT + minutes(second), AT + minutes(second + 60), place)

    def refusal(taken, asked):
        try:
            rules.free_of([rules.Booking(*taken)], *asked)
        except RuleBroken as broken:
            return broken.code
        return None

    assert refusal(one, two) == refusal(two, one)


def test_status_table():
    assert rules.next_status(Status.PLANNED, "start") is Status.LIVE
    assert rules.next_status(Status.LIVE, "hold") is Status.HELD
    assert rules.next_status(rules.next_status(Status.PLANNED, "move"), "cancel") is Status.CANCELLED
    for final in (Status.HELD, Status.CANCELLED):
        for action in ("move", "start", "hold", "cancel"):
            with pytest.raises(RuleBroken, match="meeting_status"):
                rules.next_status(final, action)
    with pytest.raises(RuleBroken, match="meeting_status"):
        rules.next_status(Status.LIVE, "move")


def test_cancellation_kind():
    assert rules.cancellation_kind(AT, AT - timedelta(days=5)) is Cancellation.IN_TIME
    assert rules.cancellation_kind(AT, AT - timedelta(days=5) + minutes(1)) is Cancellation.LATE
    assert rules.cancellation_kind(AT, AT - timedelta(days=1), late_days=1) is Cancellation.IN_TIME
    assert rules.cancellation_kind(AT, AT, by_supervisor=True) is Cancellation.BY_SUPERVISOR


def test_few_coming():
    assert [rules.asks_whether_to_run(n) for n in (2, 3)] == [True, False]


def test_attendance_waits_for_the_round_to_end() -> None:
    now = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    with pytest.raises(RuleBroken, match="round_running"):
        rules.opens_attendance(Status.LIVE, now, now)
    assert rules.opens_attendance(Status.PLANNED, now, now)
    assert not rules.opens_attendance(Status.HELD, now, now)
