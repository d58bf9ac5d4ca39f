"""Private notes of the demo's supervisors: harmless, and about no one in particular."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from supervision.kernel.ids import new_id
from supervision.meetings.models import Meeting
from supervision.notes.models import Note
from supervision.notes.rules import NoteText
from supervision.notes.services import COLUMN, TABLE
from supervision.store.sealed import TextSeal

if TYPE_CHECKING:
    from supervision.demo.seed import World

NOTES = (
    ("Linden", "Gruppen tar ordet utan att jag lämnar det. Prova att vänta längre innan jag sammanfattar."),
    ("Linden", "Rundan drog ut på tiden i reflektionen. Säg i början hur många minuter var och en har."),
    ("Hassel", "Ta med frågan om nattpassen till nästa gång. Fråga också om lokalen är för kall."),
)
"""Group and words. The first is about the group's last held meeting, the second about the one before, and so on."""


def write(world: "World", seal: TextSeal) -> None:
    """Write the notes, each an hour after a meeting that was held."""
    for number, (name, words) in enumerate(NOTES):
        group = world.groups[name]
        held = select(Meeting).where(Meeting.group_id == group.id, Meeting.status == "held")
        meeting = world.session.scalar(held.order_by(Meeting.starts_at.desc()).offset(number).limit(1))
        if meeting is None:
            continue
        note_id, at = new_id(), min(meeting.ends_at + timedelta(hours=1), world.now)
        world.session.add(
            Note(
                id=note_id,
                group_id=group.id,
                meeting_id=meeting.id,
                author_id=group.assignment.supervisor_id,
                sealed_text=seal.seal(NoteText(text=words).as_json(), TABLE, COLUMN, note_id),
                created_at=at,
                changed_at=at,
            )
        )
