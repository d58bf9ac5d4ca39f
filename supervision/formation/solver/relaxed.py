"""A sharper bound than the flow's: the linear relaxation, in which a group may exist in part.

Only the people the flow wants are looked at, on the seats that are not scarce: beside them a plan has at most what the
flow's cut leaves for the scarce seats, and nobody else can sit there. Supervisors of one employer at one bucket are
counted together. Seats are tied to groups from both sides (smallest x groups <= people <= largest x groups), which the
maximum flow forgets; that a person has no more of a seat than there is of a group is added where it is missed, round by
round.
"""

import time
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from supervision.formation.rules.instance import Id
from supervision.formation.solver.bound import Bound
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.rows import INFINITE, Rows, relax

ROUNDS, FLAT = 8, 2  # of adding missed rows, and of these in a row without a gain; our choice, later ones gain little
MISSED = 1e-4


@dataclass(slots=True)
class _Model:
    rows: Rows = field(default_factory=Rows)
    lead: list[tuple[int, int]] = field(default_factory=list)  # column -> (supervisor, bucket)
    seats: list[int] = field(default_factory=list)  # columns of seats
    of_seat: list[list[int]] = field(default_factory=list)  # beside `seats`: the columns of its groups
    width: int = 0


def relaxed_bound(lookup: Lookup, flow: Bound, *, seconds: float, enough: int = 0) -> int | None:
    """Return the bound of the relaxation, or None when the seconds were too few for any.

    It is never above the flow's; at `enough` nothing sharper is of use.
    """
    until = time.monotonic() + seconds
    others = flow.most - len(flow.wanted)
    model = _model(lookup, flow)
    if not model.seats:
        return others
    cost = np.zeros(model.width)
    cost[model.seats] = -1.0
    best: int | None = None
    values: list[float] = []
    for _round in range(ROUNDS):
        left = until - time.monotonic()
        found = relax(model.rows, cost, seconds=left) if left > 0 else None
        if found is None:
            break
        values.append(float(-(cost @ found)))
        best = min(flow.most, others + int(values[-1] + 1e-4))
        is_flat = len(values) > FLAT and values[-1] > values[-1 - FLAT] - MISSED
        if best <= enough or is_flat or not _add_missed(model, found):
            break
    return best


def possible_seats(lookup: Lookup, flow: Bound) -> int:
    """Return how many person-bucket pairs the relaxation looks at, at most."""
    return sum(len(lookup.buckets_of[one]) for one in flow.wanted)


def _add_missed(model: _Model, found: NDArray[np.float64]) -> int:
    """Add "seat <= its groups" where the solution breaks it; returns how many rows that were."""
    count = 0
    for seat, groups in zip(model.seats, model.of_seat, strict=True):
        if found[seat] > MISSED and found[seat] > sum(found[one] for one in groups) + MISSED:
            model.rows.add([(seat, 1.0), *((one, -1.0) for one in groups)], -INFINITE, 0.0)
            count += 1
    return count


def _model(lookup: Lookup, flow: Bound) -> _Model:
    model = _Model()
    model.lead = [
        (leader, bucket)
        for leader, buckets in enumerate(lookup.buckets_led)
        for bucket in buckets
        if (bucket, lookup.boss[leader]) not in flow.scarce
    ]
    model.width = len(model.lead)
    of_key: dict[tuple[int, Id | None], list[int]] = {}
    by_time: dict[tuple[int, Id], list[int]] = {}
    by_leader: dict[int, list[int]] = {}
    by_room: dict[tuple[str, Id], list[int]] = {}
    for at, (leader, bucket) in enumerate(model.lead):
        of_key.setdefault((bucket, lookup.boss[leader]), []).append(at)
        by_time.setdefault((leader, lookup.slot[bucket]), []).append(at)
        by_leader.setdefault(leader, []).append(at)
        if lookup.rooms[bucket] is not None:
            by_room.setdefault(lookup.room[bucket], []).append(at)
    of_person: dict[int, list[int]] = {}
    for (bucket, employer), groups in of_key.items():
        _add_seats(lookup, flow, model, of_person, bucket, employer, groups)
    for seats in of_person.values():
        model.rows.at_most(seats, 1.0)
    for groups in by_time.values():
        model.rows.at_most(groups, 1.0)
    for leader, groups in by_leader.items():
        model.rows.at_most(groups, float(lookup.most[leader]))
    for (place, slot), groups in by_room.items():
        model.rows.at_most(groups, float(lookup.instance.rooms_at(place, slot) or 0))
    return model


def _add_seats(
    lookup: Lookup,
    flow: Bound,
    model: _Model,
    of_person: dict[int, list[int]],
    bucket: int,
    employer: Id | None,
    groups: list[int],
) -> None:
    instance, rows = lookup.instance, model.rows
    teams: dict[Id, list[int]] = {}
    first = model.width
    for person in lookup.people_at[bucket]:
        if person not in flow.wanted or (employer is not None and employer == lookup.employer[person]):
            continue
        of_person.setdefault(person, []).append(model.width)
        team = lookup.team[person]
        if team is not None:
            teams.setdefault(team, []).append(model.width)
        model.seats.append(model.width)
        model.of_seat.append(groups)
        model.width += 1
    span = [(at, 1.0) for at in range(first, model.width)]
    rows.add([*span, *((one, -float(instance.largest)) for one in groups)], -INFINITE, 0.0)
    rows.add([*span, *((one, -float(instance.smallest)) for one in groups)], 0.0, INFINITE)
    for columns in teams.values():
        if len(columns) > instance.same_team:
            rows.add(
                [*((one, 1.0) for one in columns), *((one, -float(instance.same_team)) for one in groups)],
                -INFINITE,
                0.0,
            )
