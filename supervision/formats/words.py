"""The words of formats: names in the reader's language, who speaks, the parts of a meeting."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from supervision.web.dates import language

MODES = {
    "P": _l("The one who brings the case tells"),
    "S": _l("The supervisor leads"),
    "SP": _l("The supervisor asks the one who brings the case"),
    "Q": _l("The group asks, the one who brings the case answers"),
    "R": _l("One at a time, round the table"),
    "G": _l("The group talks, the one who brings the case listens"),
    "A": _l("All talk together"),
    "I": _l("All write in silence"),
}
BLOCKS = {
    "opening": _l("The beginning"),
    "case": _l("For each case"),
    "closing": _l("The end"),
}


def in_language(name: Mapping[str, str]) -> str:
    """Return a format's or a phase's name in the reader's language, else in Swedish."""
    return name.get(language()) or name["sv"]
