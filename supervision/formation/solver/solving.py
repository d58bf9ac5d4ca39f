"""Forms groups: the exact way for small problems, the search for the others, then wishes without losing a place."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from supervision.formation.rules.check import group_faults
from supervision.formation.rules.instance import FormedGroup, Instance, Plan
from supervision.formation.solver import keep
from supervision.formation.solver.bound import upper_bound
from supervision.formation.solver.chains import pull
from supervision.formation.solver.exact import Answer, solve_exactly
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.parts import split
from supervision.formation.solver.relaxed import relaxed_bound
from supervision.formation.solver.search import Search
from supervision.formation.solver.soft import Polish
from supervision.formation.solver.table import Table

EXACT_PEOPLE = 60  # up to so many the programme over all pairs is small enough to be solved to its end
FIRST_ROUNDS, FIRST_ROUNDS_EACH = 2_000, 3  # changes tried before a sharper bound is asked for, and per person
MORE_ROUNDS, MORE_ROUNDS_EACH = 6_000, 12
SEARCH_SHARE = 0.85  # of the time left, the rest is for the wishes
RELAX_SHARE = 0.4  # of the time left may go to the sharper bound


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is: people placed, the bound, what it does ("exact", "search", "bound", "wishes"), share 0-1 of the time."""

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
    bound_left: int = 0
    started: float = field(default_factory=time.monotonic)
    ended: str = "bound"

    @property
    def left_s(self) -> float:
        """Seconds left."""
        return self.limit_s - (time.monotonic() - self.started)

    def over_after(self, share: float) -> Callable[[], bool]:
        """Return a question: is this share of the time left now used, or a stop asked for?"""
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
    run.bound = sum(flows)
    run.say("search", 0)
    groups: list[FormedGroup] = []
    bound, sound = 0, "bound"
    for lookup, flow in zip(lookups, flows, strict=True):
        part = _solve_part(lookup, flow, run, seed, pinned, previous)
        groups.extend(part.groups)
        bound += part.bound
        run.bound += part.bound - flow
        run.placed_before += part.placed
        sound = part.ended if part.ended != "bound" else sound
    ended = run.ended if run.ended in {"time", "stopped"} else sound
    moved = keep.moved(instance, previous, groups)
    run.placed_before = 0
    run.say("wishes", sum(len(group.people) for group in groups))
    return Plan(tuple(groups), bound, moved, ended)


def _solve_part(
    lookup: Lookup, flow: int, run: _Run, seed: int, pinned: Sequence[FormedGroup], previous: Plan | None
) -> Plan:
    bound, groups = flow, ()
    done = False
    if len(lookup.instance.people) <= EXACT_PEOPLE and run.left_s > 0:
        run.say("exact", 0)
        answer = _exactly(lookup, run, pinned, previous)
        if answer is not None:
            groups, bound, done = answer.groups, min(flow, answer.bound), answer.is_done
    if not done:
        found, bound = _searched(lookup, bound, run, seed, pinned, previous)
        groups = found if sum(len(one.people) for one in found) > sum(len(one.people) for one in groups) else groups
    groups = _polished(lookup, groups, run, pinned, previous)
    plan = Plan(groups, bound)
    return Plan(groups, bound, (), "bound" if done or plan.is_optimal else "searched")


def _exactly(lookup: Lookup, run: _Run, pinned: Sequence[FormedGroup], previous: Plan | None) -> Answer | None:
    stays: dict[int, tuple[int, int]] = {}
    for person, group in keep.earlier(previous).items():
        if person in lookup.person_of and group.supervisor in lookup.leader_of and group.bucket in lookup.number:
            stays[lookup.person_of[person]] = (lookup.leader_of[group.supervisor], lookup.number[group.bucket])
    table = Table(lookup)
    table.set_up(pinned, pinned=True)
    _let_go_short(table)
    held = [(one.supervisor, one.bucket, list(one.people)) for one in table.groups.values()]
    return solve_exactly(lookup, seconds=run.left_s * SEARCH_SHARE, stays=stays, pinned=held)


def _searched(
    lookup: Lookup, bound: int, run: _Run, seed: int, pinned: Sequence[FormedGroup], previous: Plan | None
) -> tuple[tuple[FormedGroup, ...], int]:
    table = Table(lookup)
    table.set_up(pinned, pinned=True)
    _let_go_short(table)
    keys = {group.key for group in pinned}
    if previous is not None:
        table.set_up(group for group in previous.groups if group.key not in keys)
        _let_go_short(table)
    people = len(lookup.instance.people)
    search = Search(table, random.Random(seed), run.over_after(SEARCH_SHARE), lambda placed: run.say("search", placed))
    search.start()
    search.improve(FIRST_ROUNDS + FIRST_ROUNDS_EACH * people, bound)
    if search.best < bound and not search.is_over():
        run.say("bound", search.best)
        relaxed = relaxed_bound(lookup, seconds=run.left_s * RELAX_SHARE, below=bound, enough=search.best)
        bound = relaxed.bound if relaxed is not None else bound
        run.say("search", search.best)
        search.improve(MORE_ROUNDS + MORE_ROUNDS_EACH * people, bound)
    if search.best >= bound or not table.unplaced:
        run.note("bound")
    return search.kept, bound


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
    keys = {group.key for group in pinned}
    members = {group.key: set(group.people) for group in groups}
    held = [one for one in pinned if set(one.people) <= members.get(one.key, set())]
    held_keys = {one.key for one in held}
    table.set_up((one for one in groups if one.key in held_keys), pinned=True)
    table.set_up(one for one in groups if one.key not in held_keys)
    placed = table.placed
    run.say("wishes", placed)
    if previous is not None:
        keep.settle(table, previous)
    before = keep.earlier(previous)
    fixed = {
        person
        for group in table.formed()
        for person_id in group.people
        if person_id in before and before[person_id].key == group.key
        for person in (lookup.person_of[person_id],)
    }
    Polish(table, run.over_after(1.0), fixed).run()
    polished = tuple(table.formed())
    is_sound = table.placed == placed and not any(
        True for group in polished for _fault in group_faults(lookup.instance, group)
    )
    del keys
    return polished if is_sound else groups
