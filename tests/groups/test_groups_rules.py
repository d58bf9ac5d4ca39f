from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.groups import rules
from supervision.groups.rules import GroupStatus, Line
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
    for start, action in ((GroupStatus.ENDED, "run"), (GroupStatus.FORMING, "close"), (GroupStatus.RUNNING, "run")):
        with pytest.raises(RuleBroken, match="group_status"):
            rules.next_status(start, action)


def test_a_running_group_is_closed_until_refilled():
    assert rules.takes_sign_ups(GroupStatus.FORMING)
    assert not rules.takes_sign_ups(GroupStatus.RUNNING)
    assert rules.takes_sign_ups(GroupStatus.RUNNING, is_reopened=True)
    assert not rules.takes_sign_ups(GroupStatus.CLOSING, is_reopened=True)


STEPS = st.lists(
    st.tuples(st.sampled_from(["sign_up", "accept", "out", "wait", "seats"]), st.integers(0, 14)), max_size=50
)


@given(STEPS)
def test_a_line_never_overbooks_nor_loses_order(steps):
    line, now, arrived = Line(seats=5), NOW, []
    for action, number in steps:
        person = f"p{number}"
        before = line
        try:
            if action == "sign_up":
                line = rules.sign_up(line, person)
                arrived = [other for other in arrived if other != person] + [person]
            elif action == "accept":
                line = rules.accept(line, person, now)
            elif action == "out":
                line = rules.step_out(line, person)
            elif action == "wait":
                now += hours(number * 10)
            else:
                line = Line(max(line.seats, 4 + number % 5), line.members, line.offers, line.waiting)
        except RuleBroken:
            assert line == before
        line = rules.promote(line, now, None)
        assert len(set(line.people)) == len(line.people)
        assert len(line.members) + len(line.offers) <= line.seats
        assert not line.waiting or len(line.members) + len(line.offers) == line.seats
        assert list(line.waiting) == [person for person in arrived if person in line.waiting]
        assert all(not rules.is_expired(at, now) for _, at in line.offers)
        assert rules.promote(line, now, None) == line


def test_an_expired_offer_goes_to_the_next():
    line = Line(seats=1, members=("a",), waiting=("b", "c"))
    line = rules.promote(rules.step_out(line, "a"), NOW, None)
    assert [person for person, _ in line.offers] == ["b"]
    later = NOW + hours(72)
    with pytest.raises(RuleBroken, match="offer_expired"):
        rules.accept(line, "b", later)
    with pytest.raises(RuleBroken, match="no_offer"):
        rules.accept(line, "c", NOW)
    line = rules.promote(line, later, None)
    assert [person for person, _ in line.offers] == ["c"]
    assert rules.accept(line, "c", later).members == ("c",)
    with pytest.raises(RuleBroken, match="already_signed_up"):
        rules.sign_up(line, "c")


def test_no_offer_when_the_meeting_is_too_near():
    line = Line(seats=1, waiting=("b",))
    assert rules.promote(line, NOW, NOW + hours(24)) == line


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)))
def test_weeks_a_and_b_begin_next_and_keep_their_turn(on: date) -> None:
    weeks = rules.weeks_begin(on)
    assert all(monday >= on and monday.weekday() == 0 for monday in weeks.values())
    assert abs((weeks["A"] - weeks["B"]).days) == 7
    assert (weeks["A"] - rules.A_MONDAY).days % 14 == 0
