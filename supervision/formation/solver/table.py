"""The solver's working plan: groups, seats and rooms as they stand, with a log that takes any step back.

Every step keeps the hard rules but one: a group may have fewer than the smallest size until the search has filled or
closed it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from supervision.formation.rules.instance import FormedGroup, Id
from supervision.formation.solver.lookup import Lookup

NOBODY = -1


@dataclass(slots=True, eq=False)
class Open:
    """A group that is open in the working plan; pinned ones keep their members and may gain some."""

    number: int
    supervisor: int
    bucket: int
    employer: Id | None
    people: list[int] = field(default_factory=list)
    is_pinned: bool = False


class Table:
    """The working plan. `log` grows with each step; `back_to(mark)` undoes what came after the mark."""

    def __init__(self, lookup: Lookup) -> None:
        self.lookup = lookup
        instance = lookup.instance
        self.smallest, self.largest, self.same_team = instance.smallest, instance.largest, instance.same_team
        self.where: list[Open | None] = [None] * len(instance.people)
        self.at: list[list[Open]] = [[] for _ in lookup.buckets]
        self.led: list[dict[Id, Open]] = [{} for _ in instance.supervisors]  # supervisor -> slot -> group
        self.rooms: dict[tuple[str, Id], int] = defaultdict(int)
        self.groups: dict[int, Open] = {}
        self.unplaced: dict[int, None] = dict.fromkeys(p for p, buckets in enumerate(lookup.buckets_of) if buckets)
        self.log: list[tuple[Literal["open", "close", "move"], int, Open | None]] = []
        self.looks = 0  # how often a seat was looked at: what the search measures its work by
        self._next = 0
        self._asking = len(self.unplaced)

    @property
    def placed(self) -> int:
        """How many people sit in a group."""
        return self._asking - len(self.unplaced)

    @property
    def free_seats(self) -> int:
        """How many seats the open groups have left."""
        return self.largest * len(self.groups) - self.placed

    def leave_out(self, person: int) -> None:
        """Forget someone who asks for no group."""
        if person in self.unplaced:
            del self.unplaced[person]
            self._asking -= 1

    # -- questions -----------------------------------------------------------------------------------------------

    def can_open(self, leader: int, bucket: int) -> bool:
        """Whether the supervisor has a group left and is free then, and a room is."""
        led = self.led[leader]
        if len(led) >= self.lookup.most[leader] or self.lookup.slot[bucket] in led:
            return False
        return self.has_room(bucket)

    def has_room(self, bucket: int) -> bool:
        """Whether a room is free at the bucket's place and time."""
        most = self.lookup.rooms[bucket]
        return most is None or self.rooms[self.lookup.room[bucket]] < most

    def admits(self, group: Open, person: int, without: int = NOBODY) -> bool:
        """Whether the person may sit with those of the group (but for one), whatever its size."""
        lookup = self.lookup
        self.looks += 1
        if group.employer is not None and group.employer == lookup.employer[person]:
            return False
        teams = lookup.team
        apart, team, same = lookup.apart[person], teams[person], 0
        if apart:
            for other in group.people:
                if other in apart and other != without:
                    return False
        if team is not None:
            for other in group.people:
                if teams[other] == team and other != without:
                    same += 1
                    if same >= self.same_team:
                        return False
        return True

    # -- steps ---------------------------------------------------------------------------------------------------

    def open(self, leader: int, bucket: int) -> Open:
        """Open an empty group."""
        group = Open(self._next, leader, bucket, self.lookup.boss[leader])
        self._next += 1
        self._add(group)
        self.log.append(("open", NOBODY, group))
        return group

    def close(self, group: Open) -> list[int]:
        """Close a group; its people are unplaced. Returns them."""
        people = list(group.people)
        for person in people:
            self.move(person, None)
        self._drop(group)
        self.log.append(("close", NOBODY, group))
        return people

    def move(self, person: int, to: Open | None) -> None:
        """Seat a person, or let them go (`to` None)."""
        self.log.append(("move", person, self.where[person]))
        self._seat(person, to)

    def back_to(self, mark: int) -> None:
        """Take back every step after the mark."""
        while len(self.log) > mark:
            kind, person, group = self.log.pop()
            if kind == "move":
                self._seat(person, group)
            elif group is not None:
                if kind == "open":
                    self._drop(group)
                else:
                    self._add(group)

    def _seat(self, person: int, to: Open | None) -> None:
        was = self.where[person]
        if was is not None:
            was.people.remove(person)
        else:
            self.unplaced.pop(person, None)
        self.where[person] = to
        if to is not None:
            to.people.append(person)
        else:
            self.unplaced[person] = None

    def _add(self, group: Open) -> None:
        self.groups[group.number] = group
        self.at[group.bucket].append(group)
        self.led[group.supervisor][self.lookup.slot[group.bucket]] = group
        self.rooms[self.lookup.room[group.bucket]] += 1

    def _drop(self, group: Open) -> None:
        del self.groups[group.number]
        self.at[group.bucket].remove(group)
        del self.led[group.supervisor][self.lookup.slot[group.bucket]]
        self.rooms[self.lookup.room[group.bucket]] -= 1

    # -- the plan ------------------------------------------------------------------------------------------------

    def formed(self) -> Iterator[FormedGroup]:
        """Return the groups as a plan holds them, with the instance's ids, in a fixed order."""
        instance = self.lookup.instance
        for group in sorted(self.groups.values(), key=lambda one: (one.bucket, one.supervisor)):
            bucket = self.lookup.buckets[group.bucket]
            people = tuple(instance.people[person].id for person in sorted(group.people))
            leader = instance.supervisors[group.supervisor].id
            yield FormedGroup(leader, bucket.slot, bucket.place, bucket.language, people)

    def set_up(self, groups: Iterable[FormedGroup], *, pinned: bool = False) -> None:
        """Open the groups of an earlier plan; people it does not know or who cannot come any more stay out."""
        for one in groups:
            bucket = self.lookup.number.get(one.bucket)
            leader = self.lookup.leader_of.get(one.supervisor)
            if bucket is None or leader is None or bucket not in self.lookup.buckets_led[leader]:
                continue
            if not self.can_open(leader, bucket):
                continue
            group = self.open(leader, bucket)
            for person_id in one.people:
                person = self.lookup.person_of.get(person_id)
                if person is None or bucket not in self.lookup.buckets_of[person] or self.where[person] is not None:
                    continue
                if len(group.people) < self.largest and self.admits(group, person):
                    self.move(person, group)
            group.is_pinned = pinned
