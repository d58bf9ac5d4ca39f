"""Reads an instance as its JSON file writes it; a fault is told with its place in the file."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeVar

from supervision.formation.rules.instance import (
    LARGEST,
    SAME_TEAM,
    SMALLEST,
    WISHES,
    Applicant,
    FormedGroup,
    Id,
    Instance,
    Leader,
    Slot,
)

Read = TypeVar("Read")
MOST_GROUPS = 100  # our choice: more than this is a slip of the pen
MISSING = object()


class BadInstance(ValueError):
    """A file is not an instance: `place` says where ("people[12].slots[3].id"), `fault` what ("no such slot")."""

    def __init__(self, place: str, fault: str) -> None:
        super().__init__(f"{place}: {fault}")
        self.place = place
        self.fault = fault


def read(data: object) -> Instance:
    """Return the instance of a parsed JSON file, or raise `BadInstance` at the first fault."""
    top = _mapping(data, "file")
    slots = _each(top, "slots", _slot)
    slot_ids = _ids(slots, "slots")
    rooms = {place: _rooms(count, f"rooms_per_slot.{place}") for place, count in _rooms_of(top).items()}
    people = _each(top, "people", lambda one, place: _person(one, place, slot_ids, rooms))
    person_ids = _ids(people, "people")
    supervisors = _each(top, "supervisors", lambda one, place: _leader(one, place, slot_ids, rooms))
    _ids(supervisors, "supervisors")
    apart = _each(top, "apart", lambda one, place: _pair(one, place, person_ids), optional=True)
    size = _mapping(top.get("group_size", {}), "group_size")
    smallest = _whole(size.get("min", SMALLEST), "group_size.min", 1, 50)
    return Instance(
        slots=slots,
        people=people,
        supervisors=supervisors,
        rooms=rooms,
        apart=frozenset(apart),
        smallest=smallest,
        largest=_whole(size.get("max", LARGEST), "group_size.max", smallest, 50),
        same_team=_whole(top.get("max_same_team", SAME_TEAM), "max_same_team", 1, 50),
    )


def read_groups(data: object) -> tuple[FormedGroup, ...]:
    """Return the groups of a plan's file: `{"groups": [...]}`; faults as for an instance."""
    return tuple(_each(_mapping(data, "file"), "groups", _group))


def _slot(data: Mapping[str, Any], place: str) -> Slot:
    week = _get(data, "week", place)
    if week not in ("A", "B"):
        raise BadInstance(f"{place}.week", 'must be "A" or "B"')
    weekday = _whole(_get(data, "weekday", place), f"{place}.weekday", 0, 6)
    start = _get(data, "start", place)
    if not isinstance(start, str) or not _is_time(start):
        raise BadInstance(f"{place}.start", 'must be a time such as "15:30"')
    return Slot(_id(_get(data, "id", place), f"{place}.id"), week, weekday, start)


def _is_time(text: str) -> bool:
    hour, colon, minute = text.partition(":")
    return (
        colon == ":"
        and len(minute) == 2
        and hour.isascii()
        and minute.isascii()
        and hour.isdigit()
        and minute.isdigit()
        and int(hour) < 24
        and int(minute) < 60
    )


def _person(data: Mapping[str, Any], place: str, slots: set[Id], rooms: Mapping[str, int | None]) -> Applicant:
    wishes: dict[Id, int] = {}
    for number, one in enumerate(_list(_get(data, "slots", place), f"{place}.slots")):
        at = f"{place}.slots[{number}]"
        entry = _mapping(one, at)
        slot = _known(_get(entry, "id", at), f"{at}.id", slots, "slot")
        wish = entry.get("wish", 1)
        if type(wish) is not int or wish not in WISHES:
            raise BadInstance(f"{at}.wish", "must be 0 (prefer), 1 (fine) or 2 (if needed)")
        wishes[slot] = wish
    ways: dict[str, float] = {}
    for number, one in enumerate(_list(_get(data, "places", place), f"{place}.places")):
        at = f"{place}.places[{number}]"
        entry = _mapping(one, at)
        ways[_place(_get(entry, "id", at), f"{at}.id", rooms)] = _number(entry.get("km", 0.0), f"{at}.km")
    return Applicant(
        id=_id(_get(data, "id", place), f"{place}.id"),
        employer=_maybe_id(data.get("employer"), f"{place}.employer"),
        team=_maybe_id(data.get("team"), f"{place}.team"),
        languages=tuple(_languages(data, place)),
        slots=wishes,
        places=ways,
        experience_years=_number(data.get("experience_years", 0.0), f"{place}.experience_years"),
    )


def _leader(data: Mapping[str, Any], place: str, slots: set[Id], rooms: Mapping[str, int | None]) -> Leader:
    times = _list(_get(data, "slots", place), f"{place}.slots")
    places = _list(_get(data, "places", place), f"{place}.places")
    return Leader(
        id=_id(_get(data, "id", place), f"{place}.id"),
        employer=_maybe_id(data.get("employer"), f"{place}.employer"),
        slots=frozenset(_known(one, f"{place}.slots[{at}]", slots, "slot") for at, one in enumerate(times)),
        places=frozenset(_place(one, f"{place}.places[{at}]", rooms) for at, one in enumerate(places)),
        languages=frozenset(_languages(data, place)),
        max_groups=_whole(_get(data, "max_groups", place), f"{place}.max_groups", 0, MOST_GROUPS),
    )


def _pair(data: object, place: str, people: set[Id]) -> tuple[Id, Id]:
    pair = _list(data, place)
    if len(pair) != 2:
        raise BadInstance(place, "must be a pair of people")
    one, other = (_known(who, f"{place}[{at}]", people, "person") for at, who in enumerate(pair))
    if one == other:
        raise BadInstance(place, "must be two people")
    return one, other


def _group(data: Mapping[str, Any], place: str) -> FormedGroup:
    people = _list(_get(data, "people", place), f"{place}.people")
    where = _get(data, "place", place)
    if not isinstance(where, str):
        raise BadInstance(f"{place}.place", "must be a text")
    return FormedGroup(
        supervisor=_id(_get(data, "supervisor", place), f"{place}.supervisor"),
        slot=_id(_get(data, "slot", place), f"{place}.slot"),
        place=where,
        language=_id(_get(data, "language", place), f"{place}.language"),
        people=tuple(_id(one, f"{place}.people[{at}]") for at, one in enumerate(people)),
    )


def _each(data: Mapping[str, Any], key: str, one: Callable[[Any, str], Read], *, optional: bool = False) -> list[Read]:
    if optional and key not in data:
        return []
    rows = _list(_get(data, key, ""), key)
    plain = key == "apart"  # its rows are lists, not mappings
    return [one(row if plain else _mapping(row, f"{key}[{at}]"), f"{key}[{at}]") for at, row in enumerate(rows)]


def _rooms_of(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping(_get(data, "rooms_per_slot", ""), "rooms_per_slot")


def _rooms(value: object, place: str) -> int | None:
    return None if value is None else _whole(value, place, 0, 1_000_000)


def _ids(rows: Iterable[Any], key: str) -> set[Id]:
    found: set[Id] = set()
    kinds: set[type] = set()
    for at, one in enumerate(rows):
        if one.id in found:
            raise BadInstance(f"{key}[{at}].id", f"{one.id!r} is there twice")
        kinds.add(type(one.id))
        if len(kinds) > 1:
            raise BadInstance(f"{key}[{at}].id", "ids are either all numbers or all texts")
        found.add(one.id)
    return found


def _languages(data: Mapping[str, Any], place: str) -> list[Id]:
    rows = _list(_get(data, "languages", place), f"{place}.languages")
    return list(dict.fromkeys(_id(one, f"{place}.languages[{at}]") for at, one in enumerate(rows)))


def _get(data: Mapping[str, Any], key: str, place: str) -> Any:  # noqa: ANN401 - what JSON holds
    value = data.get(key, MISSING)
    if value is MISSING:
        raise BadInstance(f"{place}.{key}" if place else key, "is missing")
    return value


def _mapping(value: object, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadInstance(place, "must be an object")
    return value


def _list(value: object, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadInstance(place, "must be a list")
    return value


def _id(value: object, place: str) -> Id:
    if isinstance(value, bool) or not isinstance(value, int | str) or value == "":
        raise BadInstance(place, "must be a whole number or a text")
    return value


def _maybe_id(value: object, place: str) -> Id | None:
    return None if value is None else _id(value, place)


def _known(value: object, place: str, known: set[Id], what: str) -> Id:
    found = _id(value, place)
    if found not in known:
        raise BadInstance(place, f"no such {what}")
    return found


def _place(value: object, place: str, rooms: Mapping[str, int | None]) -> str:
    if not isinstance(value, str) or value not in rooms:
        raise BadInstance(place, "no such place")
    return value


def _whole(value: object, place: str, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise BadInstance(place, f"must be a whole number from {least} to {most}")
    return value


def _number(value: object, place: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise BadInstance(place, "must be a number from 0")
    return float(value)
