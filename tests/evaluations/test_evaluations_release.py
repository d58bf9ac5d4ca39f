"""R1 to R9 over organisations of 1 to 400 groups, with those who do not answer and those who leave."""

import json
from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.evaluations import rules

KEYS = ("safe", "space", "time")
ORGANISATIONS = st.tuples(st.one_of(st.integers(1, 12), st.integers(1, 400)), st.sampled_from((0.2, 0.5, 0.8, 0.9)))


def cast(random, groups, likely, low=0):
    """Ballots by group of 1 to 8 people, each of whom may have answered; 0 stands for "don't know"."""
    ballots = {}
    for number in range(groups):
        there = sum(random.random() < likely for _ in range(random.randint(1, 8)))
        ballots[f"g{number}"] = [{key: random.randint(low, 5) or None for key in KEYS} for _ in range(there)]
    return ballots


def count(ballots):
    return {group: len(found) for group, found in ballots.items()}


@settings(max_examples=60)
@given(ORGANISATIONS, st.randoms(use_true_random=False), st.integers(0, 9))
def test_a_release_is_made_of_disjoint_cells_of_five_or_more(drawn, random, floor):
    groups, likely = drawn
    ballots = cast(random, groups, likely)
    released = rules.release(ballots, KEYS, floor)
    counts, least = count(ballots), max(5, floor)
    shown = Counter(group for cell in released.cells for group in cell.group_ids)
    assert set(shown.values()) <= {1}
    assert set(shown) in (set(ballots), set())
    assert all(sum(counts[group] for group in cell.group_ids) >= least for cell in released.cells)
    for cell in released.cells:
        for key, step in cell.bands:
            told = [b[key] for group in cell.group_ids for b in ballots[group] if b[key]]
            assert (step == "too_few") == (len(told) < least)


@settings(max_examples=60)
@given(ORGANISATIONS, st.randoms(use_true_random=False))
def test_every_wider_view_is_made_of_the_cells_alone(drawn, random):
    groups, likely = drawn
    released = rules.release(cast(random, groups, likely), KEYS)
    stored = rules.release_from_data(json.loads(json.dumps(released.as_data())), KEYS)
    for key, counts in rules.summary(released).items():
        steps = Counter(dict(cell.bands)[key] for cell in stored.cells)
        assert {step: n for step, n in counts.items() if n} == dict(steps)


@settings(max_examples=60)
@given(ORGANISATIONS, st.randoms(use_true_random=False))
def test_equal_counts_give_equal_shape_whatever_was_answered(drawn, random):
    groups, likely = drawn
    ballots = cast(random, groups, likely)
    others = {g: [{key: random.randint(1, 5) for key in KEYS} for _ in found] for g, found in ballots.items()}
    shapes = [[cell.group_ids for cell in rules.release(each, KEYS).cells] for each in (ballots, others)]
    assert shapes[0] == shapes[1]


@settings(max_examples=40)
@given(ORGANISATIONS, st.randoms(use_true_random=False))
def test_somebody_who_leaves_changes_no_cell_but_by_not_answering(drawn, random):
    """The roster is frozen: a group whose members have all left is still a group without answers, in some cell."""
    groups, likely = drawn
    ballots = cast(random, groups, likely)
    left = {group: [] if random.random() < 0.1 else found for group, found in ballots.items()}
    released = rules.release(left, KEYS)
    if released.cells:
        assert all(released.cell_of(group) for group in ballots)
        silent = [group for group, found in left.items() if not found]
        homes = {released.cell_of(group).group_ids for group in silent}
        assert len(homes) <= 1, "all groups without answers stand in the one pooled cell"


@given(st.lists(st.text(max_size=700), min_size=5, max_size=9))
def test_no_free_text_gets_into_a_release(texts):
    released = rules.release({"g": [{"safe": one, "own words": one} for one in texts]}, ("safe",))
    assert released.as_data() == {"floor": 5, "cells": [{"group_ids": ["g"], "bands": {"safe": "too_few"}}]}
