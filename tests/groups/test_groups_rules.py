from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.groups import rules
from supervision.groups.rules import GroupStatus
from supervision.kernel.errors import RuleBroken

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
FEW = st.integers(0, 12)


def hours(count):
    return timedelta(hours=count)


@given(FEW, FEW, FEW, FEW)
def test_offers_fill_and_never_overfill(seats, taken, open_offers, waiting):
    count = rules.seats_to_offer(seats, taken, open_offers, waiting)
    assert 0 <= count <= waiting
    if count:
        assert taken + open_offers + count <= seats
    assert taken + open_offers + count >= seats or count == waiting


@given(FEW, FEW, FEW, FEW)
def test_nobody_passes_the_line(seats, taken, open_offers, waiting):
    if rules.has_seat(seats, taken, open_offers, waiting):
        assert waiting == 0
        assert taken + open_offers < seats


@given(st.one_of(st.none(), st.integers(-100, 400)))
def test_offer_deadline(meeting_in_h):
    meeting_at = None if meeting_in_h is None else NOW + hours(meeting_in_h)
    deadline = rules.offer_deadline(NOW, meeting_at)
    if meeting_in_h is not None and meeting_in_h <= 24:
        assert deadline is None
        return
    assert NOW < deadline <= NOW + hours(72)
    assert deadline == NOW + hours(72) or deadline == meeting_at - hours(24)
    assert meeting_at is None or deadline <= meeting_at - hours(24)


def test_seats_allowed():
    rules.check_seats(5, 7)
    rules.check_seats(4, 8)
    for low, high in ((3, 7), (5, 9), (7, 6)):
        with pytest.raises(RuleBroken, match="seats_out_of_range"):
            rules.check_seats(low, high)


def test_below_five():
    assert [rules.is_below_five(n) for n in (4, 5)] == [True, False]


def test_group_status():
    status = GroupStatus.FORMING
    for action in ("run", "close", "end"):
        status = rules.next_status(status, action)
    assert status is GroupStatus.ENDED
    assert rules.next_status(GroupStatus.FORMING, "end") is GroupStatus.ENDED
    assert rules.next_status(GroupStatus.CLOSING, "resume") is GroupStatus.RUNNING
    assert [rules.actions_of(one) for one in GroupStatus] == [("run", "end"), ("close",), ("resume", "end"), ()]
    for start, action in ((GroupStatus.ENDED, "run"), (GroupStatus.FORMING, "close"), (GroupStatus.RUNNING, "run")):
        with pytest.raises(RuleBroken, match="group_status"):
            rules.next_status(start, action)


def test_a_running_group_is_closed_until_refilled():
    assert [status for status in GroupStatus if rules.takes_sign_ups(status)] == [GroupStatus.FORMING]


def test_the_review_comes_after_three_held_meetings_and_once():
    due = rules.is_review_due
    assert [due(GroupStatus.RUNNING, held, is_done=False) for held in (2, 3, 9)] == [False, True, True]
    assert not due(GroupStatus.RUNNING, 3, is_done=True)
    assert not due(GroupStatus.CLOSING, 3, is_done=False)


def test_a_group_asks_itself_eight_weeks_before_the_end():
    ends_on = date(2026, 12, 31)
    asks = [rules.asks_to_go_on(GroupStatus.RUNNING, ends_on, ends_on - timedelta(days=days)) for days in (57, 56, -5)]
    assert asks == [False, True, True]
    assert not rules.asks_to_go_on(GroupStatus.CLOSING, ends_on, ends_on)


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)))
def test_weeks_a_and_b_begin_next_and_keep_their_turn(on: date) -> None:
    weeks = rules.weeks_begin(on)
    assert all(monday >= on and monday.weekday() == 0 for monday in weeks.values())
    assert abs((weeks["A"] - weeks["B"]).days) == 7
    assert (weeks["A"] - rules.A_MONDAY).days % 14 == 0
