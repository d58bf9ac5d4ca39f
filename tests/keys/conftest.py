"""A keyring of the test's own, a canary in every sealed column, and old backups that somebody tries to read."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session

from supervision.cases import follow_up_services
from supervision.cases import services as cases
from supervision.cases.rules.follow_up import FollowUpText
from supervision.cases.rules.text import CaseText
from supervision.evaluations.models import GroupStatement, ManagerAnswer
from supervision.factors.models import Authenticator
from supervision.groups import invitations
from supervision.groups import services as groups
from supervision.groups.models import SignUp
from supervision.groups.staff_list import Row, StaffRows
from supervision.kernel.ids import new_id
from supervision.notes import services as notes
from supervision.notes.rules import NoteText
from supervision.store import forgetting
from supervision.store.base import Base
from supervision.store.forgetting import seal_of
from supervision.store.keyring import Keyring
from supervision.store.places import Place, places
from supervision.store.sealed import CannotOpen, TextSeal
from supervision.store.wrapping import WrappingKey
from tests import factories
from tests.factories import NOW, actor_of
from tests.keys.rotating import KEY, OLD_KEY


@pytest.fixture
def keyring(app: Flask, engine: Engine, tmp_path: Path) -> Iterator[Keyring]:
    """An empty keyring in a file, for as long as the test lasts."""
    mine = Keyring(f"sqlite:///{tmp_path / 'keyring.sqlite'}", WrappingKey(KEY), WrappingKey(OLD_KEY), is_durable=False)
    usual = app.extensions["keyring"]
    forgetting.attach(engine, mine)
    app.extensions["keyring"] = mine
    yield mine
    forgetting.attach(engine, usual)
    app.extensions["keyring"] = usual
    mine.close()


@dataclass
class Backup:
    """What an old backup of the database holds of sealed texts."""

    texts: dict[tuple[Place, object], bytes] = field(default_factory=dict)

    def opened(self, keyring: Keyring) -> dict[str, str]:
        """Return table -> text of everything a keyring opens in this backup."""
        seal, found = TextSeal(keyring), {}
        for (place, row), sealed in self.texts.items():
            try:
                found[place.table.name] = seal.open(sealed, place.table.name, place.name, row)
            except CannotOpen:
                continue
        return found


@pytest.fixture
def back_up(engine: Engine) -> Callable[[], Backup]:
    """Copy every sealed text out of the database as it is now."""

    def copy() -> Backup:
        made = Backup()
        with engine.connect() as connection:
            for place in places(Base.metadata):
                for row, sealed in connection.execute(select(place.row, place.column)):
                    if sealed is not None:
                        made.texts[place, row] = bytes(sealed)
            connection.rollback()
        return made

    return copy


@dataclass
class Full:
    """A world with one canary in every sealed column."""

    assignment: object
    group: object
    meeting: object
    person: object
    supervisor: object
    case: object
    pending_id: object


CANARIES = {
    "case_item": "canary-case",
    "follow_up": "canary-follow-up",
    "private_note": "canary-note",
    "group_statement": "canary-statement",
    "manager_answer": "canary-answer",
    "pending_sign_up": "canary-pending",
    "staff_list": "canary-staff",
    "sign_up": "canary-not-with",
    "authenticator": "canary-secret",
}


@pytest.fixture
def full(keyring: Keyring, session: Session) -> Full:
    """One row in each table with sealed texts, written by the services where they have one."""
    return fill(session)


def fill(session: Session) -> Full:
    supervisor = factories.make_supervisor(session)
    assignment = factories.make_assignment(session, supervisor)
    group = factories.make_group(session, assignment)
    person = factories.make_member(session, group)
    meeting = factories.make_meeting(session, group, NOW - timedelta(days=1), status="held")
    seal, actor = seal_of(session), actor_of(person, member_of=frozenset({group.id}))
    text = CaseText(title=CANARIES["case_item"], situation="Något händer.", question="Hur?")
    case = cases.write(session, seal, actor, group, text=text, facts=cases.CaseFacts(), now=NOW)
    case.status, case.meeting_id, case.presented_at = "presented", meeting.id, meeting.starts_at
    note = FollowUpText(what=CANARIES["follow_up"], who="jag", when="snart", how="så")
    follow_up_services.note_follow_up(session, seal, actor, meeting, note, now=NOW)
    words = NoteText(text=CANARIES["private_note"])
    notes.write_note(session, seal, actor_of(supervisor), group, text=words, meeting_id=meeting.id, now=NOW)
    statement = GroupStatement(id=new_id(), group_id=group.id, version=1, written_at=NOW)
    statement.sealed_text = seal.seal(CANARIES["group_statement"], "group_statement", "sealed_text", statement.id)
    answer = ManagerAnswer(id=new_id(), assignment_id=assignment.id, changed_at=NOW)
    answer.sealed_text = seal.seal(CANARIES["manager_answer"], "manager_answer", "sealed_text", answer.id)
    session.add_all([statement, answer])
    pending_id = groups.keep_pending(session, seal, assignment, {"name": CANARIES["pending_sign_up"]}, NOW)
    listed = StaffRows((Row(1, CANARIES["staff_list"], "a@example.se", "", ""),), ())
    invitations.keep_list(session, seal, actor_of(supervisor), assignment, listed, NOW)
    session.add(SignUp(assignment_id=assignment.id, person_id=person.id, not_with=CANARIES["sign_up"], created_at=NOW))
    sealed = seal.seal(CANARIES["authenticator"], "authenticator", "sealed_secret", person.id)
    session.add(Authenticator(person_id=person.id, sealed_secret=sealed, created_at=NOW))
    session.commit()
    return Full(assignment, group, meeting, person, supervisor, case, pending_id)


@pytest.fixture
def keyring_queries(keyring: Keyring) -> Iterator[list[str]]:
    """Every statement that reaches the keyring while the test looks."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("PRAGMA", "BEGIN")):
            seen.append(statement)

    event.listen(keyring.engine, "before_cursor_execute", note)
    yield seen
    event.remove(keyring.engine, "before_cursor_execute", note)
