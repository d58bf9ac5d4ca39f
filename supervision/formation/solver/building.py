"""A first plan: groups for the scarcest, then whatever else can be opened, then chains for those left over."""

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from supervision.formation.rules.instance import FormedGroup
from supervision.formation.solver import chains
from supervision.formation.solver.table import Open, Table

FAILS = 30  # groups that could not be opened in a row before it is given up
QUICK = 40  # groups a chain looks at while the search tries something
PER_LEADER_LEFT, IN_HOUSE_FIRST = 3, 100  # supervisors: few times for many groups first, in-house ones before others
MANY_LEADERS = 0.02  # how much less a bucket with one more supervisor hurries
SCARCE = 1.0


@dataclass(slots=True)
class Builder:
    """Builds a plan on a table and keeps the best; all chance comes from `chance`, `is_over` is asked between steps."""

    table: Table
    chance: random.Random
    is_over: Callable[[], bool]
    tell: Callable[[int], None] = lambda _placed: None
    best: int = -1
    kept: tuple[FormedGroup, ...] = ()
    rounds: int = 0
    last_won: int = 0

    # -- a first plan --------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Build a plan on what stands, open what can be opened and chain in whoever can be."""
        self.build()
        self.keep()
        self.open_all()
        self.insert_all(chains.ALL)
        self.keep()

    def keep(self) -> None:
        """Keep the plan when it is the best so far."""
        if self.table.placed > self.best:
            self.best, self.kept, self.last_won = self.table.placed, tuple(self.table.formed()), self.rounds
            self.tell(self.best)

    def build(self) -> None:
        """Open groups for those with the fewest possible times first."""
        table, lookup = self.table, self.table.lookup
        ways = {one: sum(len(lookup.leaders_at[at]) for at in lookup.buckets_of[one]) for one in table.unplaced}
        weight = {one: SCARCE / max(1, len(lookup.buckets_of[one])) for one in ways}
        for person in sorted(ways, key=lambda one: (ways[one], one)):
            if self.is_over():
                return
            if table.where[person] is None:
                self._open_around(person, weight)
        self.insert_all(QUICK)

    def _open_around(self, person: int, weight: dict[int, float]) -> None:
        """Open the group whose people are the scarcest, the person among them."""
        table, lookup = self.table, self.table.lookup
        best: tuple[int, int, list[int]] | None = None
        best_score = 0.0
        for bucket in lookup.buckets_of[person]:
            table.looks += len(lookup.people_at[bucket]) // chains.GLANCES
            free = [one for one in lookup.people_at[bucket] if table.where[one] is None]
            if len(free) < table.smallest or not table.has_room(bucket):
                continue
            leader = self.leader(bucket, person)
            if leader is None:
                continue
            first = sorted((weight[one] for one in free), reverse=True)[: table.largest]
            score = sum(first) / (1.0 + MANY_LEADERS * len(lookup.leaders_at[bucket]))
            if score > best_score:
                best, best_score = (leader, bucket, free), score
        if best is None:
            return
        leader, bucket, free = best
        mark = len(table.log)
        group = table.open(leader, bucket)
        for one in sorted(free, key=lambda one: (one != person, -weight[one], one)):
            if len(group.people) < table.largest and table.admits(group, one):
                table.move(one, group)
        if len(group.people) < table.smallest:
            table.back_to(mark)

    def leader(self, bucket: int, person: int | None) -> int | None:
        """Return the least flexible supervisor who could lead a group there now (with the person in it)."""
        table, lookup = self.table, self.table.lookup
        best, best_left = None, 0
        for leader in lookup.leaders_at[bucket]:
            if person is not None and not lookup.may_lead(leader, person):
                continue
            if not table.can_open(leader, bucket):
                continue
            groups_left = lookup.most[leader] - len(table.led[leader])
            left = len(lookup.instance.supervisors[leader].slots) - PER_LEADER_LEFT * groups_left
            left -= IN_HOUSE_FIRST if lookup.boss[leader] is not None else 0
            if best is None or left < best_left:
                best, best_left = leader, left
        return best

    def insert_all(self, most: int) -> None:
        """Chain in whoever can be."""
        dead: set[int] = set()
        for person in list(self.table.unplaced):
            if self.is_over():
                return
            if self.table.where[person] is None:
                chains.insert(self.table, person, most, dead)

    def open_all(self) -> None:
        """Open every group that can get its five without a loss."""
        table, lookup = self.table, self.table.lookup
        wanted = Counter(bucket for person in table.unplaced for bucket in lookup.buckets_of[person])
        failed = 0
        for bucket in sorted(wanted, key=lambda one: (-wanted[one], one)):
            if self.is_over() or failed > FAILS:
                return
            leader = self.leader(bucket, None)
            if leader is not None:
                failed = 0 if self.try_open(leader, bucket, 100) is not None else failed + 1

    def try_open(self, leader: int, bucket: int, most: int = 25) -> Open | None:
        """Open a group and fill it; nothing is changed when five cannot be brought together."""
        table = self.table
        mark = len(table.log)
        group = table.open(leader, bucket)
        table.looks += len(table.lookup.people_at[bucket]) // chains.GLANCES
        for person in [one for one in table.lookup.people_at[bucket] if table.where[one] is None]:
            if len(group.people) < table.largest and table.admits(group, person):
                table.move(person, group)
        while len(group.people) < table.smallest:
            if not chains.pull(table, group, most):
                table.back_to(mark)
                return None
        return group
