"""Forms groups: the exact way for small problems, the search for the others, then wishes without losing a place."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from supervision.formation.rules.check import group_faults
from supervision.formation.rules.instance import FormedGroup, Instance, Plan
from supervision.formation.solver import keep
from supervision.formation.solver.bound import Bound, upper_bound
from supervision.formation.solver.chains import pull
from supervision.formation.solver.exact import solve_exactly
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.parts import split
from supervision.formation.solver.relaxed import possible_seats, relaxed_bound
from supervision.formation.solver.search import Search
from supervision.formation.solver.soft import Polish
from supervision.formation.solver.table import Table

EXACT_PEOPLE = 60  # up to so many the programme over all pairs is solved at once: tenths of a second
PROVEN_PEOPLE = 150  # up to so many it is solved where a short search does not meet the bound: about a second
# Looks at seats before a sharper bound is asked for, and after; so many at least, per person, and at most. A million
# takes half a second to one.
FIRST_LOOKS = (100_000, 600, 1_200_000)
MORE_LOOKS = (200_000, 20_000, 40_000_000)
RELAXED_PAIRS = 50_000  # possible person-bucket pairs; with more the sharper bound takes too long and too much memory
# With an earlier plan so many mixings of plans, each but the last with one search more, while half of the time is left,
# and the possible seats of a mixing at most, which then takes seconds.
AGAIN, MIXED_SEATS = 3, 20_000
SEARCH_SHARE = 0.85  # of the time left, the rest is for the wishes
RELAX_SHARE, PROVE_SHARE = 0.25, 0.5  # of the time left may go to the sharper bound, to the exact programme


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: people placed, the bound, what it does, and which share (0-1) of the time is gone.

    Stages: "exact", "search", "bound", "wishes".
    """

    placed: int
    bound: int
    stage: str
    share: float


@dataclass(slots=True)
class _Run:
    """One run's clock, its ear for a stop and its voice. Parts of a problem are told together."""

    limit_s: float
    tell: Callable[[Progress], None] | None
    stop: Callable[[], bool] | None
    bound: int = 0
    placed_before: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: str = "bound"

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.limit_s - (time.monotonic() - self.started)

    def over_after(self, share: float) -> Callable[[], bool]:
        """Return a question: whether this share of the time left now is used, or a stop asked for."""
        until = time.monotonic() + self.left_s * share

        def is_over() -> bool:
            if self.stop is not None and self.stop():
                self.ended = "stopped"
                return True
            if time.monotonic() >= until:
                self.ended = "time"
                return True
            return False

        return is_over

    def say(self, stage: str, placed: int) -> None:
        """Tell how far it is."""
        if self.tell is not None:
            share = min(1.0, 1 - self.left_s / self.limit_s)
            self.tell(Progress(self.placed_before + placed, self.bound, stage, share))

    def note(self, ended: str) -> None:
        """Keep why a part ended, unless time or a stop already cut something short."""
        if self.ended not in {"time", "stopped"}:
            self.ended = ended


def solve(
    instance: Instance,
    *,
    seed: int = 1,
    time_limit_s: float = 60.0,
    pinned: Sequence[FormedGroup] = (),
    previous: Plan | None = None,
    tell: Callable[[Progress], None] | None = None,
    stop: Callable[[], bool] | None = None,
) -> Plan:
    """Return a plan: as many people placed as can be found, then few moved, then wishes met.

    `pinned` groups stay, with their members, and may gain some; one that can no longer be (a member's time is gone and
    no fifth is found) is let go. With a `previous` plan those who stay in their group are as many as can be found.
    `tell` hears of progress, `stop` is asked often and ends the search with the best plan so far.
    """
    whole = Lookup(instance)
    run = _Run(max(0.1, time_limit_s), tell, stop)
    parts = split(whole)
    lookups = [whole] if len(parts) == 1 else [Lookup(part) for part in parts]
    flows = [upper_bound(lookup) for lookup in lookups]
    run.bound = sum(flow.most for flow in flows)
    run.say("search", 0)
    groups: list[FormedGroup] = []
    bound, sound = 0, "bound"
    for lookup, flow in zip(lookups, flows, strict=True):
        part = _solve_part(lookup, flow, run, seed, pinned, previous)
        groups.extend(part.groups)
        bound += part.bound
        run.bound += part.bound - flow.most
        run.placed_before += part.placed
        sound = part.ended if part.ended != "bound" else sound
    ended = run.ended if run.ended in {"time", "stopped"} else sound
    moved = keep.moved(instance, previous, groups)
    run.placed_before = 0
    run.say("wishes", sum(len(group.people) for group in groups))
    return Plan(tuple(groups), bound, moved, ended)


def _solve_part(
    lookup: Lookup, flow: Bound, run: _Run, seed: int, pinned: Sequence[FormedGroup], previous: Plan | None
) -> Plan:
    bound = flow.most
    groups: tuple[FormedGroup, ...] = ()
    is_done = False
    if len(lookup.instance.people) <= EXACT_PEOPLE:
        groups, bound, is_done = _exactly(lookup, bound, run, SEARCH_SHARE, pinned, previous)
    if not is_done:
        found, bound, is_done = _searched(lookup, replace(flow, most=bound), run, seed, pinned, previous)
        groups = found if _count(found) >= _count(groups) else groups
    groups = _polished(lookup, groups, run, pinned, previous)
    if not is_done and previous is not None and _count(groups) >= bound:
        groups = _fewer_moved(lookup, flow, groups, run, seed, pinned, previous)
    return Plan(groups, bound, (), "bound" if is_done or _count(groups) >= bound else "searched")


def _fewer_moved(
    lookup: Lookup,
    flow: Bound,
    groups: tuple[FormedGroup, ...],
    run: _Run,
    seed: int,
    pinned: Sequence[FormedGroup],
    previous: Plan,
) -> tuple[FormedGroup, ...]:
    """Search again by other chances, and mix all plans found; of those that place as many return the least change."""
    best, fewest = groups, len(keep.moved(lookup.instance, previous, groups))
    seen = [*previous.groups, *groups]
    for more in range(1, AGAIN + 1):
        if fewest == 0 or run.left_s < run.limit_s / 2:
            break
        if sum(len(lookup.people_at[at]) for _leader, at in _pairs(lookup, seen)) > MIXED_SEATS:
            break
        found, _bound, is_done = _exactly(lookup, flow.most, run, PROVE_SHARE, pinned, previous, seen)
        if not is_done:
            run.note("time")
        if _count(found) >= _count(best):
            found = _polished(lookup, found, run, pinned, previous)
            moves = len(keep.moved(lookup.instance, previous, found))
            if moves < fewest:
                best, fewest = found, moves
        if more < AGAIN:
            found, *_ = _searched(lookup, replace(flow, most=_count(best)), run, seed + more, pinned, previous)
            seen.extend(found)
    return best


def _count(groups: Sequence[FormedGroup]) -> int:
    return sum(len(group.people) for group in groups)


def _exactly(
    lookup: Lookup,
    bound: int,
    run: _Run,
    share: float,
    pinned: Sequence[FormedGroup],
    previous: Plan | None,
    of: Sequence[FormedGroup] = (),
) -> tuple[tuple[FormedGroup, ...], int, bool]:
    """Return groups (only ones like those in `of`, when it has any), a bound and whether the programme ended."""
    run.say("exact", 0)
    table = Table(lookup)
    table.set_up(pinned, pinned=True)
    _let_go_short(table)
    held = [(one.supervisor, one.bucket, list(one.people)) for one in table.groups.values()]
    pairs = _pairs(lookup, of).keys() | {(leader, bucket) for leader, bucket, _people in held}
    stays = {
        lookup.person_of[person]: pair
        for pair, group in _pairs(lookup, previous.groups if previous is not None else ()).items()
        for person in group.people
        if person in lookup.person_of
    }
    seconds = run.left_s * share
    answer = solve_exactly(lookup, seconds=seconds, stays=stays, pinned=held, only=pairs if of else None)
    return (answer.groups, min(bound, answer.bound), answer.is_done) if answer is not None else ((), bound, False)


def _pairs(lookup: Lookup, groups: Sequence[FormedGroup]) -> dict[tuple[int, int], FormedGroup]:
    """Return (supervisor, bucket) -> group, without those the problem no longer has."""
    leader_of, number = lookup.leader_of, lookup.number
    return {
        (leader_of[one.supervisor], number[one.bucket]): one
        for one in groups
        if one.supervisor in leader_of and one.bucket in number
    }


def _searched(
    lookup: Lookup, flow: Bound, run: _Run, seed: int, pinned: Sequence[FormedGroup], previous: Plan | None
) -> tuple[tuple[FormedGroup, ...], int, bool]:
    """Return groups, a bound and whether the exact programme found them and came to its end."""
    table = Table(lookup)
    table.set_up(pinned, pinned=True)
    _let_go_short(table)
    keys = {group.key for group in pinned}
    if previous is not None:
        table.set_up(group for group in previous.groups if group.key not in keys)
        _let_go_short(table)
    people = len(lookup.instance.people)
    chance = random.Random(seed)  # noqa: S311 - the same plan for the same seed
    search = Search(table, chance, run.over_after(SEARCH_SHARE), lambda placed: run.say("search", placed))
    search.is_calm, search.wanted, search.scarce = previous is not None, flow.wanted, flow.scarce
    bound, groups = flow.most, search.kept
    search.start()
    search.improve(_budget(FIRST_LOOKS, people), bound)
    if search.best < bound and not search.is_over():
        if people <= PROVEN_PEOPLE:
            groups, bound, is_done = _exactly(lookup, bound, run, PROVE_SHARE, pinned, previous)
            if is_done:
                return groups, bound, True
        elif possible_seats(lookup, flow) <= RELAXED_PAIRS:
            run.say("bound", search.best)
            sharper = relaxed_bound(lookup, flow, seconds=run.left_s * RELAX_SHARE, enough=search.best)
            bound = sharper if sharper is not None else bound
        run.say("search", search.best)
        search.is_calm = False
        search.improve(_budget(MORE_LOOKS, people), bound)
    if search.best >= bound or not table.unplaced:
        run.note("bound")
    return search.kept if search.best >= _count(groups) else groups, bound, False


def _budget(looks: tuple[int, int, int], people: int) -> int:
    least, each, most = looks
    return min(most, least + each * people)


def _let_go_short(table: Table) -> None:
    """Fill groups that lost people; close those that cannot be filled."""
    for group in list(table.groups.values()):
        was, group.is_pinned = group.is_pinned, False
        while 0 < len(group.people) < table.smallest and pull(table, group):
            pass
        if len(group.people) < table.smallest:
            table.close(group)
        group.is_pinned = was
    table.log.clear()


def _polished(
    lookup: Lookup,
    groups: tuple[FormedGroup, ...],
    run: _Run,
    pinned: Sequence[FormedGroup],
    previous: Plan | None,
) -> tuple[FormedGroup, ...]:
    table = Table(lookup)
    members = {group.key: set(group.people) for group in groups}
    held = {one.key for one in pinned if set(one.people) <= members.get(one.key, set())}
    table.set_up((one for one in groups if one.key in held), pinned=True)
    table.set_up(one for one in groups if one.key not in held)
    placed = table.placed
    run.say("wishes", placed)
    fixed: set[int] = set()
    if previous is not None:
        keep.Settling(table, previous).run()
        before = keep.earlier(previous)
        for group in table.formed():
            stay = [one for one in group.people if one in before and before[one].key == group.key]
            fixed.update(lookup.person_of[one] for one in stay)
    Polish(table, run.over_after(1.0), fixed).run()
    polished = tuple(table.formed())
    is_sound = table.placed >= placed and not any(list(group_faults(lookup.instance, one)) for one in polished)
    return polished if is_sound else groups
