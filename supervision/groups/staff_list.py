"""Read a staff list, CSV or XLSX: every fault is named with its row and column, and nothing is ever evaluated.

A list is read to invite people to sign up, which is voluntary; nobody becomes a member by it (PRODUCT: sign-up).
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import openpyxl
from email_validator import EmailNotValidError, validate_email

from supervision.kernel.errors import RuleBroken

MOST_ROWS = 2000  # our choice: a large municipality's care staff in one unit of planning
MOST_BYTES = 1024 * 1024  # our choice: 2,000 rows take some 150 kB
MOST_UNPACKED = 20 * 1024 * 1024  # a spreadsheet is a packed file; a small one can unpack to gigabytes
MOST_TAGS = 500_000  # of all parts: 2,000 rows of 30 texts take 480,000; a million empty cells pack into 5 kB
MOST_TAGS_OF_LOOKS = 30_000  # of fonts and colours, each of which costs the library the most
LOOKS = "xl/styles.xml"  # where the library looks for them
MOST_COLUMNS = 30
LONGEST = {"name": 120, "email": 254, "language": 20, "unit": 120}  # as the columns of a person and a sign-up
HEADS = {
    "name": ("namn", "navn", "name", "för- och efternamn", "fulde navn", "full name"),
    "email": ("e-post", "epost", "e-postadress", "mejl", "mail", "e-mail", "email", "mailadresse", "e-mailadresse"),
    "language": ("språk", "sprog", "language"),
    "unit": ("enhet", "enhed", "arbetsplats", "arbejdsplads", "avdelning", "afdeling", "unit", "workplace"),
}
SPEAKS = {
    "sv": ("sv", "svenska", "svensk", "swedish"),
    "da": ("da", "dk", "dansk", "danska", "danish"),
    "en": ("en", "engelska", "engelsk", "english"),
}
FORMULA = ("=", "+", "@", "\t")


@dataclass(frozen=True, slots=True)
class Row:
    """One person of a list; `number` is the row as a spreadsheet counts it, the heading being row 1."""

    number: int
    name: str
    email: str
    language: str
    unit: str


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell: `column` is name, email, language or unit, `letter` the spreadsheet's column.

    Codes: `missing`, `too_long`, `formula`, `not_an_address`, `twice` (then `other` is the first row), `language`.
    """

    row: int
    column: str
    letter: str
    code: str
    other: int = 0


@dataclass(frozen=True, slots=True)
class StaffRows:
    """The rows that can be used, and every fault of the others."""

    rows: tuple[Row, ...]
    faults: tuple[Fault, ...]


def read(content: bytes, *, default_language: str) -> StaffRows:
    """Read a file by what it holds, not by its name.

    Codes, on `file`: `list_unreadable`, `list_too_large`, `list_too_long` (with `most` rows), `list_without_heads`,
    `list_empty`.
    """
    if len(content) > MOST_BYTES:
        raise RuleBroken("list_too_large", "file")
    cells = _spreadsheet(content) if content.startswith(b"PK") else _separated(content)
    filled = [(number, row) for number, row in enumerate(cells, start=1) if any(cell.strip() for cell in row)]
    if not filled:
        raise RuleBroken("list_empty", "file")
    columns = _columns(filled[0][1])
    if len(filled) == 1:
        raise RuleBroken("list_empty", "file")
    if len(filled) - 1 > MOST_ROWS:
        raise RuleBroken("list_too_long", "file", most=MOST_ROWS)
    return _checked(filled[1:], columns, default_language)


def _separated(content: bytes) -> list[list[str]]:
    text = _text(content)
    first = text.lstrip("\r\n").partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise RuleBroken("list_unreadable", "file") from None


def _text(content: bytes) -> str:
    """Return a text file as UTF-8, as the UTF-16 of spreadsheets, or as Windows-1252; refuse what is none of them."""
    kinds = ("utf-16",) if content.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig", "cp1252")
    for kind in kinds:
        try:
            text = content.decode(kind)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise RuleBroken("list_unreadable", "file")


def _spreadsheet(content: bytes) -> list[list[str]]:
    """Return the cells of the first sheet as text. Formulas stay text; nothing is looked up and nothing is run."""
    try:
        _check_unpacked(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MOST_ROWS + 2, max_col=MOST_COLUMNS, values_only=True)
        return [["" if cell is None else str(cell) for cell in row] for row in rows]
    except RuleBroken:
        raise
    except Exception:  # noqa: BLE001 - a broken file breaks the library in many ways; the reader learns the same of all
        raise RuleBroken("list_unreadable", "file") from None


def _check_unpacked(content: bytes) -> None:
    """Refuse a file that would cost much to read: by its bytes, and by its tags, which are counted before it is read.

    A part that declares a document type may define entities, which unfold into more; no spreadsheet has one.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        if sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise RuleBroken("list_too_large", "file")
        tags = 0
        for part in parts:
            text = packed.read(part).replace(b"\0", b"")  # UTF-16 has its signs between zeros
            if b"<!DOCTYPE" in text:
                raise RuleBroken("list_unreadable", "file")
            found = text.count(b"<")
            tags += found
            if tags > MOST_TAGS or (part.filename == LOOKS and found > MOST_TAGS_OF_LOOKS):
                raise RuleBroken("list_too_large", "file")


def _columns(head: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(head):
        word = cell.strip().strip("*:").casefold()
        for column, words in HEADS.items():
            if word in words:
                found.setdefault(column, at)
    if not {"name", "email"} <= found.keys():
        raise RuleBroken("list_without_heads", "file")
    return found


def _checked(lines: Iterable[tuple[int, Sequence[str]]], columns: dict[str, int], default_language: str) -> StaffRows:
    rows: list[Row] = []
    faults: list[Fault] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        values = {name: line[at].strip() if at < len(line) else "" for name, at in columns.items()}
        found = [
            Fault(
                number,
                name,
                _letter(columns[name]),
                code,
                seen.get(values["email"].lower(), 0) if code == "twice" else 0,
            )
            for name, code in _faults(values, seen)
        ]
        faults += found
        seen.setdefault(values["email"].lower(), number)
        if not found:
            language = _language(values.get("language", "")) or default_language
            rows.append(Row(number, values["name"], values["email"].lower(), language, values.get("unit", "")))
    return StaffRows(tuple(rows), tuple(faults))


def _faults(values: dict[str, str], seen: dict[str, int]) -> Iterable[tuple[str, str]]:
    """Yield (column, code) for each faulty cell of a row; a cell has one fault at most."""
    for name, value in values.items():
        if not value:
            if name in {"name", "email"}:
                yield name, "missing"
        elif len(value) > LONGEST[name]:
            yield name, "too_long"
        elif value.startswith(FORMULA):
            yield name, "formula"
        elif name == "email" and not _is_address(value):
            yield name, "not_an_address"
        elif name == "email" and value.lower() in seen:
            yield name, "twice"
        elif name == "language" and _language(value) is None:
            yield name, "language"


def _is_address(value: str) -> bool:
    try:
        validate_email(value, check_deliverability=False)
    except EmailNotValidError:
        return False
    return True


def _language(value: str) -> str | None:
    word = value.casefold()
    return next((language for language, words in SPEAKS.items() if word in words), None)


def _letter(at: int) -> str:
    """Return a column's letters as a spreadsheet shows them; columns are counted from 0 here."""
    first, last = divmod(at, 26)
    return (chr(64 + first) if first else "") + chr(65 + last)
