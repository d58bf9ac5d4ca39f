"""Colleagues who tell each other their answers, and try to work out the answers of the others from what is shown.

Tried with every set of answers there is: what may the others have answered, when all that is known is what is shown
and the answers of those who talk? An answer is given away when fewer than three of the five steps are left for it.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from fractions import Fraction
from itertools import combinations_with_replacement

import pytest

from supervision.evaluations import rules
from tests.attack import size

Shown = Callable[[Sequence[int]], Hashable]
MOST = size(8, 10)


def least_left(shown: Shown, people: int, talking: int) -> int:
    """How many answers stay possible for someone else, in the worst case of all sets of answers."""
    possible: dict[tuple[Hashable, tuple[int, ...]], set[int]] = {}
    for answers in combinations_with_replacement(rules.SCALE, people):
        seen = shown(answers)
        for told in set(combinations_with_replacement(sorted(set(answers)), talking)):
            if not Counter(told) - Counter(answers):
                rest = Counter(answers) - Counter(told)
                possible.setdefault((seen, told), set()).update(rest)
    return min(len(left) for left in possible.values())


def mean(answers: Sequence[int]) -> Hashable:
    return Fraction(sum(answers), len(answers))


def counts(answers: Sequence[int]) -> Hashable:
    return tuple(sorted(Counter(answers).items()))


@pytest.mark.parametrize("people", range(rules.FLOOR, MOST + 1))
def test_bands_leave_three_answers_open_when_one_colleague_talks(people, say):
    left = {talking: least_left(rules.band, people, talking) for talking in range(1, people - 1)}
    say(f"bands, {people} answers: left open by coalition size {left}")
    assert left[1] >= 3
    assert (left[2] >= 3) == (people >= 7)
    assert all(left[talking] >= left[talking + 1] for talking in range(1, people - 2))


def test_a_coalition_of_four_needs_thirteen_answers(say):
    left = {people: least_left(rules.band, people, 4) for people in (12, 13)}
    say(f"bands, 4 colleagues talk: left open by number of answers {left}")
    assert left[12] < 3 <= left[13]


@pytest.mark.parametrize("shown", [mean, counts])
@pytest.mark.parametrize("people", range(rules.FLOOR, size(6, 10) + 1))
def test_a_mean_or_a_distribution_would_give_answers_away(shown, people):
    """The control: with it in place of the bands, nobody needs to talk."""
    assert least_left(shown, people, 0) == 1
