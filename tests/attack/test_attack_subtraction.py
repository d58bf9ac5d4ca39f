"""Taking what is shown apart: group from organisation, year from year, one reader's page from another's.

Everything shown stands for a set of ballots. Whoever reads all of it can form unions and differences of these sets; the
smallest pieces they can get at are the ballots that belong to the same shown sets. A piece of one to four ballots is a
leak. Beside it stands what others have shipped: groups of five and more with the organisation's total.
"""

import json
import random
from collections import Counter, defaultdict

from supervision.evaluations import rules
from tests.attack import size

STATEMENTS = ("safe", "space", "time")
ORGANISATIONS = size(400, 4_000)
YEARS = 3


def draw_counts(draw: random.Random) -> dict[str, int]:
    """How many of each group answered, in an organisation of 1 to 400 groups."""
    groups = round(400 ** draw.random())
    likely = draw.choice((0.5, 0.8, 0.9))
    return {f"g{n}": sum(draw.random() < likely for _ in range(draw.randint(1, 8))) for n in range(groups)}


def draw_ballots(draw: random.Random, counts: dict[str, int]) -> dict[str, list[dict[str, int]]]:
    return {
        group: [{key: draw.choice((0, 1, 2, 3, 4, 5)) for key in STATEMENTS} for _ in range(n)]
        for group, n in counts.items()
    }


def pieces(sets: list[frozenset[str]], ballots: dict[str, int]) -> list[int]:
    """The sizes of the smallest sets of ballots that can be cut out of the shown ones."""
    signature = defaultdict(list)
    for number, groups in enumerate(sets):
        for group in groups:
            signature[group].append(number)
    found = Counter()
    for group, numbers in signature.items():
        found[tuple(numbers)] += ballots[group]
    return list(found.values())


def shown_to_all(released: rules.Release, groups: list[str]) -> list[frozenset[str]]:
    """The sets behind every figure that member, supervisor and manager see."""
    member = [frozenset(cell.group_ids) for group in groups if (cell := released.cell_of(group))]
    manager = [frozenset(cell.group_ids) for cell in released.cells]
    return [*set(member), *manager]


def naive(counts: dict[str, int]) -> list[frozenset[str]]:
    """A threshold per group, and the total of all."""
    large = [frozenset({group}) for group, n in counts.items() if n >= rules.FLOOR]
    return [*large, frozenset(counts)]


def is_leak(sizes: list[int], floor: int = rules.FLOOR) -> bool:
    return any(1 <= n < floor for n in sizes)


def test_nothing_below_five_can_be_cut_out_of_what_is_shown(say):
    draw = random.Random(20260)
    leaks, naive_leaks, shown = 0, 0, 0
    for _ in range(ORGANISATIONS):
        for _year in range(YEARS):
            counts = draw_counts(draw)
            floor = draw.choice((1, rules.FLOOR, rules.FLOOR, 8))  # one that is too low, the usual one, one raised
            cells = rules.cells(counts, floor)
            sets = [frozenset(cell) for cell in cells]
            leaks += is_leak(pieces(sets, counts), max(floor, rules.FLOOR))
            naive_leaks += is_leak(pieces(naive(counts), counts))
            shown += bool(cells)
    say(f"subtraction, {ORGANISATIONS} organisations of {YEARS} years: {leaks} leaks; naive {naive_leaks}")
    assert leaks == 0
    assert naive_leaks > ORGANISATIONS // 4, "the control must leak, else this test cannot fail"
    assert shown > ORGANISATIONS


def test_every_view_of_every_year_is_made_of_cells_alone():
    draw = random.Random(7)
    for _ in range(size(60, 1_000)):
        sets: list[frozenset[str]] = []
        ballots: dict[str, int] = {}
        for year in range(YEARS):
            counts = {f"{group}/{year}": n for group, n in draw_counts(draw).items()}
            cast = draw_ballots(draw, counts)
            released = rules.release(cast, STATEMENTS)
            stored = json.loads(json.dumps(released.as_data()))
            again = rules.release_from_data(stored, STATEMENTS)
            assert rules.summary(again) == rules.summary(released)
            assert set(stored) == {"floor", "cells"}
            assert all(set(cell) == {"group_ids", "bands"} for cell in stored["cells"])
            sets += shown_to_all(released, list(counts))
            ballots |= counts
            for cell in released.cells:
                values = [ballot for group in cell.group_ids for ballot in cast[group]]
                for key, step in cell.bands:
                    assert step == rules.band([ballot[key] or None for ballot in values])
        assert not is_leak(pieces(sets, ballots))


def test_the_naive_total_gives_the_hidden_answers_away_exactly():
    """The control in figures: the mean of all, less the means shown, is the mean of those who were to be hidden."""
    draw = random.Random(3)
    recovered = 0
    for _ in range(200):
        cast = draw_ballots(draw, draw_counts(draw))
        sums = {group: sum(ballot["safe"] for ballot in ballots) for group, ballots in cast.items()}
        large = [group for group, ballots in cast.items() if len(ballots) >= rules.FLOOR]
        hidden = [group for group in cast if group not in large]
        people = sum(len(cast[group]) for group in hidden)
        if large and 1 <= people < rules.FLOOR:
            rest = sum(sums.values()) - sum(sums[group] for group in large)
            assert rest == sum(sums[group] for group in hidden)
            recovered += 1
    assert recovered > 3
