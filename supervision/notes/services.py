"""What a supervisor does with their private notes."""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.cases.rules.text import let_stand
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id
from supervision.notes.models import Note
from supervision.notes.rules import NoteText, check_kept, check_note
from supervision.store.sealed import TextSeal

TABLE, COLUMN = "private_note", "sealed_text"


@dataclass(frozen=True, slots=True)
class Opened:
    """A note to read: the row and its words."""

    row: Note
    text: str


def open_text(seal: TextSeal, note: Note) -> NoteText:
    """Return a note's words. Raises `CannotOpen` when they stand in another's row."""
    return NoteText.from_json(seal.read(note.sealed_text, TABLE, COLUMN, note.id))


def open_all(seal: TextSeal, notes: Iterable[Note]) -> list[Opened]:
    """Open notes for their author: one query of the keyring, however many."""
    rows = list(notes)
    seal.ready(row.sealed_text for row in rows)
    return [Opened(row, open_text(seal, row).text) for row in rows]


def write_note(
    session: Session,
    seal: TextSeal,
    actor: Actor,
    group: Group,
    *,
    text: NoteText,
    meeting_id: uuid.UUID | None,
    now: datetime,
) -> Note:
    """Write a note about a group, and perhaps one of its meetings.

    Codes: `text_too_long`, `looks_like_personal_number`, `note_empty`, `note_too_late`.
    """
    check_note(text)
    check_kept(group.ended_at, now)
    note = Note(id=new_id(), group_id=group.id, author_id=actor.id, created_at=now)
    _put(seal, note, text, meeting_id, now)
    record(session, actor, Action.NOTE_WRITTEN, ObjectKind.NOTE, note.id, now=now)
    session.add(note)
    session.flush()
    return note


def change_note(
    session: Session,
    seal: TextSeal,
    actor: Actor,
    note: Note,
    *,
    text: NoteText,
    meeting_id: uuid.UUID | None,
    now: datetime,
) -> Note:
    """Write a note anew; what stood there cannot be read any more, in a backup neither.

    Codes: `text_too_long`, `looks_like_personal_number`, `note_empty`.
    """
    check_note(text)
    _put(seal, note, text, meeting_id, now)
    record(session, actor, Action.NOTE_CHANGED, ObjectKind.NOTE, note.id, now=now)
    session.flush()
    return note


def delete_note(session: Session, actor: Actor, note: Note, *, now: datetime) -> None:
    """Delete a note; its key goes with it."""
    record(session, actor, Action.NOTE_DELETED, ObjectKind.NOTE, note.id, now=now)
    session.delete(note)
    session.flush()


def _put(seal: TextSeal, note: Note, text: NoteText, meeting_id: uuid.UUID | None, now: datetime) -> None:
    note.sealed_text = seal.seal(let_stand(text).as_json(), TABLE, COLUMN, note.id)
    note.meeting_id = meeting_id
    note.changed_at = now
