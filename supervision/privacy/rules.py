"""How long each table's rows are kept (PRIVACY: data at rest). A table without a line fails the tests."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.kernel.errors import RuleBroken

DAY = timedelta(days=1)
TERM = 183 * DAY
MONTHS_12 = 365 * DAY
MONTHS_24 = 730 * DAY
YEARS_5 = 5 * 365 * DAY


@dataclass(frozen=True, slots=True)
class Kept:
    """One line: `lifetime` after `since`, or None where the rows live as long as what they belong to."""

    since: str
    lifetime: timedelta | None = None


RETENTION: dict[str, Kept] = {
    "agreement": Kept("group"),
    "agreement_acceptance": Kept("end of the seat", MONTHS_12),
    "answer": Kept("meeting", MONTHS_12),
    "assignment": Kept("last day", YEARS_5),
    "attempt": Kept("try", DAY),
    "attendance": Kept("meeting", MONTHS_12),
    "audit_anchor": Kept("chain"),
    "audit_event": Kept("event", MONTHS_24),
    "authenticator": Kept("person"),
    "ballot": Kept("closing", timedelta(0)),
    "calendar_feed": Kept("person"),
    "campaign": Kept("assignment"),
    "case_item": Kept("text: meeting", 14 * DAY),
    "dates_sent": Kept("seat"),
    "cover_request": Kept("date", 30 * DAY),
    "evaluation_release": Kept("release", YEARS_5),
    "follow_up": Kept("meeting", TERM),
    "formation_frame": Kept("assignment"),
    "formation_run": Kept("asking", 90 * DAY),
    "formation_seat": Kept("proposal"),
    "group_statement": Kept("writing", YEARS_5),
    "invitation": Kept("invitation", 30 * DAY),
    "live_control": Kept("meeting", 30 * DAY),
    "live_event": Kept("meeting", 30 * DAY),
    "live_summary": Kept("meeting"),
    "login_session": Kept("last use", 30 * DAY),
    "manager_answer": Kept("change", YEARS_5),
    "mail": Kept("sending or giving up", 7 * DAY),
    "meeting": Kept("group"),
    "membership": Kept("end of the seat", MONTHS_12),
    "organisation": Kept("last assignment", YEARS_5),
    "pending_sign_up": Kept("sign-up", DAY),
    "outer_identity": Kept("person"),
    "own_format": Kept("person"),
    "passkey": Kept("person"),
    "passkey_challenge": Kept("challenge", DAY),
    "person": Kept("last tie", MONTHS_12),
    "private_note": Kept("end of the group", MONTHS_12),
    "questionnaire_version": Kept("assignment"),
    "queue_place": Kept("sign-up", MONTHS_12),
    "recovery_code": Kept("person"),
    "register_entry": Kept("closing", timedelta(0)),
    "reminder": Kept("meeting", 30 * DAY),
    "role_holding": Kept("organisation"),
    "sign_in_code": Kept("code", DAY),
    "sign_up": Kept("sign-up", MONTHS_12),
    "staff_list": Kept("upload", DAY),
    "statement_approval": Kept("statement: release", timedelta(0)),
    "supervision_group": Kept("assignment"),
    "supervisor_times": Kept("person"),
    "sweep_run": Kept("timetable"),
    "turn_promise": Kept("meeting", MONTHS_12),
    "willing_turn": Kept("meeting", 14 * DAY),
}


NEVER_SAID = MONTHS_12
"""How long a text that was never shown to anyone is kept after its last change (our choice, as for names)."""
BLANK_MAIL = MONTHS_12
"""How long it is known that a mail went out, after its address and text are gone (our choice)."""


def before(table: str, now: datetime) -> datetime:
    """Return the instant before which a table's rows are past their time; `LookupError` where they have none."""
    lifetime = RETENTION[table].lifetime
    if lifetime is None:
        raise LookupError(table)
    return now - lifetime


@dataclass(frozen=True, slots=True)
class Duties:
    """What holds someone back from being erased: who would be left without them."""

    groups_not_ended: int = 0
    organisations_without_coordinator: tuple[str, ...] = ()


def check_may_go(duties: Duties) -> None:
    """Refuse to erase someone whom others depend on. Codes: `erase_supervises`, `erase_last_coordinator`."""
    if duties.groups_not_ended:
        raise RuleBroken("erase_supervises", count=duties.groups_not_ended)
    if duties.organisations_without_coordinator:
        raise RuleBroken("erase_last_coordinator", organisations=", ".join(duties.organisations_without_coordinator))
