"""The names of areas and terms, in the reader's language."""

from flask_babel import gettext as _

HEADING = {
    "climate": "climate",
    "frame": "frame",
    "restorative": "understand",
    "comprehensible": "understand",
    "manageable": "work",
    "normative": "work",
    "formative": "work",
    "access": "access",
    "meaningful": "access",
}
"""Area of the questionnaire -> the heading it stands under (design: the manager's report)."""


def heading(key: str) -> str:
    """Return the words of a heading; an area of an organisation's own stands under other statements."""
    names = {
        "climate": _("Climate and space"),
        "frame": _("Frame and time"),
        "understand": _("To carry and understand"),
        "work": _("At work"),
        "access": _("Being able and willing to take part"),
    }
    return str(names.get(key, _("Other statements")))


def term_name(year: int, half: int) -> str:
    """Return the name of a half-year term: 1 is January to June, 2 is July to December."""
    return str(_("Spring %(year)s", year=year) if half == 1 else _("Autumn %(year)s", year=year))


def band_word(level: str | None) -> str:
    """Return the word of a band; nothing where a statement was not asked."""
    words = {"low": _("low"), "mixed": _("mixed"), "high": _("high"), "too_few": _("too few answers")}
    return str(words.get(level or "", ""))
