"""Whose turn: our order against first-come, fewest-turns and longest-since, in a seeded simulation.

PRODUCT: whose turn. Groups of 5-7, a year of 26 meetings with two case slots, 20 % absence, 10 % passing. Beside the
figures a table is written for people to read, to stderr, so that each line of stdout stays one JSON object.
"""

import random
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from supervision.cases.rules.turn import Candidate, HeldMeeting, balances, line_up
from tests.bench import Figure

SEED = 20261124
GROUPS = 300
SIZES = (5, 6, 7)
MEETINGS = 26
SLOTS = 2
ABSENT = 0.2
PASSES = 0.1
START = date(2026, 1, 13)


@dataclass
class Year:
    """A group's year so far: what each order may look at, and what is measured."""

    size: int
    keen: list[float]
    draw: random.Random
    held: list[HeldMeeting[int]] = field(default_factory=list)
    turns: list[int] = field(default_factory=list)
    last: list[int] = field(default_factory=list)
    balance: list[Fraction] = field(default_factory=list)
    largest: Fraction = Fraction(0)


Order = Callable[[Year, list[int], int], list[int]]


def ours(year: Year, willing: list[int], number: int) -> list[int]:
    """Highest balance, then longest since, then a draw; balances clamped to two."""
    line = [Candidate(one, START + timedelta(days=14 * year.last[one])) for one in willing]
    found = line_up(line, balances(year.held), min(SLOTS, len(willing)), seed=number)
    return [turn.person_id for turn in found]


def first_come(year: Year, willing: list[int], _number: int) -> list[int]:
    """Those who write first; some are keener than others, all year."""
    return sorted(willing, key=lambda one: year.draw.expovariate(year.keen[one]))


def fewest_turns(year: Year, willing: list[int], _number: int) -> list[int]:
    """Those with the fewest turns so far, whether they were there or not."""
    return sorted(willing, key=lambda one: (year.turns[one], year.draw.random()))


def longest_since(year: Year, willing: list[int], _number: int) -> list[int]:
    """Those whose last turn was longest ago."""
    return sorted(willing, key=lambda one: (year.last[one], year.draw.random()))


ORDERS: dict[str, Order] = {
    "ours": ours,
    "first_come": first_come,
    "fewest_turns": fewest_turns,
    "longest_since": longest_since,
}


def figures() -> Iterator[Figure]:
    rows = {name: _measure(order) for name, order in ORDERS.items()}
    _write_table(rows)
    others = [rows[name] for name in rows if name != "ours"]
    for name, row in rows.items():
        best = [min(other[column] for other in others) if name == "ours" else float("inf") for column in range(3)]
        yield Figure(f"{name}_spread", row[0], "turns a year", float("inf"))
        yield Figure(f"{name}_off_share", row[1], "turns a year", best[1])
        yield Figure(f"{name}_largest_balance", row[2], "turns", best[2])


def _measure(order: Order) -> tuple[float, float, float]:
    """Return three numbers over all groups, in turns.

    The mean distance between most and fewest turns in a group; the mean over people of how far their turns are from
    their share by attendance; the largest balance anyone ever had, counted without the clamp.
    """
    years = [_play(order, SIZES[number % len(SIZES)], number) for number in range(GROUPS)]
    spread = sum(max(year.turns) - min(year.turns) for year in years) / len(years)
    ends = [abs(balance) for year in years for balance in year.balance]
    return spread, float(sum(ends) / len(ends)), float(max(year.largest for year in years))


def _play(order: Order, size: int, number: int) -> Year:
    """Play one group's year. Who is there and willing is drawn apart from the order: the same for all four."""
    fate = random.Random(SEED + number)
    keen = [fate.uniform(0.5, 2.0) for _ in range(size)]
    year = Year(size, keen, random.Random(number), [], [0] * size, [0] * size, [Fraction(0)] * size)
    for on in range(1, MEETINGS + 1):
        there = [one for one in range(size) if fate.random() >= ABSENT]
        willing = [one for one in there if fate.random() >= PASSES]
        if there:
            _meet(year, there, order(year, willing, on)[:SLOTS], on)
    return year


def _meet(year: Year, there: Sequence[int], presenters: Sequence[int], on: int) -> None:
    year.held.append(HeldMeeting(frozenset(there), tuple(presenters), SLOTS))
    for one in there:
        year.balance[one] += Fraction(len(presenters), len(there))
    for one in presenters:
        year.balance[one] -= 1
        year.turns[one] += 1
        year.last[one] = on
    year.largest = max([year.largest, *(abs(balance) for balance in year.balance)])


def _write_table(rows: dict[str, tuple[float, float, float]]) -> None:
    line = "{:<14} {:>22} {:>26} {:>16}\n"
    head = ("order", "most - fewest turns", "turns off one's share", "largest balance")
    sys.stderr.write(f"{GROUPS} groups of 5-7, {MEETINGS} meetings, {SLOTS} cases, 20 % away, 10 % pass\n")
    sys.stderr.write(line.format(*head))
    for name, row in rows.items():
        sys.stderr.write(line.format(name, *(f"{value:.2f}" for value in row)))
