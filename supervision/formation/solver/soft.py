"""Wishes after placing: the same people stay placed, but at times, places and in company they wish for.

Three kinds of steps, each taken only when it makes the plan better: a person goes to another group, two people change
seats, a group gets another time, place or supervisor. Points are those of `rules.wishes`.
"""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, field
from functools import reduce

from supervision.formation.rules.wishes import (
    NOT_MIXED,
    TEAM_PAIR,
    TEN_KM,
    UNEVEN,
    WISH_STEP,
    is_mixed,
    team_pairs,
)
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.table import Open, Table

PASSES = 8  # over all groups and people; our choice, the last ones find next to nothing
LOOKS_PER_PERSON, MOST_LOOKS = 2_000, 3_000_000  # seats looked at, in all; some ten seconds at most
ALLOWANCE = 5.0  # points two people may lose by changing seats before their groups are looked at


@dataclass(slots=True)
class Polish:
    """One polishing of a table. Those in `fixed` keep their group (they were in it before, or it is pinned)."""

    table: Table
    is_over: Callable[[], bool]
    fixed: Container[int] = frozenset()
    way: list[dict[int, float]] = field(init=False)
    left: int = field(init=False)

    def __post_init__(self) -> None:
        """Look up what each person's buckets are worth to them."""
        lookup = self.table.lookup
        self.way = [_points(lookup, person) for person in range(len(lookup.instance.people))]
        self.left = min(MOST_LOOKS, LOOKS_PER_PERSON * len(self.way))

    def run(self) -> None:
        """Polish until nothing gets better or the budget is spent."""
        for _ in range(PASSES):
            better = sum(self._move_group(group) for group in list(self.table.groups.values()) if not self._ends())
            for person, home in enumerate(self.table.where):
                if self._ends():
                    return
                if home is not None and person not in self.fixed and not home.is_pinned:
                    better += self._reseat(person, home)
            self.table.log.clear()
            if not better:
                return

    def _ends(self) -> bool:
        return self.left <= 0 or self.is_over()

    # -- a group -------------------------------------------------------------------------------------------------

    def _move_group(self, group: Open) -> bool:
        """Give the group the time, place and supervisor its members like best."""
        table, lookup = self.table, self.table.lookup
        if group.is_pinned or any(one in self.fixed for one in group.people):
            return False
        everyones = reduce(set.intersection, (set(lookup.buckets_of[one]) for one in group.people))
        now = sum(self.way[one][group.bucket] for one in group.people)
        options = sorted((sum(self.way[one][bucket] for one in group.people), bucket) for bucket in everyones)
        self.left -= len(options)
        people = list(group.people)
        mark = len(table.log)
        table.close(group)
        for points, bucket in options:
            if points >= now - 1e-9:
                break
            leaders = sorted(lookup.leaders_at[bucket], key=lambda one: (one != group.supervisor, one))
            for leader in leaders:
                if table.can_open(leader, bucket) and all(lookup.may_lead(leader, one) for one in people):
                    there = table.open(leader, bucket)
                    for one in people:
                        table.move(one, there)
                    return True
        table.back_to(mark)
        return False

    # -- people --------------------------------------------------------------------------------------------------

    def _reseat(self, person: int, home: Open) -> bool:
        """Take the best step there is for one person: another group, or a change of seats."""
        table, way = self.table, self.way[person]
        best, step = -1e-6, None
        for bucket in table.lookup.buckets_of[person]:
            gain = way[bucket] - way[home.bucket]
            for group in table.at[bucket]:
                if group is not home and not group.is_pinned:
                    change, partner = self._best_with(person, home, group, gain)
                    if change < best:
                        best, step = change, (group, partner)
        if step is None:
            return False
        group, partner = step
        if partner is not None:
            table.move(partner, None)
        table.move(person, group)
        if partner is not None:
            table.move(partner, home)
        return True

    def _best_with(self, person: int, home: Open, group: Open, gain: float) -> tuple[float, int | None]:
        """Return the best change in points with this group, and with whom seats are changed (None: a free seat)."""
        table = self.table
        best, partner = 0.0, None
        self.left -= len(group.people) + 1
        if len(home.people) > table.smallest and len(group.people) < table.largest and table.admits(group, person):
            best = min(0.0, gain + self._company(home, group, person, None))
        for other in group.people:
            change = self._swap(person, home, other, group, gain)
            if change < best:
                best, partner = change, other
        return best, partner

    def _swap(self, person: int, home: Open, other: int, group: Open, gain: float) -> float:
        """Return the change in points if the two changed seats; 0 when they cannot or it is not worth a look."""
        there = self.way[other].get(home.bucket)
        if there is None or other in self.fixed:
            return 0.0
        change = gain + there - self.way[other][group.bucket]
        if change > ALLOWANCE:
            return 0.0
        table = self.table
        if not table.admits(group, person, other) or not table.admits(home, other, person):
            return 0.0
        return change + self._company(home, group, person, other)

    def _company(self, home: Open, group: Open, person: int, other: int | None) -> float:
        """Return the change in points of the two groups' companies when the person goes and the other comes."""
        left = [one for one in home.people if one != person]
        joined = [one for one in group.people if one != other]
        joined.append(person)
        if other is not None:
            left.append(other)
        before = self._points(home.people) + self._points(group.people)
        return self._points(left) + self._points(joined) - before

    def _points(self, people: Sequence[int]) -> float:
        lookup = self.table.lookup
        instance = lookup.instance
        off = len(people) - (instance.smallest + instance.largest) / 2
        pairs = team_pairs([lookup.team[one] for one in people])
        mixed = is_mixed([instance.people[one].experience_years for one in people])
        return TEAM_PAIR * pairs + (0.0 if mixed else NOT_MIXED) + UNEVEN * off * off


def _points(lookup: Lookup, person: int) -> dict[int, float]:
    """Return bucket -> points of the person's wish and way."""
    one = lookup.instance.people[person]
    return {
        bucket: WISH_STEP * one.slots[lookup.buckets[bucket].slot]
        + TEN_KM * one.places[lookup.buckets[bucket].place] / 10
        for bucket in lookup.buckets_of[person]
    }
