from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.formats.rules import PlannedPhase
from supervision.live.rules.events import Participant
from supervision.live.rules.order import round_order
from supervision.live.rules.plan import refit
from supervision.live.rules.shares import MIN_SHARE_S, Claim, equal_parts, jain, water_fill

claims = st.lists(
    st.builds(Claim, had_s=st.floats(0, 900), weight=st.sampled_from([1.0, 1.25, 1.5, 2.0])), min_size=1, max_size=8
)


@given(claims, st.floats(0, 3000))
def test_shares_sum_to_what_is_left_and_keep_the_least(people, left_s):
    shares = water_fill(people, left_s)
    assert sum(shares) == pytest.approx(left_s)
    if left_s >= MIN_SHARE_S * len(people):
        assert min(shares) >= MIN_SHARE_S - 1e-6
    else:
        assert max(shares) == pytest.approx(min(shares))


@settings(max_examples=40)
@given(st.lists(st.integers(0, 12), min_size=3, max_size=3), st.integers(9, 24))
def test_the_smallest_total_is_as_large_as_any_division_makes_it(had, slices):
    """Against every division into slices of 15 s that keeps 45 s each."""
    people = [Claim(15.0 * slices_had) for slices_had in had]
    shares = water_fill(people, 15.0 * slices)
    smallest = min(claim.had_s + share for claim, share in zip(people, shares, strict=True))
    for first, second in product(range(3, slices + 1), repeat=2):
        third = slices - first - second
        if third >= 3:
            division = (first, second, third)
            assert smallest >= min(15.0 * (a + b) for a, b in zip(had, division, strict=True)) - 1e-6


@given(claims, st.floats(400, 3000))
def test_whoever_gets_more_than_the_least_reaches_the_same_level(people, left_s):
    shares = water_fill(people, left_s)
    level = {
        (claim.had_s + share) / claim.weight
        for claim, share in zip(people, shares, strict=True)
        if share > MIN_SHARE_S + 1e-6
    }
    if level:
        assert max(level) == pytest.approx(min(level))
        for claim, share in zip(people, shares, strict=True):
            if share <= MIN_SHARE_S + 1e-6:
                assert (claim.had_s + share) / claim.weight >= max(level) - 1e-3


def test_nobody_waiting_needs_no_share():
    assert water_fill([], 100) == ()
    assert equal_parts([], 100) == ()


def test_equal_parts_follow_the_weights():
    assert equal_parts([1, 1, 2], 400) == (100, 100, 200)


def test_jain():
    assert jain([]) is None
    assert jain([0, 0]) is None
    assert jain([1, 1, 1]) == 1
    assert jain([1, 0, 0, 0]) == pytest.approx(0.25)


phases = st.lists(
    st.tuples(st.integers(60, 1200), st.floats(0, 1)).map(
        lambda pair: PlannedPhase("k", "A", pair[0], int(pair[0] * pair[1]), {}, "case", 1)
    ),
    min_size=1,
    max_size=15,
)


@given(phases, st.floats(-600, 6000))
def test_the_plan_sums_to_the_time_left_or_states_the_overrun(plan, left_s):
    fitted = refit(plan, left_s)
    assert sum(fitted.lengths_s) == pytest.approx(left_s + fitted.overrun_s)
    assert fitted.overrun_s >= 0
    least = sum(phase.min_s for phase in plan)
    assert fitted.overrun_s == pytest.approx(max(0, least - left_s))


@given(phases, st.floats(-600, 6000))
def test_every_phase_keeps_its_minimum(plan, left_s):
    for phase, length_s in zip(plan, refit(plan, left_s).lengths_s, strict=True):
        assert length_s >= phase.min_s - 1e-6


@given(phases)
def test_a_meeting_on_time_keeps_its_plan(plan):
    fitted = refit(plan, sum(phase.planned_s for phase in plan))
    assert fitted.lengths_s == pytest.approx([phase.planned_s for phase in plan])


def people(count, remote=()):
    return [Participant(chr(97 + i), chr(65 + i), i, is_remote=chr(97 + i) in remote) for i in range(count)]


def test_the_round_starts_after_the_presenter_who_comes_last():
    assert round_order(people(5), "b", 0) == ("c", "d", "e", "a", "b")
    assert round_order(people(5), "b", 1) == ("d", "e", "a", "c", "b")
    assert round_order(people(5), None, 2) == ("c", "d", "e", "a", "b")


def test_those_at_a_distance_come_first_but_a_presenter_stays_last():
    assert round_order(people(5, remote="ab"), "b", 0) == ("a", "c", "d", "e", "b")


@given(st.integers(1, 8), st.integers(0, 30), st.data())
def test_a_round_asks_everyone_once(count, turn, data):
    table = people(count)
    presenter = data.draw(st.sampled_from([None, *[person.id for person in table]]))
    order = round_order(table, presenter, turn)
    assert sorted(order) == [person.id for person in table]
    assert presenter is None or order[-1] == presenter
