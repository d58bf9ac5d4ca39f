"""Every SELECT of the live round: the log is read once and folded, never counted in the database."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.cases.models import Case, TurnPromise
from supervision.groups.models import Membership
from supervision.kernel.actor import Actor
from supervision.live.models import LiveControl, LiveEvent, LiveSummary
from supervision.live.rules import Event, RoundState, fold
from supervision.meetings.models import Answer, Meeting


def get_meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> Meeting | None:
    """Return a meeting of a group the actor supervises or has a seat in; hidden from managers and coordinators."""
    return _seen(actor, session.scalar(_meeting(), {"meeting_id": meeting_id}))


def get_locked_meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> Meeting | None:
    """Return what `get_meeting` returns, as it is once everyone else who writes to its round is done.

    One statement finds the meeting and lets one writer at a time append to its log; on SQLite the transaction has the
    lock from its start.
    """
    return _seen(actor, session.scalar(_locked_meeting(), {"meeting_id": meeting_id}))


def _seen(actor: Actor, meeting: Meeting | None) -> Meeting | None:
    if meeting is None:
        return None
    is_theirs = meeting.group_id in actor.member_of or meeting.group.assignment_id in actor.supervises
    return meeting if is_theirs else None


@cache
def _meeting() -> Select[tuple[Meeting]]:
    # Asked at each tap: a statement that is built once is told apart from others only once, too.
    return (
        select(Meeting)
        .join(Meeting.group)
        .where(Meeting.id == bindparam("meeting_id"))
        .options(contains_eager(Meeting.group))
    )


@cache
def _locked_meeting() -> Select[tuple[Meeting]]:
    return _meeting().with_for_update(of=Meeting).execution_options(populate_existing=True)


def log_of(session: Session, meeting_id: uuid.UUID, after: int = 0) -> list[Event]:
    """Return the log of a meeting in order, from the event after seq `after`: one query."""
    rows = session.scalars(
        select(LiveEvent).where(LiveEvent.meeting_id == meeting_id, LiveEvent.seq > after).order_by(LiveEvent.seq)
    )
    return [Event(row.seq, row.kind, row.at, row.device_id, row.device_event_id, None, row.data) for row in rows]


def state_of(session: Session, meeting: Meeting) -> RoundState:
    """Return the round of a meeting as its log has made it; a meeting without a log is not started."""
    return fold(log_of(session, meeting.id))


def last_at(session: Session, meeting_id: uuid.UUID) -> datetime | None:
    """Return the instant of the last event in the log; None for an empty one."""
    return session.scalar(
        select(LiveEvent.at).where(LiveEvent.meeting_id == meeting_id).order_by(LiveEvent.seq.desc()).limit(1)
    )


def last_seq(session: Session, meeting_id: uuid.UUID) -> int:
    """Return the number of the last event in the log; 0 for an empty one."""
    return session.scalar(select(func.max(LiveEvent.seq)).where(LiveEvent.meeting_id == meeting_id)) or 0


def refused_of(session: Session, meeting_id: uuid.UUID, event_ids: Sequence[str]) -> Sequence[LiveEvent]:
    """Return those of a device's events that the log has as refused; no query without ids."""
    if not event_ids:
        return []
    return session.scalars(
        select(LiveEvent).where(
            LiveEvent.meeting_id == meeting_id, LiveEvent.kind == "refused", LiveEvent.device_event_id.in_(event_ids)
        )
    ).all()


def control_of(session: Session, meeting_id: uuid.UUID) -> LiveControl | None:
    """Return which device controls the round."""
    return session.get(LiveControl, meeting_id)


def summary_of(session: Session, meeting_id: uuid.UUID) -> LiveSummary | None:
    """Return what stays of a round."""
    return session.get(LiveSummary, meeting_id)


def seats_of(session: Session, meeting: Meeting) -> Sequence[Membership]:
    """Return the seats of the meeting's group with their people, in the order of places."""
    return session.scalars(
        select(Membership)
        .where(Membership.group_id == meeting.group_id, Membership.left_at.is_(None))
        .options(joinedload(Membership.person))
        .order_by(Membership.place_no, Membership.joined_at, Membership.id)
    ).all()


def not_coming(session: Session, meeting_id: uuid.UUID) -> frozenset[uuid.UUID]:
    """Return who has answered that they cannot come; no answer means coming."""
    return frozenset(
        session.scalars(select(Answer.person_id).where(Answer.meeting_id == meeting_id, Answer.is_coming.is_(False)))
    )


def chosen_cases(session: Session, meeting_id: uuid.UUID) -> Sequence[Case]:
    """Return the cases chosen for a meeting, urgent ones first, then in the order they were offered."""
    return session.scalars(
        select(Case)
        .where(Case.meeting_id == meeting_id, Case.status == "chosen")
        .order_by(Case.is_urgent.desc(), Case.offered_at, Case.id)
    ).all()


def promised_turns(session: Session, meeting_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return who has been told "you are next" for a meeting and has not stepped back, in the order they were told."""
    return session.scalars(
        select(TurnPromise.person_id)
        .where(TurnPromise.meeting_id == meeting_id, TurnPromise.stepped_back_at.is_(None))
        .order_by(TurnPromise.told_at, TurnPromise.id)
    ).all()
