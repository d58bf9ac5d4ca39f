"""What may be shown of an evaluation, and when one is open (PRIVACY: evaluations are anonymous, R1-R9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from typing import Any, Literal, TypeVar
from uuid import UUID

from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import local_day, to_instant

FLOOR = 5  # PRIVACY R9: in code; settings only raise it
FLOOR_MOST = 10  # our choice: a higher one would hide nearly every group of five to seven in a large pool
LOW_BELOW = Fraction(5, 2)  # PRIVACY R5
HIGH_ABOVE = Fraction(7, 2)  # PRIVACY R5
SCALE = range(1, 6)  # PRODUCT: 1-5 or "don't know"
HALF_FULL = Fraction(1, 2)  # DESIGN, proposals: participation is low under half of the seats
NEARLY_FULL = Fraction(3, 4)  # DESIGN, proposals: high over three quarters
APART_DAYS = 180  # PRIVACY R6
OPENS_BEFORE = timedelta(weeks=6)  # PRODUCT: opens 6 weeks before each anniversary
OPEN_DAYS = 21  # PRODUCT: stays open 21 days
OPENS_LOCAL = time(8)  # our choice: in the morning, when people are awake
OPEN_DAYS_LEAST = 7  # our choice: also someone who is away for a week can answer
OPEN_DAYS_MOST = 42  # our choice: closed before the anniversary it opened six weeks ahead of
REMIND_DAYS = 5  # our choice: a work week before closing, and after the shortest window has begun
CLOSES_LOCAL = time(20)  # our choice: after a day's work; the announced hour

Id = TypeVar("Id", UUID, str, int)
Band = Literal["low", "mixed", "high", "too_few"]


def effective_floor(setting: int | None = None) -> int:
    """Return the fewest answers a cell may have: a setting raises the floor of 5 and never lowers it (R9)."""
    return max(FLOOR, setting or FLOOR)


def check_floor(setting: int) -> None:
    """Refuse a floor under 5 (R9). Code: `floor_too_low` (param `least`)."""
    if setting < FLOOR:
        raise RuleBroken("floor_too_low", field="floor", least=FLOOR)


def cells(group_counts: Mapping[Id, int], floor: int = FLOOR) -> tuple[frozenset[Id], ...]:
    """Return the cells of a release: groups shown together, disjoint, each with at least `floor` answers (R1).

    A group that reaches the floor is a cell. All smaller groups are pooled; a pool below the floor absorbs the
    smallest cell (the first by id among equals). Groups without any answer are pooled too, so that no cell tells that
    a group kept silent. When nothing reaches the floor the result is empty: all is destroyed unseen. Depends on the
    counts only, never on answers (R4), and stands in the order of ids, not of sizes.
    """
    floor = effective_floor(floor)
    order = sorted(group_counts, key=str)
    found = [frozenset({group_id}) for group_id in order if group_counts[group_id] >= floor]
    pool = frozenset(group_id for group_id in order if group_counts[group_id] < floor)
    pooled = sum(group_counts[group_id] for group_id in pool)
    if pool and pooled < floor:
        if not found:
            return ()
        smallest = min(found, key=lambda cell: sum(group_counts[group_id] for group_id in cell))
        found.remove(smallest)
        pool |= smallest
    if pool:
        found.append(pool)
    return tuple(sorted(found, key=lambda cell: min(str(group_id) for group_id in cell)))


def band(values: Sequence[int | None], floor: int = FLOOR) -> Band:
    """Return the band of the mean of the answers to one statement; None is "don't know" and is not counted (R5).

    low < 2.5 <= mixed <= 3.5 < high, exact; fewer answers than the floor: too few.
    """
    answers = [value for value in values if value is not None]
    if len(answers) < effective_floor(floor):
        return "too_few"
    mean = Fraction(sum(answers), len(answers))
    if mean < LOW_BELOW:
        return "low"
    return "high" if mean > HIGH_ABOVE else "mixed"


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a release: the groups in it, sorted, and a band for each statement in the questionnaire's order."""

    group_ids: tuple[str, ...]
    bands: tuple[tuple[str, Band], ...]


@dataclass(frozen=True, slots=True)
class Release:
    """All that remains of a campaign's answers, made once (R2). Without cells everything was destroyed unseen."""

    floor: int
    cells: tuple[Cell, ...]

    @property
    def is_destroyed(self) -> bool:
        """Whether nothing reached the floor, so that a guided conversation is proposed instead."""
        return not self.cells

    def cell_of(self, group_id: object) -> Cell | None:
        """Return the cell a group is shown in."""
        return next((cell for cell in self.cells if str(group_id) in cell.group_ids), None)

    def as_data(self) -> dict[str, Any]:
        """Return the release as JSON can hold it; `release_from_data` reads it."""
        return {
            "floor": self.floor,
            "cells": [{"group_ids": list(cell.group_ids), "bands": dict(cell.bands)} for cell in self.cells],
        }


def release_from_data(data: Mapping[str, Any], statements: Sequence[str]) -> Release:
    """Read a stored release; `statements` gives the order, which a database may not keep."""
    return Release(
        int(data["floor"]),
        tuple(
            Cell(tuple(cell["group_ids"]), tuple((key, cell["bands"][key]) for key in statements))
            for cell in data["cells"]
        ),
    )


def release(
    ballots_by_group: Mapping[Id, Sequence[Mapping[str, object]]], statements: Sequence[str], floor: int = FLOOR
) -> Release:
    """Return the release of a closed campaign.

    `ballots_by_group` has an entry for every group of the roster, also one without ballots; a ballot maps statement
    keys to 1-5 or None. A key that is missing, or a value outside the scale, counts as "don't know": closing must not
    fail on one ballot. The order of groups and ballots changes nothing.
    """
    floor = effective_floor(floor)
    counts = {group_id: len(ballots) for group_id, ballots in ballots_by_group.items()}
    return Release(
        floor,
        tuple(
            Cell(
                tuple(sorted(str(group_id) for group_id in cell)),
                tuple(
                    (key, band([_answer(b, key) for group_id in cell for b in ballots_by_group[group_id]], floor))
                    for key in statements
                ),
            )
            for cell in cells(counts, floor)
        ),
    )


def _answer(ballot: Mapping[str, object], key: str) -> int | None:
    value = ballot.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and value in SCALE else None


def summary(released: Release) -> dict[str, dict[Band, int]]:
    """Return for each statement how many cells have each band; the only wider view there is (R3)."""
    found: dict[str, dict[Band, int]] = {}
    for cell in released.cells:
        for key, step in cell.bands:
            counts = found.setdefault(key, {"low": 0, "mixed": 0, "high": 0, "too_few": 0})
            counts[step] += 1
    return found


def participation_band(attended: int, seats: int) -> Band:
    """Return how full the seats of a term were, as a band; `seats` counts each seat once per held meeting.

    low under half, high over three quarters (DESIGN, proposals); without any seat: too few.
    """
    if seats <= 0:
        return "too_few"
    share = Fraction(attended, seats)
    if share < HALF_FULL:
        return "low"
    return "high" if share > NEARLY_FULL else "mixed"


@dataclass(frozen=True, slots=True)
class Window:
    """When a campaign opens and closes, as UTC instants."""

    opens_at: datetime
    closes_at: datetime


def anniversary(started_on: date, years: int) -> date:
    """Return the group's anniversary after some years; 29 February falls on the 28th in other years."""
    try:
        return started_on.replace(year=started_on.year + years)
    except ValueError:
        return started_on.replace(year=started_on.year + years, day=28)


def campaign_window(anniversary_on: date, zone: str) -> Window:
    """Return the window of the yearly evaluation: opens 6 weeks before the anniversary, closes after 21 days.

    Opens at 8:00 and closes at 20:00 local time; both stay at their hour over daylight saving.
    """
    opens_on = anniversary_on - OPENS_BEFORE
    return window_from(opens_on, zone)


def closing_day(opens_on: date) -> date:
    """Return the local day on which an evaluation closes when nothing else is said: after 21 days."""
    return opens_on + timedelta(days=OPEN_DAYS)


def check_closing(opens_on: date, closes_on: date) -> None:
    """Refuse a closing day less than 7 or more than 42 days away. Code: `closing_out_of_range` (`least`, `most`)."""
    if not OPEN_DAYS_LEAST <= (closes_on - opens_on).days <= OPEN_DAYS_MOST:
        raise RuleBroken("closing_out_of_range", field="closes_on", least=OPEN_DAYS_LEAST, most=OPEN_DAYS_MOST)


def window_from(opens_on: date, zone: str, closes_on: date | None = None) -> Window:
    """Return the window of an evaluation that opens on a local day, and closes on another or after 21 days."""
    closes_on = closes_on or closing_day(opens_on)
    return Window(to_instant(opens_on, OPENS_LOCAL, zone), to_instant(closes_on, CLOSES_LOCAL, zone))


def check_apart(opens_on: date, others_open_on: Sequence[date]) -> None:
    """Refuse an evaluation less than 180 days from another of the same group (R6).

    Code: `evaluations_too_close` (param `days`).
    """
    if any(abs((opens_on - other).days) < APART_DAYS for other in others_open_on):
        raise RuleBroken("evaluations_too_close", field="opens_on", days=APART_DAYS)


def remind_at(closes_at: datetime, zone: str) -> datetime:
    """Return when the one reminder is due: at 8:00 local time, five days before the day it closes."""
    return to_instant(local_day(closes_at, zone) - timedelta(days=REMIND_DAYS), OPENS_LOCAL, zone)


def check_extension(closes_at: datetime, new_closes_at: datetime, now: datetime) -> None:
    """Refuse an extension after closing, or one that is none (PRIVACY: flow, 5).

    Codes: `evaluation_closed`, `extension_not_later`.
    """
    if now >= closes_at:
        raise RuleBroken("evaluation_closed")
    if new_closes_at <= closes_at:
        raise RuleBroken("extension_not_later", field="closes_at")
