"""Problems that have nothing to do with each other: each is solved on its own, small ones exactly."""

from collections.abc import Hashable
from dataclasses import replace

from supervision.formation.rules.instance import Instance
from supervision.formation.solver.lookup import Lookup


class _Union:
    """Which things hang together."""

    def __init__(self) -> None:
        self.above: dict[Hashable, Hashable] = {}

    def top(self, one: Hashable) -> Hashable:
        """Return the one thing that stands for all that hang together with this."""
        path = []
        while (above := self.above.setdefault(one, one)) != one:
            path.append(one)
            one = above
        for passed in path:
            self.above[passed] = one
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        """Let two things hang together."""
        self.above[self.top(one)] = self.top(other)


def split(lookup: Lookup) -> list[Instance]:
    """Return the independent parts of a problem, by their first person; people without a bucket are in none."""
    union = _Union()
    for bucket in range(len(lookup.buckets)):
        here = ("room", lookup.room[bucket]) if lookup.rooms[bucket] is not None else ("bucket", bucket)
        for person in lookup.people_at[bucket]:
            union.join(("person", person), here)
        for leader in lookup.leaders_at[bucket]:
            union.join(("leader", leader), here)
    people: dict[Hashable, list[int]] = {}
    for person, buckets in enumerate(lookup.buckets_of):
        if buckets:
            people.setdefault(union.top(("person", person)), []).append(person)
    leaders: dict[Hashable, list[int]] = {}
    for leader, buckets in enumerate(lookup.buckets_led):
        if buckets:
            leaders.setdefault(union.top(("leader", leader)), []).append(leader)
    instance = lookup.instance
    return [
        replace(
            instance,
            people=[instance.people[one] for one in members],
            supervisors=[instance.supervisors[one] for one in leaders.get(top, [])],
        )
        for top, members in people.items()
    ]
