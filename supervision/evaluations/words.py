"""The names of areas and terms, in the reader's language."""

from flask_babel import gettext as _
from flask_babel import ngettext

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


def fullness_word(level: str | None) -> str:
    """Return the word of a term's band; before the term is over, that it comes then."""
    if level is None:
        return str(_("shown when the term is over"))
    return str(_("too few to show")) if level == "too_few" else band_word(level)


def position(*, is_internal: bool) -> str:
    """Return how the supervisor stands to the organisation."""
    return str(_("Internal: employed by the organisation") if is_internal else _("External"))


def extent(groups: int, length_min: int, every_days: int) -> str:
    """Return how much was ordered: groups, length and rhythm."""
    rhythm = (
        _("%(minutes)s min every week", minutes=length_min)
        if every_days == 7
        else _("%(minutes)s min every second week", minutes=length_min)
    )
    counted = ngettext("One group", "%(num)s groups", groups)
    return f"{counted}, {rhythm}"


def reason_word(reason: str) -> str:
    """Return why a word in a statement could point at single people."""
    return str(
        {
            "name": _("a name or address"),
            "number": _("a number"),
            "some": _("only some of the group"),
            "person": _("one person"),
            "role": _("a role few have"),
            "age": _("age"),
            "sex": _("sex"),
            "place": _("a unit or place"),
            "shift": _("a shift"),
            "background": _("background"),
        }[reason]
    )
