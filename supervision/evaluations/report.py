"""What a report shows: plain values made of dates, sums and released cells, never of a person (PRIVACY: R3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sqlalchemy.orm import Session

from supervision.evaluations import queries, questionnaire, rules
from supervision.evaluations.models import EvaluationRelease
from supervision.evaluations.words import HEADING
from supervision.kernel.walltime import local_day, to_instant
from supervision.meetings import queries as meetings
from supervision.orgs.models import Assignment

LEAST_MEETINGS = 2  # our choice: the band of one meeting would be attendance per meeting, which is never shown
ATTENDANCE_KEPT = timedelta(days=365)  # as in privacy.rules: the rows a band is made of


@dataclass(frozen=True, slots=True)
class Facts:
    """What was ordered."""

    title: str
    organisation: str
    supervisor: str
    is_internal: bool
    starts_on: date
    ends_on: date
    groups: int
    length_min: int
    every_days: int
    order_reference: str


@dataclass(frozen=True, slots=True)
class DatesRow:
    """A group's dates in a row of held, cancelled and planned, with how many of the first two."""

    group_name: str
    states: tuple[str, ...]
    held: int
    cancelled: int


@dataclass(frozen=True, slots=True)
class TermRow:
    """A term and how full the seats were; no band before it is over."""

    year: int
    half: int
    band: str | None


@dataclass(frozen=True, slots=True)
class Column:
    """A cell of one year: the groups in it."""

    names: tuple[str, ...]
    year: int


@dataclass(frozen=True, slots=True)
class Row:
    """A statement and its band in each column; None where it was not asked."""

    text: str
    bands: tuple[str | None, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Released bands: heads are cells with their number of years, columns follow them, rows stand under headings.

    Behind every band stand at least `least` answers.
    """

    heads: tuple[tuple[tuple[str, ...], int], ...]
    columns: tuple[Column, ...]
    areas: tuple[tuple[str, tuple[Row, ...]], ...]
    released_on: date
    least: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything on a report's page; `destroyed` are years with the number of answers that was not reached."""

    facts: Facts
    dates: tuple[DatesRow, ...]
    terms: tuple[TermRow, ...]
    table: Table | None
    destroyed: tuple[tuple[int, int], ...]
    open_until_at: datetime | None
    is_void: bool
    zone: str


def of_assignment(session: Session, assignment: Assignment, language: str, now: datetime) -> Report:
    """Return the report of an assignment whose organisation and supervisor are loaded: a fixed number of queries."""
    zone = assignment.organisation.zone
    dates = _dates(meetings.dates_of_assignment(session, assignment.id))
    releases = queries.releases_of(session, assignment.id)
    running = queries.open_campaign_of(session, assignment.id)
    supervisor = assignment.supervisor
    return Report(
        facts=Facts(
            title=assignment.title,
            organisation=assignment.organisation.name,
            supervisor=", ".join(part for part in (supervisor.name, supervisor.title) if part),
            is_internal=assignment.is_internal,
            starts_on=assignment.starts_on,
            ends_on=assignment.ends_on,
            groups=queries.count_groups(session, assignment.id),
            length_min=assignment.length_min,
            every_days=assignment.every_days,
            order_reference=assignment.order_reference,
        ),
        dates=dates,
        terms=_terms(session, assignment, now),
        table=table_of(releases, language),
        destroyed=tuple(
            (date.fromisoformat(one.content["closed_on"]).year, one.content["release"]["floor"])
            for one in releases
            if not one.content["release"]["cells"]
        ),
        open_until_at=running.closes_at if running else None,
        is_void=queries.is_void(session, assignment.id),
        zone=zone,
    )


def _dates(found: Iterable[meetings.MeetingDate]) -> tuple[DatesRow, ...]:
    in_order = sorted(found, key=lambda one: (one.group_name, one.starts_at))
    rows = []
    for name, dates in groupby(in_order, key=lambda one: one.group_name):
        states = tuple(one.status if one.status in {"held", "cancelled"} else "planned" for one in dates)
        rows.append(DatesRow(name, states, states.count("held"), states.count("cancelled")))
    return tuple(rows)


def _terms(session: Session, assignment: Assignment, now: datetime) -> tuple[TermRow, ...]:
    """Return the terms whose attendance is still kept whole; half a term's rows would look like empty seats."""
    zone = assignment.organisation.zone
    last_on = min(assignment.ends_on, local_day(now, zone))
    terms = []
    year, half = assignment.starts_on.year, _half(assignment.starts_on)
    while (year, half) <= (last_on.year, _half(last_on)):
        if _span(year, half, zone).from_at >= now - ATTENDANCE_KEPT:
            terms.append((year, half))
        year, half = (year, 2) if half == 1 else (year + 1, 1)
    spans = [_span(*term, zone) for term in terms]
    over = [span for span in spans if span.until_at <= now]
    full = queries.fullness(session, assignment.id, over)
    rows = []
    for place, term in enumerate(terms):
        found = full.get(place)
        if place >= len(over):
            shown = None
        elif found is None or found.meetings < LEAST_MEETINGS or found.people < rules.FLOOR:
            shown = "too_few"
        else:
            shown = rules.participation_band(found.attended, found.seats)
        rows.append(TermRow(*term, shown))
    return tuple(rows)


def _half(on: date) -> int:
    return 1 if on.month <= 6 else 2


def _span(year: int, half: int, zone: str) -> queries.Span:
    first = date(year, 1 if half == 1 else 7, 1)
    following = date(year, 7, 1) if half == 1 else date(year + 1, 1, 1)
    until_at = to_instant(following, time(0), zone)
    return queries.Span(to_instant(first, time(0), zone), until_at - timedelta(microseconds=1))


Found = tuple[tuple[str, ...], Column, Mapping[str, str]]
"""A cell's groups, its column, and its bands by statement."""


def table_of(releases: Sequence[EvaluationRelease], language: str, group_id: object = None) -> Table | None:
    """Return the released bands side by side, the newest statements first; None without any cell.

    With `group_id` only the cells this group is in.
    """
    columns: list[Found] = []
    texts: dict[str, tuple[str, str]] = {}
    for one in reversed(releases):
        asked = questionnaire.from_data(one.content["questionnaire"])
        for statement in asked.statements:
            texts.setdefault(statement.key, (HEADING.get(statement.area, ""), statement.text[language]))
        released = rules.release_from_data(one.content["release"], asked.keys)
        for cell in released.cells:
            if group_id is None or str(group_id) in cell.group_ids:
                names = tuple(sorted(one.content["groups"].get(each, "") for each in cell.group_ids))
                year = date.fromisoformat(one.content["closed_on"]).year
                columns.append((cell.group_ids, Column(names, year), dict(cell.bands)))
    if not columns:
        return None
    columns.sort(key=lambda found: (found[1].names, found[0], found[1].year))
    heads = tuple((each[0][1].names, len(each)) for each in _alike(columns))
    areas: dict[str, list[Row]] = {}
    for key, (area, text) in texts.items():
        areas.setdefault(area, []).append(Row(text, tuple(bands.get(key) for _ids, _column, bands in columns)))
    return Table(
        heads=heads,
        columns=tuple(column for _ids, column, _bands in columns),
        areas=tuple((area, tuple(rows)) for area, rows in areas.items()),
        released_on=max(
            date.fromisoformat(one.content["closed_on"]) for one in releases if one.content["release"]["cells"]
        ),
        least=min(one.content["release"]["floor"] for one in releases if one.content["release"]["cells"]),
    )


def _alike(columns: list[Found]) -> list[list[Found]]:
    return [list(each) for _ids, each in groupby(columns, key=lambda found: (found[1].names, found[0]))]
