"""From those who wait, the groups that stand and a supervisor's times to an instance, as the database tells them."""

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from supervision.formation.rules.instance import FINE, Applicant, FormedGroup, Instance, Leader, Slot

YEARS = {"under2": 1.0, "2to5": 3.5, "6to15": 10.0, "over15": 20.0}  # the middle of what one ticks at sign-up
ANY_NUMBER = 50  # of one unit in a group: more than a group has seats
REMOTE, STEP_FREE = "remote", "step_free"  # needs that bind a place
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass(frozen=True, slots=True)
class Waiting:
    """Someone to be placed, as they signed up; `refused` are slots of groups whose offer they said no to."""

    person_id: str
    name: str
    unit: str = ""
    experience: str = ""
    slots: Collection[str] = ()
    needs: Collection[str] = ()
    not_with: str = ""
    language: str = "sv"
    refused: Collection[str] = ()


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


@dataclass(frozen=True, slots=True)
class Times:
    """What a supervisor has told about themselves; `busy` are slots in which they lead other groups, `led` how many."""

    person_id: str
    slots: Collection[str]
    places: Collection[str]
    languages: Collection[str]
    most_groups: int
    busy: Collection[str] = ()
    led: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """What an assignment says: languages, sizes, most of one unit (0: any number), whether groups meet every week."""

    languages: Sequence[str]
    smallest: int
    largest: int
    same_unit: int = 2
    is_weekly: bool = False


def instance_of(
    slots: Iterable[Slot],
    waiting: Sequence[Waiting],
    standing: Sequence[Standing],
    times: Times | None,
    places: Sequence[Place],
    terms: Terms,
) -> Instance:
    """Return what groups are formed from. Those who sit in a standing group can come to it, whatever they told.

    Every supervisor is one of the assignment's, chosen by the organisation, so none is refused for their employer.
    """
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
        supervisors=[_leader(times, standing, known, terms)] if times else [],
        rooms={place.name: place.rooms for place in known},
        apart=frozenset(apart),
        smallest=terms.smallest,
        largest=terms.largest,
        same_team=terms.same_unit or ANY_NUMBER,
    )


def formed(group: Standing, times: Times, terms: Terms) -> FormedGroup:
    """Return a standing group as a plan has it."""
    people = tuple(one.person_id for one in group.people)
    return FormedGroup(times.person_id, group.slot, group.place, terms.languages[0], people)


def free_slots(slots: Collection[str], *, is_weekly: bool) -> frozenset[str]:
    """Return the slots a group could use: those of a weekly group are free in both weeks, and written as week A's."""
    if not is_weekly:
        return frozenset(slots)
    return frozenset(one for one in slots if one[0] == "A" and "B" + one[1:] in slots)


def pairs_apart(people: Sequence[Waiting]) -> frozenset[tuple[str, str]]:
    """Return the pairs that a wish keeps apart: someone is named in full, or by a first name only one person has."""
    firsts = Counter(one.name.casefold().split()[0] for one in people if one.name.strip())
    found = set()
    for one in people:
        words = WORD.findall(one.not_with)
        if not words:
            continue
        for other in people:
            if other.person_id != one.person_id and _names(words, other.name, firsts):
                first, second = sorted((one.person_id, other.person_id))
                found.add((first, second))
    return frozenset(found)


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


def _names(words: list[str], name: str, firsts: Counter[str]) -> bool:
    parts = name.casefold().split()
    folded = [word.casefold() for word in words]
    for at, word in enumerate(folded):
        if parts and folded[at : at + len(parts)] == parts:
            return True
        if parts and word == parts[0] and firsts[word] == 1:
            after = words[at + 1] if at + 1 < len(words) else ""
            if not after[:1].isupper():  # "Anna Berg" names another Anna than the one who waits
                return True
    return False


def _applicant(one: Waiting, places: Sequence[Place], terms: Terms) -> Applicant:
    spoken = [language for language in terms.languages if language == one.language] or list(terms.languages)
    slots = free_slots(one.slots, is_weekly=terms.is_weekly).difference(one.refused)
    unit = " ".join(one.unit.casefold().split())
    return Applicant(
        id=one.person_id,
        employer=None,
        team=unit or None,
        languages=tuple(spoken),
        slots=dict.fromkeys(sorted(slots), FINE),
        places=dict.fromkeys((place.name for place in places if _can_use(one, place)), 0.0),
        experience_years=YEARS.get(one.experience, 0.0),
    )


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
            slots={group.slot: FINE},
            places={group.place: 0.0},
            languages=(terms.languages[0],),
            team=team if units[team] <= (terms.same_unit or ANY_NUMBER) else None,
        )
    return found


def _leader(times: Times, standing: Sequence[Standing], places: Sequence[Place], terms: Terms) -> Leader:
    free = free_slots(times.slots, is_weekly=terms.is_weekly).difference(times.busy)
    names = {place.name for place in places}
    led_here = {group.place for group in standing}
    speaks = [one for one in terms.languages if one in times.languages] or list(terms.languages)
    return Leader(
        id=times.person_id,
        employer=None,
        slots=free | {group.slot for group in standing},
        places=frozenset(((set(times.places) & names) or names) | led_here),
        languages=frozenset([*speaks, terms.languages[0]]),
        max_groups=max(times.most_groups - times.led, len(standing)),
    )
