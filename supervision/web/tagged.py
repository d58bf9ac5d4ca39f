"""A small tagged PDF: what is drawn is also told, in reading order, to whoever has the paper read aloud.

reportlab draws; the tags (PDF 32000-1, 14.7 and 14.8) are added here, since it writes none of its own.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfdoc, pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

REGULAR, BOLD = "Figtree", "Figtree-Bold"
FONTS = Path(__file__).parent / "fonts"
MARGIN = 64.0  # points
WIDTH, HEIGHT = A4
SMALL = 9.5  # points: the letters of a wide table


class Picture(Protocol):
    """Something drawn beside words that say the same."""

    @property
    def width(self) -> float:
        """How wide it is, in points."""

    def draw(self, canvas: Any, x: float, y: float) -> None:  # noqa: ANN401 - reportlab's objects have no types
        """Draw it with its lower left corner at x, y."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A cell of a wide table: its words, and a picture before them or none."""

    text: str
    picture: Picture | None = None


class TaggedPaper:
    """An A4 paper filled from the top. Lengths are points; a new page begins by itself."""

    def __init__(self, title: str, language: str) -> None:
        for name, file in ((REGULAR, "Figtree-Regular.ttf"), (BOLD, "Figtree-Bold.ttf")):
            if name not in pdfmetrics.getRegisteredFontNames():
                pdfmetrics.registerFont(TTFont(name, str(FONTS / file)))
        self._out = io.BytesIO()
        canvas: Any = Canvas(self._out, pagesize=A4, lang=language, invariant=1)  # the same content is the same file
        self._canvas = canvas
        self._canvas.setTitle(title)
        self._canvas.setAuthor("Rundan")
        self._document = self._canvas._doc  # noqa: SLF001 - tags need the document's own objects
        self._root = pdfdoc.PDFDictionary({"Type": pdfdoc.PDFName("StructTreeRoot")})
        self._root_ref = self._document.Reference(self._root)
        self._tree, self._tree_ref = self._element("Document", self._root_ref)
        self._marked: list[list[Any]] = [[]]
        self.y = HEIGHT - MARGIN

    def text(self, text: str, size: float = 11, *, tag: str = "P", font: str = REGULAR, gap: float = 6) -> None:
        """Write a paragraph or heading, broken into lines as wide as the paper, and leave a gap under it."""
        for line in _lines(text, font, size, WIDTH - 2 * MARGIN):
            self._down(size * 1.35)
            self._mark(tag, self._tree, self._tree_ref, line, MARGIN, size, font)
        self.y -= gap

    def row(self, cells: Sequence[tuple[str, float]], *, is_head: bool = False, is_sum: bool = False) -> None:
        """Write a row of a table: (text, right edge in points from the margin, 0 for the left column)."""
        if is_head:
            self._table, self._table_ref = self._child("Table", self._tree, self._tree_ref)
        self._down(18)
        row, row_ref = self._child("TR", self._table, self._table_ref)
        font = BOLD if is_head or is_sum else REGULAR
        for number, (text, right) in enumerate(cells):
            x = MARGIN + right - pdfmetrics.stringWidth(text, font, 10.5) if right else MARGIN
            self._mark("TH" if is_head or number == 0 else "TD", row, row_ref, text, x, 10.5, font)
        if is_head or is_sum:
            self._rule(self.y - 5 if is_head else self.y + 13)

    def open_table(self) -> None:
        """Begin a table; a head begins one by itself."""
        self._table, self._table_ref = self._child("Table", self._tree, self._tree_ref)

    def wide_row(self, cells: Sequence[Drawn], widths: Sequence[float], *, is_head: bool = False) -> None:
        """Write a row of a table whose cells are broken into lines; widths in points, from the margin.

        A cell may bring a picture, drawn before its words and told by them alone. The first cell, and every one of a
        head, is a heading cell.
        """
        if is_head:
            self.open_table()
        font = BOLD if is_head or len(cells) == 1 else REGULAR
        spans = widths if len(cells) == len(widths) else [sum(widths)]
        broken = [
            _lines(cell.text, font, SMALL, width - 8 - (cell.picture.width + 6 if cell.picture else 0))
            for cell, width in zip(cells, spans, strict=True)
        ]
        leading = SMALL * 1.3
        self._down(max(map(len, broken)) * leading + 7)
        row, row_ref = self._child("TR", self._table, self._table_ref)
        top, x = self.y + max(map(len, broken)) * leading, MARGIN
        for number, (cell, lines, width) in enumerate(zip(cells, broken, spans, strict=True)):
            indent = 0.0
            if cell.picture:
                self._code("/Artifact BMC")
                cell.picture.draw(self._canvas, x, top - SMALL - 1)
                self._code("EMC")
                indent = cell.picture.width + 6
            tag = "TH" if is_head or number == 0 else "TD"
            self._mark_lines(tag, row, row_ref, lines, x + indent, top - SMALL, font)
            x += width
        self._rule(self.y - 1, 0.6 if is_head or len(cells) == 1 else 0.2)

    def _mark_lines(
        self,
        tag: str,
        parent: Any,  # noqa: ANN401 - reportlab's objects have no types
        parent_ref: Any,  # noqa: ANN401 - as above
        lines: Sequence[str],
        x: float,
        y: float,
        font: str,
    ) -> None:
        """Write the lines of one cell from `y` down, all told as one cell."""
        element, ref = self._child(tag, parent, parent_ref)
        marked = self._marked[-1]
        element["K"] = pdfdoc.PDFArray(list(range(len(marked), len(marked) + len(lines))))
        element["Pg"] = self._document.thisPageRef()
        self._canvas.setFont(font, SMALL)
        for line in lines:
            self._code(f"/{tag} <</MCID {len(marked)}>> BDC")
            self._canvas.drawString(x, y, line)
            self._code("EMC")
            marked.append(ref)
            y -= SMALL * 1.3

    def save(self) -> bytes:
        """Return the finished file."""
        self._end_page()
        document, catalog = self._document, self._document.Catalog
        numbers = pdfdoc.PDFArray([])
        for page, marked in enumerate(self._marked):
            numbers.sequence += [page, pdfdoc.PDFArray(marked)]
        self._root["K"] = self._tree_ref
        self._root["ParentTree"] = document.Reference(pdfdoc.PDFDictionary({"Nums": numbers}))
        catalog.StructTreeRoot = self._root_ref
        catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": pdfdoc.PDFtrue})
        catalog.ViewerPreferences = pdfdoc.PDFDictionary({"DisplayDocTitle": pdfdoc.PDFtrue})
        self._canvas.save()
        return self._out.getvalue()

    def _mark(self, tag: str, parent: Any, parent_ref: Any, text: str, x: float, size: float, font: str) -> None:  # noqa: ANN401 - reportlab's objects have no types
        element, ref = self._child(tag, parent, parent_ref)
        marked = self._marked[-1]
        element["K"] = pdfdoc.PDFArray([len(marked)])
        element["Pg"] = self._document.thisPageRef()
        self._canvas.setFont(font, size)
        self._code(f"/{tag} <</MCID {len(marked)}>> BDC")
        self._canvas.drawString(x, self.y, text)
        self._code("EMC")
        marked.append(ref)

    def _rule(self, y: float, thick: float = 0.6) -> None:
        self._code("/Artifact BMC")
        self._canvas.setLineWidth(thick)
        self._canvas.line(MARGIN, y, WIDTH - MARGIN, y)
        self._code("EMC")

    def _down(self, height: float) -> None:
        if self.y - height < MARGIN:
            self._end_page()
            self._marked.append([])
            self.y = HEIGHT - MARGIN
        self.y -= height

    def _end_page(self) -> None:
        self._canvas.showPage()
        page = self._document.Pages.pages[-1]
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents"]
        page.StructParents = len(self._marked) - 1

    def _code(self, operators: str) -> None:
        self._canvas._code.append(operators)  # noqa: SLF001 - the only way to mark what is drawn

    def _child(self, tag: str, parent: Any, parent_ref: Any) -> tuple[Any, Any]:  # noqa: ANN401 - as above
        element, ref = self._element(tag, parent_ref)
        parent["K"].sequence.append(ref)
        return element, ref

    def _element(self, tag: str, parent_ref: Any) -> tuple[Any, Any]:  # noqa: ANN401 - as above
        element = pdfdoc.PDFDictionary(
            {"Type": pdfdoc.PDFName("StructElem"), "S": pdfdoc.PDFName(tag), "P": parent_ref, "K": pdfdoc.PDFArray([])}
        )
        return element, self._document.Reference(element)


def _lines(text: str, font: str, size: float, width: float) -> list[str]:
    """Break a text into lines that are at most so wide; a longer word stands alone."""
    lines, line = [], ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if line and pdfmetrics.stringWidth(longer, font, size) > width:
            lines.append(line)
            longer = word
        line = longer
    return [*lines, line]
