"""Every letter of the product in three languages, as it stands in tests/golden/mails: wording is changed on purpose.

`RUNDAN_WRITE_GOLDEN=1 pytest tests/outbox/test_outbox_golden.py` writes the files anew; the difference is then read.
"""

import ast
import os
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from types import ModuleType
from unittest.mock import create_autospec, patch

import pytest
from flask_babel import force_locale
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.cover import mails as cover
from supervision.cover.models import CoverRequest
from supervision.evaluations import mails as evaluations
from supervision.evaluations.models import Campaign
from supervision.groups import mails as groups
from supervision.groups.models import Group, Membership
from supervision.meetings import mails as meetings
from supervision.meetings.models import Meeting
from supervision.operations import mails as operations
from supervision.orgs import mails as orgs
from supervision.orgs.models import Assignment, Organisation
from supervision.outbox.services import Letter, as_html, as_text
from supervision.people import mails as people
from supervision.people.models import Person
from supervision.reminders import mails as reminders
from supervision.single_sign_on import mails as single_sign_on
from tests.conftest import make_config

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "tests" / "golden" / "mails"
LANGUAGES = ("sv", "da", "en")
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
STARTS_AT = datetime(2026, 12, 8, 13, 0, tzinfo=UTC)
TOKEN = "t" * 43
PLACE = "Gamla apoteket"


def person(language: str, name: str = "Leyla Öz") -> Person:
    return Person(id=uuid.UUID(int=1), name=name, email="leyla@example.org", language=language, created_at=NOW)


def group() -> Group:
    organisation = Organisation(name="Norrhamns kommun", country="SE", created_at=NOW)
    assignment = Assignment(
        organisation=organisation,
        supervisor=person("sv", "Maria Ekdahl"),
        title="Personlig assistans",
        join_token=TOKEN,
    )
    return Group(
        id=uuid.UUID(int=2),
        assignment=assignment,
        name="Grupp Linden",
        first_on=date(2026, 1, 13),
        at_local=time(14),
        zone="Europe/Stockholm",
        place=PLACE,
        online_link="",
        created_at=NOW,
    )


def meeting(days: int = 0, **columns: object) -> Meeting:
    values = {
        "id": uuid.UUID(int=3 + days),
        "number": 1,
        "group_id": uuid.UUID(int=2),
        "status": "planned",
        "sequence": 0,
        "place": PLACE,
    }
    starts_at = STARTS_AT + timedelta(days=days)
    spans = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=90)}
    return Meeting(**({**values, **spans, "group": group()} | columns))


def seat(language: str) -> Membership:
    return Membership(id=uuid.UUID(int=9), person=person(language), place_no=1, joined_at=NOW)


def cover_request(status: str = "asked") -> CoverRequest:
    return CoverRequest(
        id=uuid.UUID(int=4),
        meeting_id=uuid.UUID(int=3),
        person=person("sv"),
        organisation=group().assignment.organisation,
        status=status,
        starts_at=STARTS_AT - timedelta(minutes=30),
        ends_at=STARTS_AT + timedelta(minutes=120),
    )


def campaign() -> Campaign:
    return Campaign(opens_at=NOW, closes_at=datetime(2026, 12, 15, 11, 0, tzinfo=UTC))


def posted(mails: ModuleType, post: Callable[[], None]) -> Letter:
    """The letter that a function puts into the outbox."""
    kept: list[Letter] = []
    with patch.object(mails, "post", lambda _session, *, letter, **_rest: kept.append(letter)):
        post()
    return kept[0]


NO_SESSION = create_autospec(Session, instance=True)
UNTIL = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
SERIES = (meeting(), meeting(14), meeting(28))
STAFF = {"title": "Personlig assistans", "organisation": "Norrhamns kommun", "supervisor": "Maria Ekdahl"}
LETTERS: dict[str, Callable[[str], Letter]] = {
    "code": lambda to: people.code_letter("12345678", to),
    "use_password": people.use_password_letter,
    "invitation": lambda to: people.invitation_letter(person(to, "Maria Ekdahl"), TOKEN),
    "role_given-supervisor": lambda to: operations.role_letter(person(to, "Maria Ekdahl"), None),
    "role_given-coordinator": lambda to: operations.role_letter(person(to, "Maria Ekdahl"), "Norrhamns kommun"),
    "let_in": lambda to: operations.let_in_letter(person(to), "Omar Said", "Norrhamns kommun"),
    "new_password": lambda to: people.new_password_letter(to, TOKEN),
    "no_password": people.no_password_letter,
    **{
        f"sign_in_changed-{what}": lambda to, what=what: people.sign_in_changed_letter(person(to, "Maria Ekdahl"), what)
        for what in (
            *("password", "authenticator", "authenticator_removed", "recovery_codes", "recovery_code_used"),
            *("passkey_added", "passkey_removed", "reset"),
        )
    },
    **{
        f"role_given-as_{role}": lambda to, role=role: orgs.role_letter(
            person(to, "Maria Ekdahl"), Organisation(name="Norrhamns kommun", country="SE", created_at=NOW), role
        )
        for role in ("manager", "coordinator")
    },
    "provider_connected": lambda to: single_sign_on.connected_letter(person(to, "Maria Ekdahl"), "Norrhamns kommun"),
    "offer": lambda to: groups.offer_letter(person(to), group(), UNTIL),
    "move": lambda to: groups.move_letter(person(to), group(), UNTIL),
    "line_ended": lambda to: groups.line_ended_letter(person(to), group()),
    "group_ended": lambda to: groups.group_ended_letter(person(to), group()),
    "staff_invitation": lambda to: groups.invitation_to_sign_up("Leyla Öz", to, token=TOKEN, **STAFF),
    "removed": lambda to: groups.removed_letter(person(to), group()),
    "agreement": lambda to: groups.agreement_letter(person(to), group()),
    "agreement_reminder": lambda to: groups.agreement_reminder(person(to), group()),
    "dates": lambda to: meetings.dates_letter(group(), SERIES, person(to), NOW),
    "extended": lambda to: meetings._next_dates(group(), SERIES, person(to), NOW),
    "series_moved": lambda to: meetings._series_moved(
        group(), (*SERIES, meeting(42, status="cancelled")), person(to), NOW
    ),
    "moved": lambda to: meetings._moved(meeting(), STARTS_AT - timedelta(days=1, hours=1), person(to)),
    "moved-place": lambda to: meetings._moved(meeting(), STARTS_AT, person(to)),
    "moved-online": lambda to: meetings._moved(meeting(place=""), STARTS_AT - timedelta(days=1), person(to)),
    "cancelled": lambda to: meetings._cancelled(meeting(), meeting(14), person(to)),
    "cancelled-last": lambda to: meetings._cancelled(meeting(), None, person(to)),
    "added": lambda to: meetings._added(meeting(), person(to)),
    "reminder": lambda to: reminders.reminder_letter(meeting(), seat(to)),
    "reminder-online": lambda to: reminders.reminder_letter(meeting(place=""), seat(to)),
    "few": lambda to: reminders.few_letter(meeting(), person(to, "Maria Ekdahl")),
    "evaluation": lambda to: evaluations.opened_letter(to, campaign(), "Europe/Stockholm"),
    "evaluation_reminder": lambda to: evaluations.reminder_letter(to, campaign(), "Europe/Stockholm"),
    "evaluation_void": evaluations.void_letter,
    "evaluation_extended": lambda to: evaluations.extended_letter(to, campaign(), "Europe/Stockholm"),
    "statement": lambda to: posted(
        evaluations, lambda: evaluations.post_statement(NO_SESSION, [person(to)], uuid.UUID(int=2), NOW)
    ),
    "report_answer": lambda to: posted(evaluations, lambda: evaluations.post_answered(NO_SESSION, [person(to)], NOW)),
    "cover_asked": lambda to: cover._asked(cover_request(), person(to, "Sven Berg")),
    "cover_reminder": lambda to: cover._reminder(cover_request(), person(to, "Sven Berg")),
    "cover_not_needed": lambda to: cover._not_needed(cover_request(), person(to, "Sven Berg")),
    "cover_answered": lambda to: cover._answered(cover_request("arranged"), person(to)),
    "cover_answered-no": lambda to: cover._answered(cover_request("not_possible"), person(to)),
    "cover_ended": lambda to: cover._ended(cover_request(), person(to)),
}
"""Each letter by its kind, and what varies after a hyphen."""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    """An app that asks no database."""
    return create_app(make_config("sqlite://", tmp_path_factory.mktemp("golden")))


def write(app, name: str, language: str) -> tuple[str, str]:
    """The mail as text, with its subject, and as HTML."""
    with app.test_request_context(), force_locale(language):
        letter = LETTERS[name](language)
    assert letter.kind == name.partition("-")[0]
    html = as_html(replace(letter, calendar=None), language)
    return f"Subject: {letter.subject}\n\n{as_text(letter)}", html.replace("><", ">\n<") + "\n"


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_letter_says_what_was_agreed(app, name) -> None:
    for language in LANGUAGES:
        for content, ending in zip(write(app, name, language), ("txt", "html"), strict=True):
            path = FOLDER / f"{name}.{language}.{ending}"
            if os.environ.get("RUNDAN_WRITE_GOLDEN"):
                path.write_text(content)
            assert path.exists(), f"write it with RUNDAN_WRITE_GOLDEN=1, then read it: {path.name}"
            assert content == path.read_text(), f"the wording of {path.name} has changed"


def test_no_letter_and_no_file_is_forgotten() -> None:
    kinds = set()
    for path in (ROOT / "supervision").rglob("mails.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            names = [each.value for each in node.keywords if each.arg == "kind"]
            names += node.args[:1] if getattr(node.func, "id", "") == "_many" else []
            kinds |= {each.value for each in names if isinstance(each, ast.Constant)}
    missing = kinds - {name.partition("-")[0] for name in LETTERS}
    assert not missing, f"add a maker to LETTERS for {sorted(missing)}"
    wanted = {f"{name}.{to}.{ending}" for name in LETTERS for to in LANGUAGES for ending in ("txt", "html")}
    assert {path.name for path in FOLDER.iterdir()} == wanted


@pytest.mark.parametrize("name", sorted(LETTERS))
def test_every_letter_is_whole_in_each_language(app, name) -> None:
    english = write(app, name, "en")[0]
    for language in ("sv", "da"):
        text = write(app, name, language)[0]
        lines = [line for line in text.splitlines() if len(line.split()) > 3]
        assert not set(lines) & set(english.splitlines()), "a sentence is not translated"
        assert "!" not in text
        assert "None" not in text
        assert len(text.splitlines()[0]) <= len("Subject: ") + 78  # a longer one is cut on a phone
