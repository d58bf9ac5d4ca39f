"""The words of an invoice basis."""

from flask_babel import lazy_gettext as _l

from supervision.invoices.rules import Outcome

OUTCOMES = {
    "held": _l("held"),
    "cancelled_late": _l("cancelled late by the client organisation"),
    "cancelled_in_time": _l("cancelled in time by the client organisation"),
    "cancelled_by_supervisor": _l("cancelled by the supervisor"),
    "coming": _l("planned"),
    "not_recorded": _l("attendance not recorded yet"),
}


def outcome_word(outcome: Outcome) -> str:
    """Return what became of a date, in the reader's language."""
    return str(OUTCOMES[outcome])
