"""What the pages of a proposal show: rings of groups, those without one, and two proposals side by side."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import format_decimal

from supervision.formation.models import FormationRun, FormationSeat
from supervision.formation.words import meets

MOST_MOVED = 3  # of a hundred; docs/formation.md: when more have another group than before, the page says why
FEWEST_WAYS = 3  # our choice: a mean of fewer would tell one person's way


@dataclass(frozen=True, slots=True)
class Met:
    """How far wishes are met, in one group or a whole proposal: counts of people, of pairs, of groups; kilometres.

    `km` is the mean way of those who told one, None when fewer than three have.
    """

    people: int
    prefer: int
    fine: int
    if_needed: int
    km: float | None
    same_team: int
    mixed: int
    smallest: int
    largest: int
    knows_times: bool


@dataclass(frozen=True, slots=True)
class Moves:
    """How many have another group than in the proposal before, and how many for each reason.

    `cannot_come` cannot come to theirs any more; `moved` counts the `others`, who could have stayed.
    """

    moved: int
    others: int
    reasons: Sequence[tuple[str, int]]
    cannot_come: int

    @property
    def percent(self) -> float:
        """The share of those who could have stayed, in per cent."""
        return 100 * self.moved / self.others if self.others else 0.0

    @property
    def percent_text(self) -> str:
        """The same as one reads it, with one decimal."""
        return str(format_decimal(round(self.percent, 1), format="0.0"))

    @property
    def are_many(self) -> bool:
        """Whether so many moved that the page says why."""
        return self.percent > MOST_MOVED


@dataclass(frozen=True, slots=True)
class Ring:
    """One proposed group as the page draws it."""

    number: int
    when: str
    place: str
    supervisor: str
    people: Sequence[FormationSeat]
    seats: int
    is_pinned: bool
    stands: bool
    met: Met


def rings(run: FormationRun, seats: Sequence[FormationSeat], supervisors: Mapping[str, str]) -> list[Ring]:
    """Return the groups of a proposal in its order; `supervisors` maps ids to names."""
    people: dict[int, list[FormationSeat]] = {}
    for seat in seats:
        if seat.group_no is not None:
            people.setdefault(seat.group_no, []).append(seat)
    return [
        Ring(
            number=number,
            when=group_when(run, one),
            place=one["place"],
            supervisor=supervisors.get(one["supervisor"], ""),
            people=people.get(number, []),
            seats=max(run.assignment.seats_max, len(people.get(number, []))),
            is_pinned=bool(one["pinned"]),
            stands=bool(one["group_id"]),
            met=met_by([one]),
        )
        for number, one in enumerate(run.groups)
    ]


def met_by(groups: Sequence[Mapping[str, Any]]) -> Met:
    """Return how far these groups meet wishes. Proposals from before times and ways were told lack both."""
    told = sum(one.get("ways_told", 0) for one in groups)
    sizes = [one.get("size", 0) for one in groups]
    return Met(
        people=sum(sizes),
        prefer=sum(one.get("prefer", 0) for one in groups),
        fine=sum(one.get("fine", 0) for one in groups),
        if_needed=sum(one.get("if_needed", 0) for one in groups),
        km=sum(one.get("km", 0) for one in groups) / told if told >= FEWEST_WAYS else None,
        same_team=sum(int(one["same_team"]) for one in groups),
        mixed=sum(bool(one["is_mixed"]) for one in groups),
        smallest=min(sizes, default=0),
        largest=max(sizes, default=0),
        knows_times=all("size" in one for one in groups),
    )


def moves(seats: Sequence[FormationSeat], earlier: int) -> Moves:
    """Return who has another group than in the proposal before; `earlier` is how many had one."""
    why = Counter(seat.moved_why for seat in seats if seat.is_moved and not seat.is_seated)
    cannot = why.pop("cannot_come", 0)
    return Moves(sum(why.values()), earlier - cannot, sorted(why.items()), cannot)


def group_when(run: FormationRun, one: Mapping[str, Any]) -> str:
    """Return when a proposed group meets, in words."""
    return meets(one["slot"], is_weekly=run.assignment.every_days % 14 != 0)


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
