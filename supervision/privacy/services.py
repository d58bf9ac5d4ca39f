"""Deletion of what has been kept long enough. Case texts and speaking logs are purged by their own features."""

from datetime import datetime

from sqlalchemy import and_, delete, exists, func, or_, select, update
from sqlalchemy.orm import Session

from supervision.audit import services as audit
from supervision.cases.models import FollowUp, TurnPromise, WillingTurn
from supervision.cover.models import CoverRequest
from supervision.evaluations.models import EvaluationRelease, GroupStatement, ManagerAnswer
from supervision.factors.models import PasskeyChallenge
from supervision.formation.models import FormationRun
from supervision.groups.models import (
    Agreement,
    AgreementAcceptance,
    Group,
    Membership,
    PendingSignUp,
    QueuePlace,
    SignUp,
    StaffList,
)
from supervision.live.models import LiveControl
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.notes.models import Note
from supervision.orgs.models import Assignment, Organisation
from supervision.outbox.models import Mail
from supervision.people.models import Attempt, Invitation, LoginSession, SignInCode
from supervision.privacy.rules import BLANK_MAIL, NEVER_SAID, before
from supervision.reminders.models import Reminder

STANDS = ("waiting", "offered")


def purge(session: Session, *, now: datetime) -> None:
    """Delete every row that is past its time, and blank the text of mails sent or given up long ago; idempotent."""
    for table, column in (
        (Attempt, Attempt.at),
        (SignInCode, SignInCode.expires_at),
        (Invitation, Invitation.expires_at),
        (LoginSession, LoginSession.seen_at),
        (PasskeyChallenge, PasskeyChallenge.expires_at),
        (CoverRequest, CoverRequest.starts_at),
        (EvaluationRelease, EvaluationRelease.released_at),
        (FormationRun, FormationRun.asked_at),
        (GroupStatement, GroupStatement.written_at),
        (ManagerAnswer, ManagerAnswer.changed_at),
        (Membership, Membership.left_at),
    ):
        session.execute(delete(table).where(column < before(table.__tablename__, now)))
    for short_lived in (PendingSignUp, StaffList):  # past their hour they answer to nobody; they go with the next sweep
        session.execute(delete(short_lived).where(short_lived.expires_at < now))
    for of_meeting in (Answer, Attendance, TurnPromise, WillingTurn, FollowUp, LiveControl, Reminder):
        past = select(Meeting.id).where(Meeting.starts_at < before(of_meeting.__tablename__, now))
        session.execute(delete(of_meeting).where(of_meeting.meeting_id.in_(past)))
    ended = select(Group.id).where(Group.ended_at < before("private_note", now))
    session.execute(delete(Note).where(Note.group_id.in_(ended)))
    audit.purge(session, before=before("audit_event", now))
    _purge_never_said(session, now)
    _purge_sign_ups(session, now)
    _purge_mail(session, now)
    _purge_contracts(session, now)


def _purge_never_said(session: Session, now: datetime) -> None:
    """Delete texts that were never released or sent, a year after they were last touched."""
    unsaid_before = now - NEVER_SAID
    session.execute(
        delete(GroupStatement).where(GroupStatement.released_on.is_(None), GroupStatement.written_at < unsaid_before)
    )
    session.execute(
        delete(ManagerAnswer).where(ManagerAnswer.sent_at.is_(None), ManagerAnswer.changed_at < unsaid_before)
    )


def _purge_sign_ups(session: Session, now: datetime) -> None:
    """Delete sign-ups 12 months after the last one unless they led to a seat; then 12 months after the seat's end.

    A place in line goes with the sign-up it came from. An offer stands until it is answered or has run out.
    """
    seat = exists().where(
        Membership.person_id == SignUp.person_id,
        Membership.group_id == Group.id,
        Group.assignment_id == SignUp.assignment_id,
    )
    offer = exists().where(
        QueuePlace.person_id == SignUp.person_id,
        QueuePlace.group_id == Group.id,
        Group.assignment_id == SignUp.assignment_id,
        QueuePlace.status == "offered",
    )
    told_at = func.coalesce(SignUp.withdrawn_at, SignUp.created_at)
    session.execute(delete(SignUp).where(told_at < before("sign_up", now), ~seat, ~offer))
    signed_up = exists().where(
        SignUp.person_id == QueuePlace.person_id,
        SignUp.assignment_id == Group.assignment_id,
        Group.id == QueuePlace.group_id,
    )
    past = QueuePlace.queued_at < before("queue_place", now)
    is_over = or_(QueuePlace.status.not_in(STANDS), and_(QueuePlace.status == "waiting", ~signed_up))
    session.execute(delete(QueuePlace).where(past, is_over))
    sits = exists().where(
        Membership.person_id == AgreementAcceptance.person_id,
        Membership.group_id == Agreement.group_id,
        Agreement.id == AgreementAcceptance.agreement_id,
    )
    session.execute(
        delete(AgreementAcceptance).where(AgreementAcceptance.accepted_at < before("agreement_acceptance", now), ~sits)
    )


def _purge_mail(session: Session, now: datetime) -> None:
    settled_at = func.coalesce(Mail.sent_at, Mail.given_up_at)
    session.execute(delete(Mail).where(settled_at < now - BLANK_MAIL))
    session.execute(
        update(Mail)
        .where(settled_at < before("mail", now), Mail.to_email != "")
        .values(text="", html="", subject="", to_email="", calendar=None)
    )


def _purge_contracts(session: Session, now: datetime) -> None:
    """Delete assignments five years after their last day with all that is left of them, then empty organisations."""
    over = select(Assignment.id).where(Assignment.ends_on < before("assignment", now).date())
    session.execute(delete(Group).where(Group.assignment_id.in_(over)))
    session.execute(delete(Assignment).where(Assignment.id.in_(over)))
    session.execute(
        delete(Organisation).where(
            Organisation.created_at < before("organisation", now),
            ~exists().where(Assignment.organisation_id == Organisation.id),
        )
    )
