"""From those who wait, the groups that stand and the supervisors' times to an instance, as the database tells them."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta

from supervision.formation.rules.instance import FINE, WISHES, Applicant, FormedGroup, Id, Instance, Leader, Slot
from supervision.formation.rules.naming import pairs_apart

YEARS = {"under2": 1.0, "2to5": 3.5, "6to15": 10.0, "over15": 20.0}  # the middle of what one ticks at sign-up
ANY_NUMBER = 50  # of one unit in a group: more than a group has seats
REMOTE, STEP_FREE = "remote", "step_free"  # needs that bind a place


@dataclass(frozen=True, slots=True)
class Waiting:
    """Someone to be placed, as they signed up; `refused` are slots of groups whose offer they said no to.

    `languages` are those of the assignment they signed up for (empty: the terms'). `employer` is set for those who have
    not agreed to a supervisor of their own organisation. `wishes` and `ways` are what suits them best, where told.
    """

    person_id: str
    name: str
    unit: str = ""
    experience: str = ""
    slots: Collection[str] = ()
    needs: Collection[str] = ()
    not_with: str = ""
    language: str = "sv"
    refused: Collection[str] = ()
    email: str = ""
    languages: Sequence[str] = ()
    employer: str | None = None
    wishes: Mapping[str, int] = field(default_factory=dict)
    ways: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Place:
    """Where groups may meet: its rooms at one time (None: any number), whether one gets in without stairs."""

    name: str
    rooms: int | None = None
    is_step_free: bool = False
    is_online: bool = False


@dataclass(frozen=True, slots=True)
class Standing:
    """A group that exists and still forms, with those who have a seat in it or an offer of one."""

    group_id: str
    name: str
    slot: str
    place: str
    people: Sequence[Waiting]
    supervisor_id: str
    language: str


@dataclass(frozen=True, slots=True)
class Times:
    """What a supervisor has told about themselves; `busy` are slots in which they lead other groups, `led` how many.

    `employer` is the organisation of an internal supervisor. Who has told no times leads the groups that stand.
    """

    person_id: str
    slots: Collection[str]
    places: Collection[str]
    languages: Collection[str]
    most_groups: int
    busy: Collection[str] = ()
    led: int = 0
    employer: str | None = None


@dataclass(frozen=True, slots=True)
class Terms:
    """What an assignment says: languages, sizes, most of one unit (0: any number), whether groups meet every week."""

    languages: Sequence[str]
    smallest: int
    largest: int
    same_unit: int = 2
    is_weekly: bool = False


def rooms_in_use(groups: Iterable[tuple[str, Collection[str]]], *, is_weekly: bool) -> dict[tuple[str, Id], int]:
    """Return how many rooms groups (place, slots) have at each place and slot.

    A weekly group's slot is written as week A's and needs both: it counts the week in which more are in use.
    """
    most: dict[tuple[str, Id], int] = {}
    for (place, slot), count in Counter((place, slot) for place, slots in groups for slot in slots).items():
        at = "A" + slot[1:] if is_weekly else slot
        most[place, at] = max(count, most.get((place, at), 0))
    return most


def instance_of(
    slots: Iterable[Slot],
    waiting: Sequence[Waiting],
    standing: Sequence[Standing],
    leaders: Sequence[Times],
    places: Sequence[Place],
    terms: Terms,
    in_use: Mapping[tuple[str, Id], int],
) -> Instance:
    """Return what groups are formed from. Those who sit in a standing group can come to it, whatever they told."""
    known = list(places) + [Place(one.place) for one in standing if one.place not in {p.name for p in places}]
    people = {one.person_id: _applicant(one, known, terms) for one in waiting}
    for group in standing:
        people |= _seated(group, known, terms)
    everyone = [*waiting, *(one for group in standing for one in group.people)]
    together = {one.person_id: group.group_id for group in standing for one in group.people}
    apart = {
        (one, other)
        for one, other in pairs_apart(everyone)
        if together.get(one) is None or together[one] != together.get(other)
    }
    return Instance(
        slots=list(slots),
        people=list(people.values()),
        supervisors=[_leader(one, standing, known, terms) for one in leaders],
        rooms={place.name: place.rooms for place in known},
        apart=frozenset(apart),
        rooms_in_use=in_use,
        smallest=terms.smallest,
        largest=terms.largest,
        same_team=terms.same_unit or ANY_NUMBER,
    )


def formed(group: Standing) -> FormedGroup:
    """Return a standing group as a plan has it."""
    people = tuple(one.person_id for one in group.people)
    return FormedGroup(group.supervisor_id, group.slot, group.place, group.language, people)


def free_slots(slots: Collection[str], *, is_weekly: bool) -> frozenset[str]:
    """Return the slots a group could use: those of a weekly group are free in both weeks, and written as week A's."""
    if not is_weekly:
        return frozenset(slots)
    return frozenset(one for one in slots if one[0] == "A" and "B" + one[1:] in slots)


def first_day(slot: str, after: date, a_monday: date) -> date:
    """Return the first day on or after `after` of a slot's week and weekday; `a_monday` is a Monday of week A."""
    days = int(slot[1]) - 1 + (7 if slot[0] == "B" else 0)
    begin = a_monday + timedelta(days=days)
    return after + timedelta(days=(begin - after).days % 14)


def slot_of(day: date, hour: int, starts: Iterable[tuple[int, int]], a_monday: date) -> str | None:
    """Return the slot a meeting on a day at an hour begins in, or None when it is outside all of them."""
    first = next((begin for begin, end in starts if begin <= hour < end), None)
    if first is None:
        return None
    week = "A" if (day - a_monday).days // 7 % 2 == 0 else "B"
    return f"{week}{day.isoweekday()}-{first}"


def _applicant(one: Waiting, places: Sequence[Place], terms: Terms) -> Applicant:
    offered = one.languages or terms.languages
    spoken = [language for language in offered if language == one.language] or list(offered)
    slots = free_slots(one.slots, is_weekly=terms.is_weekly).difference(one.refused)
    unit = " ".join(one.unit.casefold().split())
    return Applicant(
        id=one.person_id,
        employer=one.employer,
        team=unit or None,
        languages=tuple(spoken),
        slots={slot: _wish(one, slot, is_weekly=terms.is_weekly) for slot in sorted(slots)},
        places={place.name: _way(one, place) for place in places if _can_use(one, place)},
        experience_years=YEARS.get(one.experience, 0.0),
    )


def _wish(one: Waiting, slot: str, *, is_weekly: bool) -> int:
    """Return how gladly someone comes then; of a weekly group's two times the less liked one counts."""
    both = [slot, "B" + slot[1:]] if is_weekly else [slot]
    told = max(one.wishes.get(at, FINE) for at in both)
    return told if told in WISHES else FINE


def _way(one: Waiting, place: Place) -> float:
    """Return the kilometres someone told; 0 by a link, and where nothing is told."""
    return 0.0 if place.is_online else float(one.ways.get(place.name, 0.0))


def _can_use(one: Waiting, place: Place) -> bool:
    if place.is_online:
        return True
    return REMOTE not in one.needs and (place.is_step_free or STEP_FREE not in one.needs)


def _seated(group: Standing, places: Sequence[Place], terms: Terms) -> dict[str, Applicant]:
    """Return those of a standing group, each only where they sit; units beyond the bound do not count any more."""
    units: Counter[str | None] = Counter()
    found = {}
    for one in group.people:
        person = _applicant(one, places, terms)
        team = str(person.team) if person.team is not None else None
        units[team] += 1
        found[one.person_id] = replace(
            person,
            employer=None,
            slots={group.slot: person.slots.get(group.slot, FINE)},
            places={group.place: person.places.get(group.place, 0.0)},
            languages=(group.language,),
            team=team if units[team] <= (terms.same_unit or ANY_NUMBER) else None,
        )
    return found


def _leader(times: Times, standing: Sequence[Standing], places: Sequence[Place], terms: Terms) -> Leader:
    free = free_slots(times.slots, is_weekly=terms.is_weekly).difference(times.busy)
    names = {place.name for place in places}
    own = [group for group in standing if group.supervisor_id == times.person_id]
    speaks = [one for one in terms.languages if one in times.languages] or list(times.languages or terms.languages)
    return Leader(
        id=times.person_id,
        employer=times.employer,
        slots=free | {group.slot for group in own},
        places=frozenset(((set(times.places) & names) or names) | {group.place for group in own}),
        languages=frozenset([*speaks, *(group.language for group in own)]),
        max_groups=max(times.most_groups - times.led, len(own)),
    )
