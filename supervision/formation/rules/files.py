"""Plans and instances as texts: the JSON of a plan, and CSV for people who live in spreadsheets.

Columns are described in docs/formation.md.
"""

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Any

from supervision.formation.rules.instance import Instance, Plan, Slot
from supervision.formation.rules.reading import BadInstance, read
from supervision.kernel.cells import neutral

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
BETWEEN = ";"  # several values in one cell
PEOPLE_COLUMNS = ("id", "times", "places", "languages")
SUPERVISOR_COLUMNS = ("id", "times", "places", "languages", "max_groups")
PLAN_COLUMNS = ("group", "supervisor", "week", "weekday", "start", "place", "language", "person")


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
    data = {
        "people": [_person(at, row, slots, places) for at, row in rows["people.csv"]],
        "supervisors": [_supervisor(at, row, slots, places) for at, row in rows["supervisors.csv"]],
        "slots": list(slots.values()),
        "rooms_per_slot": places,
        "apart": [[row["person"], row["other"]] for _at, row in _rows(apart, "apart.csv", ("person", "other"))],
    }
    return read(data)


def plan_data(instance: Instance, plan: Plan, unplaced: Iterable[Mapping[str, object]]) -> dict[str, object]:
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
        "ended": plan.ended,
    }


def plan_csv(instance: Instance, plan: Plan) -> str:
    """Return a plan as CSV, one line a person."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(PLAN_COLUMNS)
    slots = {slot.id: slot for slot in instance.slots}
    for number, group in enumerate(plan.groups, 1):
        slot = slots[group.slot]
        where = (group.supervisor, slot.week, DAYS[slot.weekday], slot.start, group.place, group.language)
        for person in group.people:
            writer.writerow([neutral(value) for value in (number, *where, person)])
    return out.getvalue()


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
