"""Cells of table files that leave the house."""

FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""What makes a formula of a cell at its beginning; the last four are wide forms, which some spreadsheets take too."""


def neutral(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula (PRIVACY: signing in, CSV cells are neutralised)."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell
