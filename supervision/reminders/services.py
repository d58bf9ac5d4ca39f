"""What a reminder notes, what its link does, and the decision to meet with few."""

from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint
from supervision.meetings import services as meetings
from supervision.meetings.models import Meeting
from supervision.people.models import Person
from supervision.people.services import count_try
from supervision.reminders import queries
from supervision.reminders.models import Reminder


def note_sent(session: Session, meeting: Meeting, person: Person, kind: str, *, now: datetime) -> None:
    """Note that someone gets this kind of mail about this start of a meeting; in the transaction of the mail."""
    session.add(
        Reminder(meeting_id=meeting.id, person_id=person.id, kind=kind, starts_at=meeting.starts_at, sent_at=now)
    )
    session.flush()


def answer_by_link(
    session: Session, meeting: Meeting, person: Person, *, is_coming: bool, token: str, network: str, now: datetime
) -> None:
    """Note the answer given through a reminder's link, as the person themselves would.

    Raises `answer_closed` when the meeting has begun, `wait` after many changes through one link or from one network.
    """
    key = f"one date {fingerprint(token)}"
    count_try(session, key, network, now=now)
    meetings.answer(session, Actor(person_id=person.id), meeting, is_coming=is_coming, now=now)


def run_anyway(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> None:
    """Decide that a meeting is held with fewer than three; nobody asks again unless it is moved.

    Raises `meeting_status` when it is not planned any more.
    """
    locked = queries.lock_meeting(session, meeting.id)
    if locked is None:
        raise RuleBroken("meeting_status")
    locked.runs_anyway_at = now
    record(session, actor, Action.MEETING_RUNS_ANYWAY, ObjectKind.MEETING, meeting.id, now=now)
