"""Deletion of what has been kept long enough. Case texts and speaking logs are purged by their own features."""

from datetime import datetime

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEvent
from supervision.cases.models import FollowUp, TurnPromise, WillingTurn
from supervision.cover.models import CoverRequest
from supervision.evaluations.models import EvaluationRelease, GroupStatement, ManagerAnswer
from supervision.formation.models import FormationRun
from supervision.groups.models import Membership, PendingSignUp, QueuePlace, SignUp, StaffList
from supervision.live.models import LiveControl
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.outbox.models import Mail
from supervision.people.models import Attempt, Invitation, LoginSession, SignInCode
from supervision.privacy.rules import RETENTION
from supervision.reminders.models import Reminder


def _before(table: str, now: datetime) -> datetime:
    lifetime = RETENTION[table].lifetime
    if lifetime is None:
        raise LookupError(table)
    return now - lifetime


def purge(session: Session, *, now: datetime) -> None:
    """Delete every row that is past its time, and blank the text of mails sent or given up long ago; idempotent."""
    for table, column in (
        (Attempt, Attempt.at),
        (AuditEvent, AuditEvent.at),
        (SignInCode, SignInCode.expires_at),
        (Invitation, Invitation.expires_at),
        (LoginSession, LoginSession.seen_at),
        (CoverRequest, CoverRequest.starts_at),
        (EvaluationRelease, EvaluationRelease.released_at),
        (FormationRun, FormationRun.asked_at),
        (GroupStatement, GroupStatement.written_at),
        (ManagerAnswer, ManagerAnswer.changed_at),
    ):
        session.execute(delete(table).where(column < _before(table.__tablename__, now)))
    for short_lived in (PendingSignUp, StaffList):  # past their hour they answer to nobody; they go with the next sweep
        session.execute(delete(short_lived).where(short_lived.expires_at < now))
    for of_meeting in (Answer, Attendance, TurnPromise, WillingTurn, FollowUp, LiveControl, Reminder):
        past = select(Meeting.id).where(Meeting.starts_at < _before(of_meeting.__tablename__, now))
        session.execute(delete(of_meeting).where(of_meeting.meeting_id.in_(past)))
    placed = select(Membership.person_id)
    session.execute(delete(SignUp).where(SignUp.created_at < _before("sign_up", now), SignUp.person_id.not_in(placed)))
    session.execute(
        delete(QueuePlace).where(
            QueuePlace.queued_at < _before("queue_place", now), QueuePlace.status.not_in(("waiting", "offered"))
        )
    )
    settled_before = _before("mail", now)
    session.execute(
        update(Mail)
        .where(or_(Mail.sent_at < settled_before, Mail.given_up_at < settled_before), Mail.text != "")
        .values(text="", html="", subject="", to_email="", calendar=None)
    )
