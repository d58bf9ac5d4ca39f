"""Cells of table files that leave the house."""

FORMULA = ("=", "+", "-", "@", "\t", "\r")


def neutral(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula (PRIVACY: signing in, CSV cells are neutralised)."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(FORMULA) else cell
