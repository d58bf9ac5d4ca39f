"""What is kept how long, in plain words: a theme and a line for each table, and how its time is said."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from supervision.privacy.rules import RETENTION, Kept

THEMES = {
    "you": _l("You and your sign-in"),
    "seats": _l("Sign-up and seats"),
    "meetings": _l("Dates and who was there"),
    "cases": _l("Cases and what you will try"),
    "notes": _l("The supervisor's own notes"),
    "round": _l("The round at the table"),
    "evaluation": _l("The yearly evaluation"),
    "organisation": _l("Organisations and planning"),
    "service": _l("Mail and what is written down"),
}
"""The themes of the page, in their order."""

TABLES = {
    "person": ("you", _l("Your name and your e-mail address")),
    "sign_in_code": ("you", _l("Codes for signing in, unreadable")),
    "login_session": ("you", _l("Where you are signed in")),
    "invitation": ("you", _l("Invitations to choose a password")),
    "attempt": ("you", _l("Tries at signing in, unreadable")),
    "authenticator": ("you", _l("The key of your one-time codes, sealed")),
    "recovery_code": ("you", _l("Recovery codes, unreadable")),
    "passkey": ("you", _l("The public halves of your passkeys")),
    "passkey_challenge": ("you", _l("Questions put to your device when a passkey is used")),
    "outer_identity": ("you", _l("Who you are at your organisation's sign-in")),
    "calendar_feed": ("you", _l("That you have a calendar address, unreadable")),
    "pending_sign_up": ("seats", _l("A sign-up whose code has not been typed yet, sealed")),
    "sign_up": ("seats", _l("What you told when you signed up")),
    "queue_place": ("seats", _l("Your place on the waiting list")),
    "membership": ("seats", _l("Your seat in a group")),
    "dates_sent": ("seats", _l("That you were sent the dates of your group")),
    "agreement": ("seats", _l("The text of the group's agreement")),
    "agreement_acceptance": ("seats", _l("That you accepted the agreement")),
    "supervision_group": ("seats", _l("The group: name, rhythm, place")),
    "meeting": ("meetings", _l("The group's dates")),
    "answer": ("meetings", _l("Whether you said that you come")),
    "attendance": ("meetings", _l("Whether you were there")),
    "reminder": ("meetings", _l("That you were reminded of a date")),
    "cover_request": ("meetings", _l("That you asked for cover")),
    "case_item": ("cases", _l("The text of cases and dilemmas, sealed")),
    "turn_promise": ("cases", _l("That you were told that you are next")),
    "willing_turn": ("cases", _l("That you said you can take a turn")),
    "follow_up": ("cases", _l("What you noted that you will try, sealed")),
    "private_note": ("notes", _l("What a supervisor writes down for themselves about a group, sealed")),
    "live_event": ("round", _l("Who had the floor, and when")),
    "live_control": ("round", _l("Which device runs the round")),
    "live_summary": ("round", _l("How long the round was and how evenly it was shared")),
    "campaign": ("evaluation", _l("When the evaluation is, and its questions")),
    "register_entry": ("evaluation", _l("Who may answer, and whether they have")),
    "ballot": ("evaluation", _l("The answers, sealed and nobody's")),
    "evaluation_release": ("evaluation", _l("The bands everyone may see")),
    "questionnaire_version": ("evaluation", _l("Statements that were reworded or added")),
    "group_statement": ("evaluation", _l("What the group tells its managers, sealed")),
    "statement_approval": ("evaluation", _l("That you approve the group's words")),
    "manager_answer": ("evaluation", _l("What a manager changes because of it, sealed")),
    "organisation": ("organisation", _l("The organisation that orders the supervision")),
    "assignment": ("organisation", _l("What is ordered: period, rhythm, price")),
    "role_holding": ("organisation", _l("Who is manager or coordinator")),
    "staff_list": ("organisation", _l("An uploaded staff list before it is confirmed, sealed")),
    "supervisor_times": ("organisation", _l("When a supervisor can lead groups")),
    "own_format": ("organisation", _l("Formats a supervisor has made")),
    "formation_frame": ("organisation", _l("Where groups can meet")),
    "formation_run": ("organisation", _l("That groups were formed, without names")),
    "formation_seat": ("organisation", _l("Where a proposal for groups puts you")),
    "mail": ("service", _l("Mails: your address, subject and text")),
    "audit_event": ("service", _l("Who did what: codes, no content")),
    "sweep_run": ("service", _l("When the program's own jobs ran, without any person")),
    "audit_anchor": ("service", _l("Where that list begins, so that it can be checked")),
}
"""Table -> its theme, and what its rows are in a reader's words."""

AFTER = {
    "meeting": _l("the meeting"),
    "text: meeting": _l("the meeting"),
    "try": _l("the try"),
    "event": _l("it happened"),
    "date": _l("the date"),
    "release": _l("it was released"),
    "asking": _l("it was asked for"),
    "writing": _l("it was written"),
    "invitation": _l("the invitation ran out"),
    "last use": _l("the last use"),
    "change": _l("the last change"),
    "sending or giving up": _l("sending"),
    "sign-up": _l("the sign-up"),
    "challenge": _l("it was asked"),
    "code": _l("the code ran out"),
    "upload": _l("the upload"),
    "end of the seat": _l("you left the seat"),
    "end of the group": _l("the group has ended"),
    "last day": _l("the last day of the assignment"),
    "last assignment": _l("its last assignment"),
    "last tie": _l("your last seat, sign-up or role"),
}
"""What a time is counted from, as it follows "14 days after"."""

AS_LONG_AS = {
    "group": _l("As long as the group is kept"),
    "closing": _l("Until the evaluation closes"),
    "person": _l("As long as you are kept, or until you take it away"),
    "assignment": _l("As long as the assignment is kept"),
    "seat": _l("As long as the seat is kept"),
    "proposal": _l("As long as the proposal is kept"),
    "organisation": _l("As long as the organisation is kept"),
    "statement: release": _l("Until the group's words are released"),
    "meeting": _l("As long as the date is kept"),
    "chain": _l("As long as the list is kept"),
    "timetable": _l("Until the job runs again"),
}
"""How long rows are kept that have no days of their own."""

NOTES = {
    "person": _l("The operator can also erase you when you ask."),
    "sign_up": _l("With a seat: as long as the seat. When you withdraw, what you told is deleted at once."),
    "queue_place": _l("It goes with the sign-up it came from."),
    "case_item": _l("A text that was never told goes 12 months after its last change, or 14 days after you have left."),
    "group_statement": _l("Words that were never released go after 12 months."),
    "manager_answer": _l("An answer that was never sent goes after 12 months."),
    "private_note": _l("Only who wrote it reads it: no participant, no manager, no other supervisor."),
    "mail": _l("That a mail went out, without address and words, is kept for 12 months."),
}
"""What a number of days does not say."""

HALF_A_YEAR = timedelta(days=183)
YEAR = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the page: the table, what its rows are, how long they are kept, and a note."""

    table: str
    what: str
    how_long: str
    note: str


def themes() -> Sequence[tuple[str, str, Sequence[Line]]]:
    """Return key, title and lines of each theme, every table once."""
    lines = {key: [_line(table) for table, (theme, _what) in TABLES.items() if theme == key] for key in THEMES}
    return [(key, str(title), lines[key]) for key, title in THEMES.items()]


def by_theme(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Return the title of each theme and how many rows of these tables it has; themes without any are left out."""
    sums = {key: sum(count for table, count in counts.items() if TABLES[table][0] == key) for key in THEMES}
    return [(str(title), sums[key]) for key, title in THEMES.items() if sums[key]]


def what(table: str) -> str:
    """Return what a table's rows are."""
    return str(TABLES[table][1])


def _line(table: str) -> Line:
    return Line(table, what(table), how_long(RETENTION[table]), str(NOTES.get(table, "")))


def how_long(kept: Kept) -> str:
    """Return how long rows are kept, in words."""
    if not kept.lifetime:
        return str(AS_LONG_AS[kept.since])
    return str(_l("%(length)s after %(event)s", length=length_in_words(kept.lifetime), event=AFTER[kept.since]))


def length_in_words(length: timedelta) -> str:
    """Return a length as people say it: 14 days, half a year, 12 months, 5 years."""
    if length == HALF_A_YEAR:
        return str(_l("Half a year"))
    if length < YEAR:
        return str(ngettext("%(num)s day", "%(num)s days", length.days))
    if length <= 2 * YEAR:
        return str(_l("%(num)s months", num=12 * (length // YEAR)))
    return str(_l("%(num)s years", num=length // YEAR))
