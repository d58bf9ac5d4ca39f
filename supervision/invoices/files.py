"""The invoice basis as files: a CSV and an XLSX with real numbers and dates."""

import csv
import io
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.worksheet.worksheet import Worksheet

from supervision.invoices.rules import Basis
from supervision.invoices.words import outcome_word
from supervision.kernel.cells import neutral
from supervision.orgs.models import Assignment
from supervision.web.dates import clock, sentence_case

MONEY = "#,##0.00"
DAY = "yyyy-mm-dd"
WIDTHS = (14, 14, 24, 40, 10, 14)
Row = Sequence[str | date | Decimal | int | None]


def rows_of(assignment: Assignment, basis: Basis, month: date) -> list[Row]:
    """Return the basis as rows: what it is about, then a line for each date, then the sum."""
    rows: list[Row] = [
        [_("Invoice basis"), f"{month:%Y-%m}"],
        [_("Client organisation"), assignment.organisation.name],
        [_("Assignment"), assignment.title],
        [_("Supervisor"), assignment.supervisor.name],
        [_("Order reference"), assignment.order_reference],
        [_("Unit (minutes)"), assignment.unit_min],
        [_("Price per unit"), assignment.price],
        [],
        [_("Date"), _("Time"), _("Group"), _("Status"), _("Units"), _("Sum")],
    ]
    rows += [
        [
            line.on,
            f"{clock(line.starts_at, line.zone)}–{clock(line.ends_at, line.zone)}",
            line.group_name,
            sentence_case(outcome_word(line.outcome)),
            line.units,
            line.amount,
        ]
        for line in basis.lines
    ]
    rows.append([_("Total"), None, None, None, basis.units, basis.amount])
    return rows


def as_csv(rows: Sequence[Row]) -> bytes:
    """Return rows as a CSV: semicolons, decimal commas and a byte-order mark, as spreadsheets here expect."""
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([_csv_cell(cell) for cell in row] for row in rows)
    return ("\ufeff" + text.getvalue()).encode()


def as_xlsx(rows: Sequence[Row]) -> bytes:
    """Return rows as a workbook; dates are dates, numbers are numbers, and no text is taken for a formula."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook has a sheet")
    sheet.title = str(_("Invoice basis"))[:31]
    for number, row in enumerate(rows, start=1):
        for column, value in enumerate(row, start=1):
            cell = sheet.cell(number, column, value)
            if isinstance(value, str):
                cell.data_type = "s"
            elif isinstance(value, Decimal):
                cell.number_format = MONEY
            elif isinstance(value, date):
                cell.number_format = DAY
            if len(row) > 2 and number in {len(rows), 9}:
                cell.font = Font(bold=True)
    for letter, width in zip("ABCDEF", WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    found = io.BytesIO()
    book.save(found)
    return found.getvalue()


def _csv_cell(cell: str | date | Decimal | int | None) -> str:
    """Return a cell as text; a text that a spreadsheet would take for a formula is neutralised."""
    if isinstance(cell, Decimal):
        return str(cell).replace(".", ",")
    return "" if cell is None else str(neutral(cell))
