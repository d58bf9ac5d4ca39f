"""Plans and instances as texts: the JSON of a plan, and CSV for people who live in spreadsheets.

Columns are described in docs/formation.md.
"""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from supervision.formation.rules.instance import FormedGroup, Id, Instance, Plan, Slot
from supervision.formation.rules.reading import BadInstance, read
from supervision.kernel.cells import neutral

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BETWEEN = ";"  # several values in one cell
PEOPLE_COLUMNS = ("id", "times", "places", "languages")
SUPERVISOR_COLUMNS = ("id", "times", "places", "languages", "max_groups")
PLAN_COLUMNS = ("group", "supervisor", "week", "weekday", "start", "place", "language", "person")
WHY_COLUMNS = ("reason", "would_help", "moved")


def time_name(slot: Slot) -> str:
    """Return a time as a cell holds it: "A-mon-15:30"."""
    return f"{slot.week}-{DAYS[slot.weekday]}-{slot.start}"


def read_csv(people: str, supervisors: str, apart: str = "", rooms: str = "") -> Instance:
    """Return the instance of the texts of up to four CSV files; faults name the file, line and column."""
    rows = {
        "people.csv": list(_rows(people, "people.csv", PEOPLE_COLUMNS)),
        "supervisors.csv": list(_rows(supervisors, "supervisors.csv", SUPERVISOR_COLUMNS)),
    }
    slots: dict[str, dict[str, Any]] = {}
    places: dict[str, int | None] = {}
    for place, row in _rows(rooms, "rooms.csv", ("place", "rooms")):
        places[row["place"]] = _whole(row["rooms"], f"{place} rooms") if row["rooms"] else None
    pairs = list(_rows(apart, "apart.csv", ("person", "other")))
    data = {
        "people": [_person(at, row, slots, places) for at, row in rows["people.csv"]],
        "supervisors": [_supervisor(at, row, slots, places) for at, row in rows["supervisors.csv"]],
        "slots": list(slots.values()),
        "rooms_per_slot": places,
        "apart": [[row["person"], row["other"]] for _at, row in pairs],
    }
    lines = {
        "people": [at for at, _row in rows["people.csv"]],
        "supervisors": [at for at, _row in rows["supervisors.csv"]],
        "apart": [at for at, _row in pairs],
    }
    try:
        return read(data)
    except BadInstance as error:
        raise BadInstance(_in_sheet(error.place, lines), error.fault) from error


def _in_sheet(place: str, lines: Mapping[str, Sequence[str]]) -> str:
    """Return the line of a spreadsheet that a place of an instance came from ("people[3].id": "people.csv line 5 id").

    A value of a cell with several is counted from 1.
    """
    found = re.fullmatch(r"(people|supervisors|apart)\[(\d+)\]\.?(.*)", place)
    if found is None:
        return place
    column, _bracket, number = found[3].replace("slots", "times").partition("[")
    count = number.partition("]")[0]
    value = f" value {int(count) + 1}" if count.isdigit() else ""
    return " ".join(filter(None, (lines[found[1]][int(found[2])], column + value)))


def plan_data(
    instance: Instance, plan: Plan, unplaced: Iterable[Mapping[str, object]], moved_why: Mapping[Id, str]
) -> dict[str, object]:
    """Return a plan as its JSON file holds it; people stand in the order of the instance."""
    order = {person.id: at for at, person in enumerate(instance.people)}
    return {
        "groups": [
            {
                "supervisor": group.supervisor,
                "slot": group.slot,
                "place": group.place,
                "language": group.language,
                "people": sorted(group.people, key=lambda one: order[one]),
            }
            for group in plan.groups
        ],
        "placed": plan.placed,
        "bound": plan.bound,
        "optimal": plan.is_optimal,
        "unplaced": list(unplaced),
        "moved": list(plan.moved),
        "moved_why": [{"id": one, "reason": why} for one, why in moved_why.items()],
        "ended": plan.ended,
    }


def plan_csv(
    instance: Instance, plan: Plan, unplaced: Iterable[Mapping[str, object]], moved_why: Mapping[Id, str]
) -> str:
    """Return a plan as CSV, one line a person; those without a group stand last, with the reason and what helps."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(PLAN_COLUMNS + WHY_COLUMNS)
    slots = {slot.id: slot for slot in instance.slots}
    for number, group in enumerate(plan.groups, 1):
        slot = slots[group.slot]
        where = (group.supervisor, slot.week, DAYS[slot.weekday], slot.start, group.place, group.language)
        for person in group.people:
            row = (number, *where, person, "", "", moved_why.get(person, ""))
            writer.writerow([neutral(value) for value in row])
    for one in unplaced:
        who: Any = one["id"]
        row = ("", *[""] * 6, who, one["reason"], _help(one["would_help"], slots), moved_why.get(who, ""))
        writer.writerow([neutral(value) for value in row])
    return out.getvalue()


def _help(one: Any, slots: Mapping[Id, Slot]) -> str:  # noqa: ANN401 - None, or what would help as a file holds it
    """Return what would help as a cell holds it: "time B-tue-09:00 hall sv"."""
    return f"{one['kind']} {time_name(slots[one['slot']])} {one['place']} {one['language']}" if one else ""


def _cells_of(one: Id) -> tuple[str, str]:
    """Return an id as a cell may hold it: as `plan_csv` writes it, and as a spreadsheet shows it."""
    return str(one), str(neutral(str(one)))


def read_plan_csv(text: str, name: str, instance: Instance) -> tuple[FormedGroup, ...]:
    """Return the groups of a plan's CSV, as `plan_csv` writes it and a spreadsheet keeps it; lines without one go by.

    Supervisors, people and times are those of the instance; who is in it no more keeps the seat.
    """
    slots = {(slot.week, DAYS[slot.weekday], slot.start.zfill(5)): slot.id for slot in instance.slots}
    people_ids = {cell: one for one in instance.person for cell in _cells_of(one)}
    leader_ids = {cell: one for one in instance.supervisor for cell in _cells_of(one)}
    spoken = {str(language): language for one in instance.people for language in one.languages}
    people: dict[tuple[Id, Id, str, Id], list[Id]] = {}
    for at, row in _rows(text, name, PLAN_COLUMNS):
        if not row["group"]:
            continue
        slot = slots.get((row["week"].upper(), row["weekday"].lower(), row["start"].zfill(5)))
        if slot is None:
            raise BadInstance(f"{at} start", "no such time in the instance")
        key = (
            leader_ids.get(row["supervisor"], row["supervisor"]),
            slot,
            row["place"],
            spoken.get(row["language"], ""),
        )
        people.setdefault(key, []).append(people_ids.get(row["person"], row["person"]))
    return tuple(FormedGroup(*key, people=tuple(members)) for key, members in people.items())


def _rows(text: str, name: str, needed: tuple[str, ...]) -> Iterable[tuple[str, dict[str, str]]]:
    if not text.strip():
        return
    text = text.removeprefix("\ufeff")
    first = text.partition("\n")[0]
    delimiter = ";" if first.count(";") > first.count(",") else ","
    reader = csv.DictReader(io.StringIO(text), delimiter=delimiter, strict=True)
    for column in needed:
        if column not in (reader.fieldnames or ()):
            raise BadInstance(f"{name} line 1", f"no column {column!r}")
    try:
        for row in reader:
            yield f"{name} line {reader.line_num}", {key: (row[key] or "").strip() for key in row if key is not None}
    except csv.Error as error:
        raise BadInstance(f"{name} line {reader.line_num}", str(error)) from error


def _person(
    at: str, row: Mapping[str, str], slots: dict[str, dict[str, Any]], places: dict[str, int | None]
) -> dict[str, Any]:
    wishes = []
    for cell in _cells(row, "times"):
        name, _equals, wish = cell.partition("=")
        wishes.append({"id": _slot(name, f"{at} times", slots), "wish": _whole(wish or "1", f"{at} times")})
    ways = []
    for cell in _cells(row, "places"):
        name, _equals, km = cell.partition("=")
        places.setdefault(name, None)
        ways.append({"id": name, "km": _number(km or "0", f"{at} places")})
    return {
        "id": row["id"],
        "employer": row.get("employer") or None,
        "team": row.get("team") or None,
        "languages": _cells(row, "languages"),
        "slots": wishes,
        "places": ways,
        "experience_years": _number(row.get("experience_years") or "0", f"{at} experience_years"),
    }


def _supervisor(
    at: str, row: Mapping[str, str], slots: dict[str, dict[str, Any]], places: dict[str, int | None]
) -> dict[str, Any]:
    names = _cells(row, "places")
    for name in names:
        places.setdefault(name, None)
    return {
        "id": row["id"],
        "employer": row.get("employer") or None,
        "languages": _cells(row, "languages"),
        "slots": [_slot(cell, f"{at} times", slots) for cell in _cells(row, "times")],
        "places": names,
        "max_groups": _whole(row["max_groups"], f"{at} max_groups"),
    }


def _cells(row: Mapping[str, str], column: str) -> list[str]:
    separator = "|" if "|" in row[column] else BETWEEN
    return [cell.strip() for cell in row[column].split(separator) if cell.strip()]


def _slot(name: str, place: str, slots: dict[str, dict[str, Any]]) -> str:
    parts = name.strip().split("-")
    if len(parts) != 3 or parts[0].upper() not in {"A", "B"} or parts[1].lower() not in DAYS:
        raise BadInstance(place, f"{name!r} is not a time such as A-mon-15:30")
    week, day, start = parts[0].upper(), parts[1].lower(), parts[2]
    slot = f"{week}-{day}-{start}"
    slots.setdefault(slot, {"id": slot, "week": week, "weekday": DAYS.index(day), "start": start})
    return slot


def _whole(text: str, place: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise BadInstance(place, f"{text!r} is not a whole number") from None


def _number(text: str, place: str) -> float:
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadInstance(place, f"{text!r} is not a number") from None
