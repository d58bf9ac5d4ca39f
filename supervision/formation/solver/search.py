"""The search: bring groups to where they are missed, rebuild and ruin, until the bound is met."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from supervision.formation.rules.instance import Id
from supervision.formation.solver import chains
from supervision.formation.solver.building import QUICK, SCARCE, Builder
from supervision.formation.solver.table import Open

POOL = 60  # people a rebuilding looks at
# Rounds without a gain before ruins, one ruin in so many rounds, groups in one at most; our choice, measured.
PATIENCE, RUIN_EVERY, RUINED = 300, 25, 12
LOOKS_PER_ROUND = 200  # a round counts as so many looks at least
# How often one of those the bound counts on is looked at, and one of them whose seat others could use; our choice.
FOCUS, ASTRAY = 0.8, 0.25
FEW = 4  # buckets looked at where the most wanted is taken


@dataclass(slots=True)
class Search(Builder):
    """Makes a built plan better, round by round. A calm one takes only steps that place someone: few people move.

    `wanted` people and `scarce` seats are the bound's (`bound.py`).
    """

    is_calm: bool = False
    wanted: dict[int, None] = field(default_factory=dict)
    scarce: frozenset[tuple[int, Id | None]] = frozenset()

    def improve(self, looks: int, bound: int) -> None:
        """Try changes with so many looks at seats; ends earlier when the bound is met, nobody waits or it is over."""
        last = self.table.looks + looks
        most = self.rounds + looks // LOOKS_PER_ROUND
        while (
            self.best < bound
            and self.rounds < most
            and self.table.looks < last
            and self.table.unplaced
            and not self.is_over()
        ):
            self.rounds += 1
            if self.rounds - self.last_won > PATIENCE and self.rounds % RUIN_EVERY == 0:
                self.ruin()
            elif self.rounds % 3:
                self.shift()
            else:
                self.rebuild()
            if self.rounds % 50 == 0:
                self.insert_all(200)
            if self.rounds % 600 == 0:
                self.open_all()
                self.insert_all(chains.ALL)
            self.keep()

    def _someone(self) -> int:
        """Draw someone to seat: mostly of those the bound counts on who have no seat, or one that others could use."""
        chance, wanted = self.chance, self.wanted
        if wanted and not self.is_calm and chance.random() < FOCUS:
            missed = [one for one in self.table.unplaced if one in wanted]
            if not missed or chance.random() < ASTRAY:
                missed = self._astray() or missed
            if missed:
                return missed[chance.randrange(len(missed))]
        waiting = list(self.table.unplaced)
        return waiting[self.chance.randrange(len(waiting))]

    def _astray(self) -> list[int]:
        """Return those wanted who sit where the bound counts on others."""
        where, scarce = self.table.where, self.scarce
        homes = ((one, where[one]) for one in self.wanted)
        return [one for one, home in homes if home is not None and (home.bucket, home.employer) in scarce]

    def shift(self) -> bool:
        """Bring a group to where someone unplaced could come, at the cost of others; keep it if nobody is lost."""
        table, lookup, chance = self.table, self.table.lookup, self.chance
        person = self._someone()
        if chance.random() < 0.5:
            person = self._whose_seat(person)
        bucket = self._wanted(person)
        leaders = [one for one in lookup.leaders_at[bucket] if lookup.may_lead(one, person)]
        if not leaders:
            return False
        leader = leaders[chance.randrange(len(leaders))]
        before, mark = len(table.unplaced), len(table.log)
        displaced = self._make_way(leader, bucket)
        group = self.try_open(leader, bucket) if displaced is not None else None
        if group is None or displaced is None:
            table.back_to(mark)
            return False
        home = table.where[person]
        can_leave = home is None or (home is not group and len(home.people) > table.smallest)
        if can_leave and len(group.people) < table.largest and table.admits(group, person):
            table.move(person, group)
        lost = self._chain_in(displaced)
        if len(table.unplaced) > before:
            self._reopen(lost)
        self._fill(mark)
        if len(table.unplaced) > before - self.is_calm:
            table.back_to(mark)
            return False
        table.log.clear()
        return True

    def _whose_seat(self, person: int) -> int:
        """Draw someone who sits where the person could: elsewhere they would leave a seat."""
        table, chance = self.table, self.chance
        buckets = table.lookup.buckets_of[person]
        groups = table.at[buckets[chance.randrange(len(buckets))]]
        if not groups:
            return person
        people = groups[chance.randrange(len(groups))].people
        return people[chance.randrange(len(people))] if people else person

    def _fill(self, mark: int) -> None:
        """Give the seats that became free after the mark to those unplaced who can take them at once."""
        table = self.table
        left = {home.number: home for _kind, _person, home in table.log[mark:] if home is not None}
        for group in left.values():
            if group.number in table.groups and len(group.people) < table.largest:
                for one in table.lookup.people_at[group.bucket]:
                    if table.where[one] is None and table.admits(group, one):
                        table.move(one, group)
                        if len(group.people) == table.largest:
                            break

    def _wanted(self, person: int) -> int:
        """Draw a bucket of the person's; half the time the one of a few that most people wait for."""
        buckets, chance, where = self.table.lookup.buckets_of[person], self.chance, self.table.where
        if chance.random() < 0.5:
            return buckets[chance.randrange(len(buckets))]
        few = [buckets[chance.randrange(len(buckets))] for _ in range(FEW)]
        people_at = self.table.lookup.people_at
        self.table.looks += sum(len(people_at[at]) for at in few) // chains.GLANCES
        return max(few, key=lambda at: (sum(where[one] is None for one in people_at[at]), -at))

    def _make_way(self, leader: int, bucket: int) -> list[int] | None:
        """Close what keeps the supervisor or the room from the bucket; returns who lost a seat, None: impossible."""
        table, lookup = self.table, self.table.lookup
        displaced: list[int] = []
        taken = table.led[leader].get(lookup.slot[bucket])
        if taken is not None:
            if taken.bucket == bucket or taken.is_pinned:
                return None
            displaced += table.close(taken)
        elif len(table.led[leader]) >= lookup.most[leader]:
            closed = self._close_one(table.led[leader].values())
            if closed is None:
                return None
            displaced += closed
        if not table.has_room(bucket):
            closed = self._close_one(one for at in lookup.in_room[lookup.room[bucket]] for one in table.at[at])
            if closed is None:
                return None
            displaced += closed
        return displaced

    def _close_one(self, groups: Iterable[Open]) -> list[int] | None:
        free = [one for one in groups if not one.is_pinned]
        return self.table.close(free[self.chance.randrange(len(free))]) if free else None

    def _chain_in(self, people: Iterable[int]) -> list[int]:
        """Chain in those who lost their seats; returns who still has none."""
        table = self.table
        dead: set[int] = set()
        for one in [one for one in people if table.where[one] is None]:
            if table.where[one] is None:
                chains.insert(table, one, QUICK, dead)
        return [one for one in people if table.where[one] is None]

    def _reopen(self, lost: list[int]) -> None:
        """Open a group for some of those who lost theirs, where a supervisor is free."""
        lookup = self.table.lookup
        count = Counter(bucket for one in lost for bucket in lookup.buckets_of[one])
        tried = 0
        for bucket in sorted(count, key=lambda one: (-count[one], one)):
            leader = self.leader(bucket, None)
            if leader is None:
                continue
            if self.try_open(leader, bucket) is not None or tried == 3:
                return
            tried += 1

    def rebuild(self) -> bool:
        """Close a few groups near someone unplaced and open others there; kept if nobody is lost (or, seldom, one)."""
        table, lookup, chance = self.table, self.table.lookup, self.chance
        person = self._someone()
        groups = self._near(person)
        if not groups:
            return False
        before, mark = len(table.unplaced), len(table.log)
        leaders: set[int] = set()
        pool: dict[int, None] = {}
        for group in chance.sample(groups, min(len(groups), chance.randint(1, 3))):
            leaders.add(group.supervisor)
            pool.update(dict.fromkeys(table.close(group)))
        pool[person] = None
        first = list(pool)
        for bucket in lookup.buckets_of[person]:
            for one in lookup.people_at[bucket]:
                if table.where[one] is None and len(pool) < POOL:
                    pool[one] = None
        for _ in range(len(leaders) + 2):
            if not self._open_for(pool, leaders):
                break
        self._chain_in(first)
        worse = len(table.unplaced) - before
        is_near_best = table.placed >= self.best - 1
        if worse > (-1 if self.is_calm else 1) or (worse == 1 and not (is_near_best and chance.random() < 0.05)):
            table.back_to(mark)
            return False
        table.log.clear()
        return True

    def ruin(self) -> bool:
        """Close many groups and build anew, by a weighing that chance has shaken; at most two may be lost."""
        table, lookup, chance = self.table, self.table.lookup, self.chance
        groups = [one for one in table.groups.values() if not one.is_pinned]
        near = [group for _ in range(4) for group in self._near(self._someone())]
        count = min(len(groups), chance.randint(4, RUINED))
        chosen = {one.number: one for one in chance.sample(near, min(len(near), count))}
        chosen |= {one.number: one for one in chance.sample(groups, max(0, min(len(groups), count - len(chosen))))}
        mark = len(table.log)
        displaced = [person for group in chosen.values() for person in table.close(group)]
        weight = {one: (0.3 + chance.random()) * SCARCE / max(1, len(lookup.buckets_of[one])) for one in table.unplaced}
        for person in sorted(displaced, key=lambda one: (-weight[one], one)):
            if table.where[person] is None:
                self._open_around(person, weight)
        self._chain_in(displaced)
        self.open_all()
        if table.placed < self.best + (1 if self.is_calm else -2):
            table.back_to(mark)
            return False
        table.log.clear()
        return True

    def _near(self, person: int) -> list[Open]:
        """Return the open groups the person could come to, or whose supervisor could lead one they could come to."""
        table, lookup = self.table, self.table.lookup
        near: dict[int, Open] = {}
        for bucket in lookup.buckets_of[person]:
            for group in table.at[bucket]:
                near[group.number] = group
            for leader in lookup.leaders_at[bucket]:
                there = table.led[leader].get(lookup.slot[bucket])
                if there is not None:
                    near[there.number] = there
        return [one for one in near.values() if not one.is_pinned]

    def _open_for(self, pool: dict[int, None], leaders: set[int]) -> bool:
        """Open a group where many of the pool could come, mostly with one of the supervisors."""
        table, lookup, chance = self.table, self.table.lookup, self.chance
        count = Counter(bucket for one in pool if table.where[one] is None for bucket in lookup.buckets_of[one])
        tried = 0
        for _score, bucket in sorted(((n + 3 * chance.random(), bucket) for bucket, n in count.items()), reverse=True):
            if not table.has_room(bucket):
                continue
            able = [
                one
                for one in lookup.leaders_at[bucket]
                if (one in leaders or chance.random() < 0.2) and table.can_open(one, bucket)
            ]
            if not able:
                continue
            if self.try_open(able[chance.randrange(len(able))], bucket) is not None:
                return True
            tried += 1
            if tried == 3:
                return False
        return False
