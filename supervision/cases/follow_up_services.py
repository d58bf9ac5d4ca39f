"""What someone who told does with their follow-up."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.cases import follow_up_queries as queries
from supervision.cases.models import FollowUp
from supervision.cases.rules.follow_up import FollowUpText, check_complete
from supervision.cases.rules.text import check, let_stand
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id
from supervision.meetings.models import Meeting
from supervision.store.sealed import TextSeal

TABLE, COLUMN = "follow_up", "sealed_text"


def open_follow_up(seal: TextSeal, follow_up: FollowUp) -> FollowUpText:
    """Return what was noted. Raises `CannotOpen` when it stands in another's row."""
    return FollowUpText.from_json(seal.read(follow_up.sealed_text, TABLE, COLUMN, follow_up.id))


@dataclass(frozen=True, slots=True)
class Noted:
    """A follow-up to read: the row, its words, and whether the reader wrote it."""

    row: FollowUp
    text: FollowUpText
    is_own: bool


def open_all(seal: TextSeal, actor: Actor, rows: Iterable[FollowUp]) -> list[Noted]:
    """Open follow-ups for someone who may read them."""
    found = list(rows)
    seal.ready(row.sealed_text for row in found)
    return [Noted(row, open_follow_up(seal, row), row.person_id == actor.person_id) for row in found]


def note_follow_up(
    session: Session, seal: TextSeal, actor: Actor, meeting: Meeting, text: FollowUpText, *, now: datetime
) -> FollowUp:
    """Save what the actor will try after a meeting at which they told; the group and its supervisor read it.

    Codes: `follow_up_empty`, `text_too_long`, `looks_like_personal_number`.
    """
    check(text)
    check_complete(text)
    found = queries.own_follow_up(session, actor, meeting.id)
    if found is None:
        found = FollowUp(id=new_id(), meeting_id=meeting.id, person_id=actor.id, created_at=now)
        record(session, actor, Action.FOLLOW_UP_NOTED, ObjectKind.MEETING, meeting.id, now=now)
        session.add(found)
    found.sealed_text = seal.seal(let_stand(text).as_json(), TABLE, COLUMN, found.id)
    found.changed_at = now
    session.flush()
    return found


def delete_follow_up(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> None:
    """Delete the actor's own follow-up; nothing when there is none."""
    found = queries.own_follow_up(session, actor, meeting.id)
    if found is not None:
        record(session, actor, Action.FOLLOW_UP_DELETED, ObjectKind.MEETING, meeting.id, now=now)
        session.delete(found)
        session.flush()
