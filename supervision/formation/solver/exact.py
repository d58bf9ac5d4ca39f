"""The exact way for small problems: a mixed-integer programme over person x (supervisor, bucket), solved by HiGHS."""

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from supervision.formation.rules.instance import FormedGroup, Id
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.rows import INFINITE, Rows, solve_whole


@dataclass(frozen=True, slots=True)
class Answer:
    """Groups, the most anyone could have placed, and whether the solver came to its end."""

    groups: tuple[FormedGroup, ...]
    bound: int
    is_done: bool


@dataclass(slots=True)
class _Model:
    lookup: Lookup
    rows: Rows = field(default_factory=Rows)
    groups: list[tuple[int, int, list[int]]] = field(default_factory=list)  # supervisor, bucket, who could come
    seats: list[tuple[int, int]] = field(default_factory=list)  # column -> (group, person), after the groups' columns


def solve_exactly(
    lookup: Lookup,
    *,
    seconds: float,
    stays: Mapping[int, tuple[int, int]] | None = None,
    pinned: Sequence[tuple[int, int, Sequence[int]]] = (),
    only: Container[tuple[int, int]] | None = None,
) -> Answer | None:
    """Place as many as can be, then move as few as can be; None where nothing was found within the seconds.

    `stays` maps a person to the (supervisor, bucket) of their earlier group. `pinned` groups, (supervisor, bucket,
    people), stay with those people in them. `only` holds the (supervisor, bucket) that may be groups; None: all may,
    and only then the bound is one of the problem.
    """
    model = _model(lookup, only)
    if not model.groups:
        return Answer((), 0, is_done=True)
    first = len(model.groups)
    cost = np.zeros(first + len(model.seats))
    cost[first:] = -1.0
    step = 1.0 / (len(lookup.instance.people) + 1)  # all who stay together weigh less than one person placed
    for at, (number, person) in enumerate(model.seats):
        leader, bucket, _able = model.groups[number]
        if stays and stays.get(person) == (leader, bucket):
            cost[first + at] -= step
    _pin(model, pinned)
    found, bound = solve_whole(model.rows, cost, first=first, seconds=seconds)
    if found is None:
        return None
    seated: dict[int, list[int]] = {}
    for at, (number, person) in enumerate(model.seats):
        if found[first + at] > 0.5:
            seated.setdefault(number, []).append(person)
    groups = tuple(_formed(lookup, *model.groups[number][:2], people) for number, people in sorted(seated.items()))
    placed = sum(len(people) for people in seated.values())
    most = len(lookup.instance.people) if bound is None else int(-bound + 1e-6)
    is_done = bound is not None and float(cost @ found) <= bound + step / 2
    return Answer(groups, placed if is_done else max(placed, most), is_done=is_done)


def _formed(lookup: Lookup, leader: int, bucket: int, people: list[int]) -> FormedGroup:
    one = lookup.buckets[bucket]
    ids = tuple(lookup.instance.people[person].id for person in people)
    return FormedGroup(lookup.instance.supervisors[leader].id, one.slot, one.place, one.language, ids)


def _model(lookup: Lookup, only: Container[tuple[int, int]] | None) -> _Model:
    model = _Model(lookup)
    for leader, buckets in enumerate(lookup.buckets_led):
        for bucket in buckets if lookup.most[leader] > 0 else ():
            if only is not None and (leader, bucket) not in only:
                continue
            able = [one for one in lookup.people_at[bucket] if lookup.may_lead(leader, one)]
            if len(able) >= lookup.instance.smallest:
                model.groups.append((leader, bucket, able))
    of_person: dict[int, list[int]] = {}
    for number in range(len(model.groups)):
        _add_seats(model, number, of_person)
    for columns in of_person.values():
        model.rows.at_most(columns, 1.0)
    _limit_groups(model)
    return model


def _add_seats(model: _Model, number: int, of_person: dict[int, list[int]]) -> None:
    """Add a group's seats, tied to the group from both sides, with its teams and those kept apart."""
    lookup, rows, able = model.lookup, model.rows, model.groups[number][2]
    instance = lookup.instance
    column: dict[int, int] = {}
    for person in able:
        column[person] = len(model.groups) + len(model.seats)
        of_person.setdefault(person, []).append(column[person])
        rows.add([(column[person], 1.0), (number, -1.0)], -INFINITE, 0.0)
        model.seats.append((number, person))
    span = [(at, 1.0) for at in column.values()]
    rows.add([*span, (number, -float(instance.largest))], -INFINITE, 0.0)
    rows.add([*span, (number, -float(instance.smallest))], 0.0, INFINITE)
    teams: dict[Id, list[int]] = {}
    for person in able:
        team = lookup.team[person]
        if team is not None:
            teams.setdefault(team, []).append(column[person])
        for other in lookup.apart[person]:
            if other > person and other in column:
                rows.add([(column[person], 1.0), (column[other], 1.0), (number, -1.0)], -INFINITE, 0.0)
    for columns in teams.values():
        if len(columns) > instance.same_team:
            rows.add([*((one, 1.0) for one in columns), (number, -float(instance.same_team))], -INFINITE, 0.0)


def _limit_groups(model: _Model) -> None:
    """A supervisor leads one group at a time and so many in all; a room holds one at a time."""
    lookup = model.lookup
    by_time: dict[tuple[int, Id], list[int]] = {}
    by_leader: dict[int, list[int]] = {}
    by_room: dict[int, list[int]] = {}  # a bucket of the room -> groups in it
    for number, (leader, bucket, _able) in enumerate(model.groups):
        by_time.setdefault((leader, lookup.slot[bucket]), []).append(number)
        by_leader.setdefault(leader, []).append(number)
        if lookup.rooms[bucket] is not None:
            by_room.setdefault(lookup.in_room[lookup.room[bucket]][0], []).append(number)
    for numbers in by_time.values():
        model.rows.at_most(numbers, 1.0)
    for leader, numbers in by_leader.items():
        model.rows.at_most(numbers, float(lookup.most[leader]))
    for bucket, numbers in by_room.items():
        model.rows.at_most(numbers, float(lookup.rooms[bucket] or 0))


def _pin(model: _Model, pinned: Sequence[tuple[int, int, Sequence[int]]]) -> None:
    """Hold the groups and their people's seats at 1."""
    number_of = {(leader, bucket): number for number, (leader, bucket, _able) in enumerate(model.groups)}
    column_of = {seat: len(model.groups) + at for at, seat in enumerate(model.seats)}
    for leader, bucket, people in pinned:
        number = number_of[leader, bucket]
        model.rows.add([(number, 1.0)], 1.0, 1.0)
        for person in people:
            model.rows.add([(column_of[number, person], 1.0)], 1.0, 1.0)
