import string
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.kernel.walltime import to_instant, to_wall
from supervision.outbox.rules import quiet_until
from supervision.reminders.rules import OneDate, asks_by_mail, is_time, read, remind_at, sign

STOCKHOLM = "Europe/Stockholm"
SECRET = "a secret of the tests"
INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
STARTS = st.builds(
    lambda on, at: to_instant(on, at, STOCKHOLM),
    st.dates(datetime(2026, 1, 1).date(), datetime(2030, 1, 1).date()),  # noqa: DTZ001
    st.times(time(7), time(20)).map(lambda at: at.replace(microsecond=0)),
)
BEFORE = st.none() | st.timedeltas(timedelta(minutes=-30), timedelta(days=20))
DATES = st.builds(OneDate, st.uuids(), st.uuids(), STARTS)


@given(STARTS, BEFORE, BEFORE)
def test_a_reminder_keeps_all_its_bounds(starts_at, previous, changed) -> None:
    previous_ends_at = None if previous is None else starts_at - previous
    changed_at = None if changed is None else starts_at - changed
    at = remind_at(starts_at, STOCKHOLM, previous_ends_at=previous_ends_at, changed_at=changed_at)
    if at is None:
        return
    assert at < starts_at
    assert to_wall(at, STOCKHOLM).date() >= to_wall(starts_at, STOCKHOLM).date() - timedelta(days=3)
    assert quiet_until(at, STOCKHOLM) is None
    assert previous_ends_at is None or at >= previous_ends_at
    assert changed_at is None or at >= changed_at + timedelta(days=1)
    if at > starts_at - timedelta(days=2):  # late only for a reason
        assert max(t for t in (previous_ends_at, changed_at and changed_at + timedelta(days=1)) if t) <= at


@given(STARTS)
def test_by_itself_it_is_three_days_before_at_the_meeting_s_own_hour(starts_at) -> None:
    at = remind_at(starts_at, STOCKHOLM)
    wall, meets = to_wall(at, STOCKHOLM), to_wall(starts_at, STOCKHOLM)
    if meets.time() < time(20):
        assert (wall.date(), wall.time()) == (meets.date() - timedelta(days=3), meets.time())


@given(STARTS, st.lists(st.timedeltas(timedelta(0), timedelta(days=5)), max_size=30))
def test_however_the_sweeps_fall_it_goes_out_by_day_before_the_meeting(starts_at, steps) -> None:
    at = remind_at(starts_at, STOCKHOLM)
    sent = [now for step in steps if is_time(at, starts_at, now := starts_at - step, STOCKHOLM)]
    assert all(at <= now < starts_at and 7 <= to_wall(now, STOCKHOLM).hour < 20 for now in sent)
    missed = [starts_at - step for step in steps if starts_at - step not in sent]
    assert all(now < at or now >= starts_at or quiet_until(now, STOCKHOLM) for now in missed)


def test_examples() -> None:
    tuesday = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)  # 14:00 in Stockholm
    saturday = datetime(2026, 11, 21, 13, 0, tzinfo=UTC)
    assert remind_at(tuesday, STOCKHOLM) == saturday
    sunday_night = datetime(2026, 11, 22, 20, 30, tzinfo=UTC)  # 21:30: the previous meeting ends late
    assert remind_at(tuesday, STOCKHOLM, previous_ends_at=sunday_night) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
    assert remind_at(tuesday, STOCKHOLM, changed_at=tuesday - timedelta(hours=20)) is None
    after_dst = datetime(2026, 10, 27, 13, 0, tzinfo=UTC)  # the clocks went back on the 25th
    assert remind_at(after_dst, STOCKHOLM) == datetime(2026, 10, 24, 12, 0, tzinfo=UTC)
    assert asks_by_mail(tuesday, tuesday - timedelta(days=14), STOCKHOLM)
    assert not asks_by_mail(tuesday, tuesday - timedelta(days=14, seconds=1), STOCKHOLM)
    assert not asks_by_mail(tuesday, tuesday - timedelta(days=2, hours=-9), STOCKHOLM)  # 23:00


@given(DATES)
def test_a_token_opens_what_it_was_made_for_and_only_here(date) -> None:
    token = sign(SECRET, date)
    assert read(SECRET, token) == date
    assert read(SECRET + "x", token) is None
    assert len(token) == 75


@given(DATES, st.integers(0, 74), st.sampled_from(string.ascii_letters + string.digits + "-_"))
def test_a_changed_token_opens_nothing(date, place, letter) -> None:
    token = sign(SECRET, date)
    changed = token[:place] + letter + token[place + 1 :]
    assert (read(SECRET, changed) is None) == (changed != token)


@pytest.mark.parametrize("token", ["", "a", "å" * 75, "x" * 75, "=" * 10, "A" * 76, "A" * 10_000])
def test_rubbish_opens_nothing(token) -> None:
    assert read(SECRET, token) is None
