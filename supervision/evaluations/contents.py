"""What a report says, part by part and in the reader's words: the one source of its table file and its paper.

The page shows the same; a test compares the three.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from supervision.evaluations.report import Report, Row, Table
from supervision.evaluations.statements import Answered, Said, Voices
from supervision.evaluations.words import band_word, extent, fullness_word, heading, position, term_name
from supervision.web.dates import clock, day_of, long_date

DOTS = {"held": "●", "cancelled": "×", "planned": "○"}
BANDS = ("low", "mixed", "high", "too_few")


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: its words, and the band they stand for, or the states of dates in their order."""

    text: str
    band: str | None = None
    states: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the report: a title, sentences, a table with its head, quoted texts, and a last sentence.

    A row of one cell in a wider table is a heading among its rows.
    """

    title: str
    sentences: tuple[str, ...] = ()
    head: tuple[str, ...] = ()
    rows: tuple[tuple[Cell, ...], ...] = ()
    legend: tuple[Cell, ...] = ()
    quotes: tuple[tuple[str, str], ...] = ()
    note: str = ""


def sections(found: Report, voices: Voices) -> tuple[Section, ...]:
    """Return everything on a report's page, in its order; the first part's title is the report's."""
    parts = [_facts(found), _dates(found), _terms(found), _evaluation(found)]
    for said in voices.said:
        parts.append(Section(_("The group's own words"), quotes=((said.text, said_line(said)),)))
        parts += [_answer(_("Our answer"), one, found.zone) for one in voices.answered if one.group_id == said.group_id]
    parts += [_answer(_("Our answer to all groups"), one, found.zone) for one in voices.answered if not one.group_id]
    parts.append(
        Section(_("What you cannot see, and why"), rows=tuple((Cell(who), Cell(why)) for who, why in unseen()))
    )
    return tuple(parts)


def _answer(title: str, one: Answered, zone: str) -> Section:
    return Section(title, (_("This is what we change because of you"),), quotes=((one.text, answered_line(one, zone)),))


def said_line(one: Said) -> str:
    """Say whose words these are, since when, and that everyone stands behind them."""
    return str(
        _(
            "%(group)s, %(day)s. Everyone in the group has approved exactly this text.",
            group=one.group_name,
            day=long_date(one.on),
        )
    )


def answered_line(one: Answered, zone: str) -> str:
    """Say to whom an answer goes, and when it was sent."""
    day = day_of(one.at, zone)
    if one.group_id is None:
        return str(_("To all groups, %(day)s.", day=day))
    return str(_("To %(group)s, %(day)s.", group=one.group_name, day=day))


def unseen() -> tuple[tuple[str, str], ...]:
    """Return what a report never shows, each with the reason."""
    return (
        (_("Who takes part"), _("Supervision is voluntary. Nobody should have to explain why they are there or not.")),
        (_("What is said"), _("Cases stay in the group and are deleted after two weeks.")),
        (_("Exact means"), _("In a small group a decimal tells what single people have answered.")),
        (
            _("How many have answered"),
            _("Not while an evaluation is open, and afterwards only as bands. So nobody is chased for an answer."),
        ),
    )


def column_head(names: Sequence[str]) -> str:
    """Return the words over a cell's columns: its group, or its groups together."""
    return str(names[0] if len(names) == 1 else _("%(groups)s, together", groups=" + ".join(names)))


def _facts(found: Report) -> Section:
    facts = found.facts
    rows = [
        (_("Supervisor"), facts.supervisor),
        (_("Position"), position(is_internal=facts.is_internal)),
        (_("Period"), f"{long_date(facts.starts_on)} – {long_date(facts.ends_on)}"),
        (_("Extent"), extent(facts.groups, facts.length_min, facts.every_days)),
    ]
    if facts.order_reference:
        rows.append((_("Order reference"), facts.order_reference))
    return Section(facts.title, (facts.organisation,), rows=tuple((Cell(word), Cell(value)) for word, value in rows))


def _dates(found: Report) -> Section:
    if not found.dates:
        return Section(_("The meetings"), (_("No dates yet."),))
    return Section(
        _("The meetings"),
        head=(_("Group"), _("Dates"), _("Held"), _("Cancelled")),
        rows=tuple(
            (
                Cell(row.group_name),
                Cell("".join(DOTS[state] for state in row.states), states=row.states),
                Cell(str(row.held)),
                Cell(str(row.cancelled)),
            )
            for row in found.dates
        ),
        legend=(
            Cell(_("held"), states=("held",)),
            Cell(_("cancelled"), states=("cancelled",)),
            Cell(_("planned"), states=("planned",)),
        ),
    )


def _terms(found: Report) -> Section:
    return Section(
        _("Participation"),
        head=(_("Term"), _("How full the seats were")),
        rows=tuple(
            (
                Cell(term_name(row.year, row.half)),
                Cell(fullness_word(row.band), row.band if row.band in BANDS[:3] else None),
            )
            for row in found.terms
        ),
        note=_("Low is under half, high is over three quarters. Attendance is never shown for a person or a meeting."),
    )


def _evaluation(found: Report) -> Section:
    said = tuple(standing(found))
    if found.table is None:
        return Section(_("The evaluation"), said)
    table = found.table
    return Section(
        _("The evaluation"),
        (intro(table),),
        head=("", *(f"{column_head(one.names)} {one.year}" for one in table.columns)),
        rows=tuple(
            line for area, rows in table.areas for line in ((Cell(heading(area)),), *(_statement(row) for row in rows))
        ),
        note=" ".join(said),
    )


def intro(table: Table) -> str:
    """Say what a band is made of, since when it can be read, and what the statements are."""
    return str(
        _(
            "Every band below is made of the answers of at least %(least)s people together. It was released %(date)s "
            "and does not change. The statements are our own and not validated.",
            least=table.least,
            date=long_date(table.released_on),
        )
    )


def _statement(row: Row) -> tuple[Cell, ...]:
    return (Cell(row.text), *(Cell(band_word(level) if level else str(_("not asked")), level) for level in row.bands))


def as_lines(parts: Sequence[Section]) -> list[list[str]]:
    """Return the parts as lines of cells for a table file, with an empty line between two."""
    lines: list[list[str]] = []
    for part in parts:
        lines += [[]] if lines else []
        lines += [[one] for one in (part.title, *part.sentences) if one]
        lines += [list(part.head)] if part.head else []
        lines += [[cell.text for cell in row] for row in part.rows]
        lines += [[f"{DOTS[cell.states[0]]} {cell.text}" for cell in part.legend]] if part.legend else []
        lines += [list(quote) for quote in part.quotes]
        lines += [[part.note]] if part.note else []
    return lines


def standing(found: Report) -> list[str]:
    """Return what is said of evaluations without bands: destroyed, void, open, or none yet."""
    said = [
        _(
            "%(year)s: fewer than %(least)s answered, so all answers were destroyed unseen. A guided conversation in "
            "the group is a good way instead.",
            year=year,
            least=least,
        )
        for year, least in found.destroyed
    ]
    if found.is_void:
        said.append(
            _(
                "The latest evaluation is void: the key to its answers was lost, so nobody could open them, and they "
                "have been deleted."
            )
        )
    if found.open_until_at:
        until_at, zone = found.open_until_at, found.zone
        said.append(
            _(
                "An evaluation is open until %(day)s at %(time)s.",
                day=day_of(until_at, zone),
                time=clock(until_at, zone),
            )
        )
    if not said and not found.table:
        said.append(
            _("No evaluation has been released yet. It opens by itself six weeks before the groups' anniversary.")
        )
    return said
