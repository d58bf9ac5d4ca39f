import random
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.home.rules import NEAR, URGENCY, Need, in_order, is_near
from tests.factories import NOW

due = st.one_of(st.none(), st.integers(-5000, 50_000).map(lambda minutes: NOW + timedelta(minutes=minutes)))
needs = st.lists(st.builds(Need, st.sampled_from(URGENCY), due), max_size=15)


@given(needs)
def test_near_goes_before_far_then_the_declared_order_then_the_date(found) -> None:
    got = in_order(found, NOW)
    assert sorted(map(repr, got)) == sorted(map(repr, found))
    for first, second in pairwise(got):
        assert is_near(first, NOW) >= is_near(second, NOW)
        if is_near(first, NOW) == is_near(second, NOW):
            assert URGENCY.index(first.kind) <= URGENCY.index(second.kind)
            if first.kind == second.kind and second.due_at is not None:
                assert first.due_at is not None
                assert first.due_at <= second.due_at


@given(needs, st.randoms(use_true_random=False))
def test_the_order_does_not_depend_on_who_was_asked_first(found, chance: random.Random) -> None:
    mixed = list(found)
    chance.shuffle(mixed)
    assert list(map(repr, in_order(mixed, NOW))) == list(map(repr, in_order(found, NOW)))


@given(needs, st.sampled_from(URGENCY), st.integers(0, 5000), st.integers(0, 5000))
def test_a_nearer_date_never_makes_a_need_come_later(found, kind, sooner, more) -> None:
    near = Need(kind, NOW + timedelta(minutes=sooner))
    far = Need(kind, NOW + timedelta(minutes=sooner + more))
    place = [in_order([*found, one], NOW).index(one) for one in (near, far)]
    assert place[0] <= place[1]


def test_two_days_is_near_and_no_date_never_is() -> None:
    assert is_near(Need("offer", NOW + NEAR), NOW)
    assert not is_near(Need("offer", NOW + NEAR + timedelta(seconds=1)), NOW)
    assert not is_near(Need("offer"), NOW)


def test_a_kind_that_was_not_declared_is_refused() -> None:
    with pytest.raises(KeyError):
        in_order([Need("lunch")], NOW)
