"""What groups are formed from, and what a plan is (PRODUCT: group formation)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

SMALLEST, LARGEST = 5, 7  # PRODUCT: group formation, groups of 5-7
SAME_TEAM = 2  # at most two of one client household in a group
PREFER, FINE, IF_NEEDED = 0, 1, 2  # the wishes of a slot
WISHES = (PREFER, FINE, IF_NEEDED)

# A file's numbers or a database's keys as texts; within one instance ids of one kind are all of one type.
Id = int | str


@dataclass(frozen=True, slots=True)
class Slot:
    """A fortnightly time: week "A" or "B", weekday 0 = Monday, and its local start, "15:30"."""

    id: Id
    week: str
    weekday: int
    start: str


@dataclass(frozen=True, slots=True)
class Applicant:
    """Someone who waits for a group.

    `slots` maps a slot's id to the wish (0 prefer, 1 fine, 2 if needed), `places` a place's id to the way there in
    kilometres. `team` is the client household, whose colleagues should not fill a group. `experience_years` may be 0.
    """

    id: Id
    employer: Id | None
    team: Id | None
    languages: tuple[Id, ...]
    slots: Mapping[Id, int]
    places: Mapping[str, float]
    experience_years: float = 0.0


@dataclass(frozen=True, slots=True)
class Leader:
    """A supervisor who could lead groups; `employer` is None for an external one."""

    id: Id
    employer: Id | None
    slots: frozenset[Id]
    places: frozenset[str]
    languages: frozenset[Id]
    max_groups: int


@dataclass(frozen=True)
class Instance:
    """Everything groups are formed from. `rooms` holds how many rooms a place has at each time; None is any number.

    A place that `rooms` does not name has any number too. `rooms_in_use` counts those that other groups have at a place
    and time. `apart` holds pairs of people who may not share a group.
    """

    slots: Sequence[Slot]
    people: Sequence[Applicant]
    supervisors: Sequence[Leader]
    rooms: Mapping[str, int | None]
    apart: frozenset[tuple[Id, Id]] = frozenset()
    rooms_in_use: Mapping[tuple[str, Id], int] = field(default_factory=dict)
    smallest: int = SMALLEST
    largest: int = LARGEST
    same_team: int = SAME_TEAM

    def rooms_at(self, place: str, slot: Id) -> int | None:
        """Return how many rooms a place has left at a time; None is any number."""
        rooms = self.rooms.get(place)
        return None if rooms is None else max(0, rooms - self.rooms_in_use.get((place, slot), 0))

    @cached_property
    def kept_apart(self) -> Mapping[Id, frozenset[Id]]:
        """Return person id -> those they may not sit with."""
        found: dict[Id, set[Id]] = {}
        for one, other in self.apart:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
        return {person: frozenset(others) for person, others in found.items()}

    @cached_property
    def person(self) -> Mapping[Id, Applicant]:
        """Return id -> person."""
        return {one.id: one for one in self.people}

    @cached_property
    def supervisor(self) -> Mapping[Id, Leader]:
        """Return id -> supervisor."""
        return {one.id: one for one in self.supervisors}


@dataclass(frozen=True, slots=True)
class Bucket:
    """Where and when a group could meet, and in which language."""

    slot: Id
    place: str
    language: Id


@dataclass(frozen=True, slots=True)
class FormedGroup:
    """One group of a plan."""

    supervisor: Id
    slot: Id
    place: str
    language: Id
    people: tuple[Id, ...]

    @property
    def bucket(self) -> Bucket:
        """Where and when it meets."""
        return Bucket(self.slot, self.place, self.language)

    @property
    def key(self) -> tuple[Id, Id, str, Id]:
        """What makes it the same group in two plans: its supervisor, time, place and language."""
        return self.supervisor, self.slot, self.place, self.language


@dataclass(frozen=True, slots=True)
class Plan:
    """A proposal: groups, and a bound no plan can pass.

    `moved` holds those of an earlier plan who are not in the same group any more. `ended` says why the search did:
    "bound" (nothing more is possible), "searched" (as long as the size of the problem allows), "time" or "stopped".
    Two runs with one seed are equal unless it says "time" or "stopped".
    """

    groups: tuple[FormedGroup, ...]
    bound: int
    moved: tuple[Id, ...] = ()
    ended: str = "bound"

    @property
    def placed(self) -> int:
        """How many people have a group."""
        return sum(len(group.people) for group in self.groups)

    @property
    def is_optimal(self) -> bool:
        """Whether no plan can place more people."""
        return self.placed >= self.bound

    @property
    def group_of(self) -> Mapping[Id, FormedGroup]:
        """Return person id -> their group."""
        return {person: group for group in self.groups for person in group.people}


def in_order(one: Id) -> tuple[bool, int, str]:
    """Return what ids are sorted by: numbers by value, then texts."""
    return (False, one, "") if isinstance(one, int) else (True, 0, one)
