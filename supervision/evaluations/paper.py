"""The report as a paper: the same words as on its page, and pictures that need no colour."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from supervision.evaluations.contents import Cell, Section
from supervision.web.tagged import BOLD, MARGIN, WIDTH, Drawn, TaggedPaper

ROOM = WIDTH - 2 * MARGIN  # points
WORDS = 172.0  # points: the column of statements
MOST_COLUMNS = 4  # columns of bands beside the statements; more stand in a table below


def report_paper(parts: Sequence[Section], language: str) -> bytes:
    """Return the parts of a report as a tagged PDF in the language they are in."""
    paper = TaggedPaper(parts[0].title, language)
    for part in parts:
        size, tag = (22, "H1") if part is parts[0] else (14, "H2")
        paper.text(part.title, size, tag=tag, font=BOLD, gap=6)
        for sentence in part.sentences:
            paper.text(sentence, 10.5)
        if part.rows:
            _table(paper, part)
        if part.legend:
            paper.open_table()
            paper.wide_row([Drawn(cell.text, Dots(cell.states)) for cell in part.legend], [90.0] * len(part.legend))
        for quoted, line in part.quotes:
            for paragraph in filter(str.strip, quoted.splitlines()):
                paper.text(paragraph, 12, tag="BlockQuote", gap=3)
            paper.text(line, 9.5, gap=10)
        if part.note:
            paper.text(part.note, 9.5)
        paper.y -= 14
    return paper.save()


def _table(paper: TaggedPaper, part: Section) -> None:
    """Write a table, or several below each other when it is wider than the paper."""
    wide = max(map(len, part.rows))
    for first in range(1, max(wide, 2), MOST_COLUMNS):
        columns = range(first, min(first + MOST_COLUMNS, wide))
        widths = [WORDS, *[(ROOM - WORDS) / max(len(columns), 1)] * len(columns)]
        if any(cell.states for row in part.rows for cell in row):
            widths = [90.0, ROOM - 90 - 2 * 60, 60.0, 60.0]
        head = [part.head[0], *(part.head[n] for n in columns)] if part.head else []
        for number, row in enumerate([tuple(map(Cell, head)), *part.rows] if head else part.rows):
            shown = row if len(row) == 1 else (row[0], *(row[n] for n in columns))
            cells = [Drawn(*_picture(cell)) for cell in shown]
            if number == 0 and not head:
                paper.open_table()
            paper.wide_row(cells, widths, is_head=bool(head) and number == 0)
        paper.y -= 8


def _picture(cell: Cell) -> tuple[str, "Steps | Dots | None"]:
    if cell.states:
        return "", Dots(cell.states)
    return cell.text, Steps(cell.band) if cell.band else None


@dataclass(frozen=True, slots=True)
class Steps:
    """A band: three steps of which one is raised and filled; an empty outline for too few answers."""

    level: str
    width: float = 30.0

    def draw(self, canvas: Any, x: float, y: float) -> None:  # noqa: ANN401 - reportlab's objects have no types
        """Draw it with its lower left corner at x, y."""
        canvas.setLineWidth(0.6)
        if self.level not in {"low", "mixed", "high"}:
            canvas.setDash(1.5, 1.5)
            canvas.roundRect(x, y, self.width, 9, 4, stroke=1, fill=0)
            canvas.setDash()
            return
        on = ("low", "mixed", "high").index(self.level)
        for step in range(3):
            left = x + step * 10.5
            if step == on:
                canvas.roundRect(left, y, 9, 9, 1.8, stroke=1, fill=1)
            else:
                canvas.roundRect(left, y + 2.7, 9, 3.6, 1.8, stroke=1, fill=0)


@dataclass(frozen=True, slots=True)
class Dots:
    """A group's dates in a row: filled for held, a cross for cancelled, an open ring for planned."""

    states: tuple[str, ...]

    @property
    def width(self) -> float:
        """How wide the row is, in points."""
        return len(self.states) * self._step

    @property
    def _step(self) -> float:
        return min(8.0, 230 / len(self.states))

    def draw(self, canvas: Any, x: float, y: float) -> None:  # noqa: ANN401 - reportlab's objects have no types
        """Draw it with its lower left corner at x, y."""
        canvas.setLineWidth(0.8)
        size = self._step * 0.36
        for place, state in enumerate(self.states):
            middle_x, middle_y = x + (place + 0.5) * self._step, y + 4
            if state == "cancelled":
                canvas.line(middle_x - size, middle_y - size, middle_x + size, middle_y + size)
                canvas.line(middle_x - size, middle_y + size, middle_x + size, middle_y - size)
            else:
                canvas.circle(middle_x, middle_y, size, stroke=1, fill=int(state == "held"))
