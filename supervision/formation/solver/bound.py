"""How many people any plan could place at most: one maximum flow that forgets some rules (so it is never too low).

Source -> supervisor (groups x largest size) -> supervisor at a time (one group) -> bucket with the supervisor's
employer (rooms x size) -> person. What it forgets: that a group has at least five, two of one team, who is kept apart,
and that one group has one place and one language.
"""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, maximum_flow

from supervision.formation.rules.instance import Id
from supervision.formation.solver.lookup import Lookup


@dataclass(frozen=True, slots=True)
class Bound:
    """The most people a plan could place, and what a plan that places so many does.

    It places all `wanted` people, none of them on a `scarce` seat (bucket, supervisor's employer): those are full of
    others. What a plan lacks to the bound is the wanted people without a seat, those on a scarce seat, and scarce seats
    left empty.
    """

    most: int
    wanted: dict[int, None]
    scarce: frozenset[tuple[int, Id | None]]


class _Network:
    """Edges between numbered nodes; a node is made when its key is first named."""

    def __init__(self) -> None:
        self.edges: list[tuple[int, int, int]] = []
        self.count = 0

    def node(self) -> int:
        """Return a new node."""
        self.count += 1
        return self.count - 1


def upper_bound(lookup: Lookup) -> Bound:
    """Return the most people a plan could place. Memory and time grow with the possible person-bucket pairs.

    The wanted are who lies before the flow's smallest cut next to the sink, the scarce seats lie behind it. Who is
    not wanted can only have a scarce seat.
    """
    people = len(lookup.instance.people)
    network = _Network()
    network.count = people
    source, sink = network.node(), network.node()
    keys = _supply(lookup, network, source)
    if not keys:
        return Bound(0, {}, frozenset())
    size = lookup.instance.largest
    edges = network.edges
    last: dict[tuple[int, Id | None], int] = {}
    for (bucket, employer), key in keys.items():
        most = lookup.rooms[bucket]
        node = key
        if most is not None:
            node = network.node()
            edges.append((key, node, most * size))
        last[bucket, employer] = node
        edges.extend(
            (node, person, 1)
            for person in lookup.people_at[bucket]
            if employer is None or employer != lookup.employer[person]
        )
    edges.extend((person, sink, 1) for person in range(people))
    table = np.array(edges, dtype=np.int32)
    graph = csr_array((table[:, 2], (table[:, 0], table[:, 1])), shape=(network.count, network.count))
    found = maximum_flow(graph, source, sink)
    left = csr_array((graph - found.flow).T)
    left.eliminate_zeros()
    behind = set(breadth_first_order(left, sink, return_predecessors=False).tolist())
    wanted = {one: None for one in range(people) if lookup.buckets_of[one] and one not in behind}
    scarce = frozenset(key for key, node in keys.items() if node in behind or last[key] in behind)
    return Bound(int(found.flow_value), wanted, scarce)


def _supply(lookup: Lookup, network: _Network, source: int) -> dict[tuple[int, Id | None], int]:
    """Add supervisors and their times; returns the node of each (bucket, supervisor's employer)."""
    size = lookup.instance.largest
    keys: dict[tuple[int, Id | None], int] = {}
    for leader, buckets in enumerate(lookup.buckets_led):
        node = network.node()
        network.edges.append((source, node, lookup.most[leader] * size))
        times: dict[Id, int] = {}
        for bucket in buckets:
            slot = lookup.slot[bucket]
            if slot not in times:
                times[slot] = network.node()
                network.edges.append((node, times[slot], size))
            key = (bucket, lookup.boss[leader])
            if key not in keys:
                keys[key] = network.node()
            network.edges.append((times[slot], keys[key], size))
    return keys
