"""What the pages of a proposal show: rings of groups, those without one, and two proposals side by side."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from supervision.formation.models import FormationRun, FormationSeat
from supervision.formation.words import meets


@dataclass(frozen=True, slots=True)
class Ring:
    """One proposed group as the page draws it."""

    number: int
    when: str
    place: str
    language: str
    people: Sequence[FormationSeat]
    seats: int
    is_pinned: bool
    stands: bool
    is_mixed: bool
    same_team: int


@dataclass(frozen=True, slots=True)
class Side:
    """One of two proposals: its numbers, for a table."""

    run: FormationRun
    groups: int
    mixed: int
    same_team: int


def rings(run: FormationRun, seats: Sequence[FormationSeat]) -> list[Ring]:
    """Return the groups of a proposal in its order."""
    people: dict[int, list[FormationSeat]] = {}
    for seat in seats:
        if seat.group_no is not None:
            people.setdefault(seat.group_no, []).append(seat)
    return [_ring(run, number, one, people.get(number, [])) for number, one in enumerate(run.groups)]


def _ring(run: FormationRun, number: int, one: Mapping[str, Any], people: Sequence[FormationSeat]) -> Ring:
    return Ring(
        number=number,
        when=group_when(run, one),
        place=one["place"],
        language=one["language"],
        people=people,
        seats=max(run.assignment.seats_max, len(people)),
        is_pinned=bool(one["pinned"]),
        stands=bool(one["group_id"]),
        is_mixed=bool(one["is_mixed"]),
        same_team=int(one["same_team"]),
    )


def group_when(run: FormationRun, one: Mapping[str, Any]) -> str:
    """Return when a proposed group meets, in words."""
    return meets(one["slot"], is_weekly=run.assignment.every_days % 14 != 0)


def side(run: FormationRun) -> Side:
    """Return a proposal's numbers."""
    return Side(
        run,
        len(run.groups),
        sum(bool(one["is_mixed"]) for one in run.groups),
        sum(int(one["same_team"]) for one in run.groups),
    )


def differences(
    left: FormationRun, right: FormationRun, of_left: Sequence[FormationSeat], of_right: Sequence[FormationSeat]
) -> list[tuple[str, str, str]]:
    """Return (name, group in one, group in the other) of everyone whom the two proposals treat differently.

    "" stands for no group.
    """
    before = {seat.person_id: _where(left, seat) for seat in of_left}
    after = {seat.person_id: _where(right, seat) for seat in of_right}
    names = {seat.person_id: seat.person.name for seat in (*of_left, *of_right)}
    rows = [(name, before.get(who, ""), after.get(who, "")) for who, name in names.items()]
    return sorted(row for row in rows if row[1] != row[2])


def _where(run: FormationRun, seat: FormationSeat) -> str:
    if seat.group_no is None or seat.group_no >= len(run.groups):
        return ""
    one = run.groups[seat.group_no]
    return f"{group_when(run, one)}, {one['place']}" if one["place"] else group_when(run, one)
