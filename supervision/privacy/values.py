"""What a code in one's own data is in words: the readable file speaks the reader's language, the other has codes."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l

from supervision.audit import words as audit
from supervision.cases import words as cases
from supervision.formation import words as formation
from supervision.formation.models import FormationSeat
from supervision.groups.forms import EXPERIENCE, NEEDS
from supervision.groups.words import slot_word, slot_words
from supervision.meetings.forms import KINDS as ATTENDANCE
from supervision.orgs.forms import COUNTRIES
from supervision.outbox.rules import OPENING
from supervision.web.dates import long_date
from supervision.web.i18n import LANGUAGES

Say = Callable[[Any], str]


def _of(words: Mapping[Any, Any]) -> Say:
    return lambda code: str(words.get(code, code))


def _each(words: Mapping[Any, Any]) -> Say:
    return lambda codes: ", ".join(str(words.get(code, code)) for code in codes)


COVER = {
    "open": _l("asked"),
    "arranged": _l("arranged"),
    "not_possible": _l("not possible"),
    "withdrawn": _l("taken back"),
    "ended": _l("not needed any more"),
}
QUEUE = {
    "waiting": _l("on the waiting list"),
    "offered": _l("offered a seat"),
    "accepted": _l("took the seat"),
    "declined": _l("said no to the seat"),
    "expired": _l("did not answer in time"),
    "withdrawn": _l("left the waiting list"),
}
FACTOR = {
    "none": _l("not shown"),
    "totp": _l("Authenticator app"),
    "recovery": _l("Recovery code"),
    "passkey": _l("Passkey"),
}
ROUND = {
    "start": _l("The round began"),
    "next_phase": _l("The next phase began"),
    "floor": _l("Got the word"),
    "release": _l("Left the word"),
    "interpose": _l("Spoke in between"),
    "pass": _l("Passed"),
    "away": _l("Went away"),
    "back": _l("Came back"),
    "presenter": _l("Presenter chosen"),
    "pause": _l("The round paused"),
    "resume": _l("The round went on"),
    "correct": _l("A time was corrected"),
    "undo": _l("Something was undone"),
    "end": _l("The round ended"),
}
HELP = {
    "time": _l("another time"),
    "place": _l("another place"),
    "language": _l("another language"),
    "person": _l("one more person"),
    "supervisor": _l("one more supervisor"),
    "apart": _l("without a wish to be apart"),
}
RUN = {
    "queued": _l("waits for its turn"),
    "running": _l("at work"),
    "done": _l("done"),
    "stopped": _l("stopped"),
    "failed": _l("did not succeed"),
}
SLOT_WISH = {0: _l("suits best"), 2: _l("if needed")}
MAIL = {"code": _l("A code"), "invitation": _l("An invitation"), "new_password": _l("A link to a new password")}
"""Mail whose words are not told (`outbox.rules.OPENING`); any other mail says itself what it is."""


def _day(iso: str) -> str:
    return long_date(date.fromisoformat(iso))


def _no_group(code: str) -> str:
    if code == "too_few_at_your_times":
        return str(_l("Too few others can come at the same times."))
    return formation.reason(FormationSeat(reason=code)) or code


def _when_wished(wishes: Mapping[str, int]) -> str:
    return "; ".join(f"{slot_word(slot)}: {SLOT_WISH.get(wish, wish)}" for slot, wish in wishes.items())


def _far(ways: Mapping[str, Any]) -> str:
    return ", ".join(f"{place}: {km}" for place, km in ways.items())


SAY: dict[tuple[str, str], Say] = {
    ("assignment_led", "ends_on"): _day,
    ("assignment_led", "starts_on"): _day,
    ("attendance", "kind"): _of(ATTENDANCE),
    ("audit_about", "action"): _of(audit.ACTIONS),
    ("audit_event", "action"): _of(audit.ACTIONS),
    ("audit_event", "object_kind"): _of(audit.KINDS),
    ("case_item", "kind"): _of(cases.KINDS),
    ("case_item", "status"): _of(cases.STATES),
    ("case_item", "tags"): _each(cases.TAGS),
    ("case_item", "wishes"): _each(cases.WISHES),
    ("cover_request", "status"): _of(COVER),
    ("formation_asked", "status"): _of(RUN),
    ("formation_seat", "help_kind"): _of(HELP),
    ("formation_seat", "help_slot"): slot_word,
    ("formation_seat", "moved_why"): lambda code: formation.moved_why(code) or code,
    ("formation_seat", "reason"): _no_group,
    ("live_event", "kind"): _of(ROUND),
    ("login_session", "factor"): _of(FACTOR),
    ("mail", "kind"): _of(MAIL),
    ("mail", "language"): _of(LANGUAGES),
    ("organisation_opened", "country"): _of({one.value: one.label for one in COUNTRIES}),
    ("person", "language"): _of(LANGUAGES),
    ("queue_place", "status"): _of(QUEUE),
    ("reminder", "kind"): _of({"coming": _l("that you are counted on"), "few": _l("that few come")}),
    ("role_holding", "role"): _of({"manager": _l("manager"), "coordinator": _l("coordinator")}),
    ("sign_up", "experience"): _of({one.value: one.label for one in EXPERIENCE}),
    ("sign_up", "needs"): _each(NEEDS),
    ("sign_up", "slot_wishes"): _when_wished,
    ("sign_up", "slots"): slot_words,
    ("sign_up", "ways_km"): _far,
    ("supervisor_times", "languages"): _each(LANGUAGES),
    ("supervisor_times", "slots"): slot_words,
    ("turn_promise", "reason"): _of(cases.YOU_ARE_NEXT),
}
"""(part of the file, what the column is called there) -> how its value is said; any other stands as it is."""


def in_words(part: str, name: str, value: Any) -> Any:  # noqa: ANN401 - plain values of any shape
    """Return a value as it is said; nothing stays nothing."""
    say = SAY.get((part, name))
    return value if say is None or value in (None, "", [], {}) else say(value)


def is_told(part: str, row: Mapping[str, Any], name: str) -> bool:
    """Whether the readable file has the column: the kind of a mail stands there when its words do not."""
    return (part, name) != ("mail", "kind") or row[name] in OPENING


def in_order(rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows from the oldest, by the first instant in each; rows without one stand first, as they came."""
    return sorted(rows, key=_first_instant)


def _first_instant(row: Mapping[str, Any]) -> str:
    for name, value in row.items():
        if isinstance(value, dict) and "starts_at" in value:
            return str(value["starts_at"])
        if value and (name == "at" or name.endswith("_at")):
            return str(value)
    return ""
