"""Every SELECT about requests for cover."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, not_, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from supervision.cover.models import CoverRequest
from supervision.cover.rules import CURRENT, REMIND_BEFORE
from supervision.factors.models import Passkey
from supervision.groups.models import Membership
from supervision.kernel.actor import Actor
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.orgs.models import RoleHolding
from supervision.people.models import Person
from supervision.single_sign_on.models import OuterIdentity


def get_meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> Meeting | None:
    """Return a meeting of a group in which the actor has a seat; for everyone else there is no such page."""
    meeting = meetings.get_meeting(session, actor, meeting_id)
    return meeting if meeting is not None and meeting.group_id in actor.member_of else None


def get_own(session: Session, actor: Actor, cover_id: uuid.UUID) -> CoverRequest | None:
    """Return a request the actor has made."""
    return session.scalar(_requests().where(CoverRequest.id == cover_id, CoverRequest.person_id == actor.person_id))


def get_asked(session: Session, actor: Actor, cover_id: uuid.UUID) -> CoverRequest | None:
    """Return a request to an organisation the actor plans for."""
    return session.scalar(
        _requests().where(
            CoverRequest.id == cover_id, CoverRequest.organisation_id.in_(actor.coordinates - actor.manages)
        )
    )


def own_for(session: Session, person_id: uuid.UUID, meeting: Meeting) -> CoverRequest | None:
    """Return someone's request for a meeting as it stands; not one for a time the meeting was moved from."""
    return session.scalar(
        _requests()
        .where(CoverRequest.person_id == person_id, CoverRequest.meeting_id == meeting.id, _is_current())
        .limit(1)
    )


def own_over(session: Session, person_id: uuid.UUID, meeting: Meeting) -> Sequence[CoverRequest]:
    """Return someone's requests for a time a meeting was moved from, which no job has ended yet; locked."""
    return session.scalars(
        _requests()
        .where(
            CoverRequest.person_id == person_id,
            CoverRequest.meeting_id == meeting.id,
            CoverRequest.status.in_(CURRENT),
            not_(_stands()),
        )
        .with_for_update(of=CoverRequest)
    ).all()


def own_states(session: Session, person_id: uuid.UUID, meeting_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, str]:
    """Return meeting id -> where someone's own request stands: one query."""
    rows = session.execute(
        select(CoverRequest.meeting_id, CoverRequest.status).where(
            CoverRequest.person_id == person_id, CoverRequest.meeting_id.in_(meeting_ids), _is_current()
        )
    )
    return dict(rows.tuples().all())


def asked_of(session: Session, actor: Actor, now: datetime) -> Sequence[CoverRequest]:
    """Return what the actor's organisations are asked, soonest first; what has begun or ended is not shown."""
    return session.scalars(
        _requests()
        .where(
            CoverRequest.organisation_id.in_(actor.coordinates - actor.manages),
            CoverRequest.starts_at > now,
            _is_current(),
        )
        .order_by(CoverRequest.starts_at, CoverRequest.asked_at, CoverRequest.id)
    ).all()


def open_asked(session: Session, actor: Actor, now: datetime) -> tuple[int, datetime | None]:
    """Return how many requests wait for an answer of the actor's organisations, and when the first begins."""
    count, first = session.execute(
        select(func.count(), func.min(CoverRequest.starts_at, type_=CoverRequest.starts_at.type)).where(
            CoverRequest.organisation_id.in_(actor.coordinates - actor.manages),
            CoverRequest.starts_at > now,
            CoverRequest.status == "open",
            _stands(),
        )
    ).one()
    return count, first


def planners_of(session: Session, organisation_id: uuid.UUID) -> Sequence[Person]:
    """Return the coordinators of an organisation who can sign in as such and do not manage it."""
    managing = aliased(RoleHolding)
    return session.scalars(
        select(Person)
        .join(RoleHolding, RoleHolding.person_id == Person.id)
        .where(
            RoleHolding.organisation_id == organisation_id,
            RoleHolding.role == "coordinator",
            or_(
                Person.password_hash.is_not(None),
                exists().where(Passkey.person_id == Person.id),
                exists().where(OuterIdentity.person_id == Person.id),
            ),
            ~exists().where(
                managing.person_id == Person.id,
                managing.organisation_id == organisation_id,
                managing.role == "manager",
            ),
        )
        .order_by(Person.id)
    ).all()


def has_planner(session: Session, organisation_id: uuid.UUID) -> bool:
    """Return whether someone of the organisation can answer."""
    return bool(planners_of(session, organisation_id))


def lock(session: Session, request: CoverRequest) -> None:
    """Read where a request stands anew, and let nobody else change it until the transaction ends."""
    session.flush()
    session.refresh(request, ["status", "reminded_at"], with_for_update=True)


def lock_meeting(session: Session, meeting: Meeting) -> None:
    """Hold a meeting until the transaction ends, so that one person asks once."""
    session.refresh(meeting, ["status", "starts_at", "ends_at"], with_for_update=True)


def due_reminders(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return the ids of open requests of which the planner is to be reminded."""
    return session.scalars(
        select(CoverRequest.id)
        .where(
            CoverRequest.status == "open",
            CoverRequest.reminded_at.is_(None),
            CoverRequest.starts_at > now,
            CoverRequest.starts_at <= now + REMIND_BEFORE,
            _stands(),
        )
        .order_by(CoverRequest.starts_at, CoverRequest.id)
    ).all()


def over(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return the ids of requests still ahead whose date was moved or cancelled, or whose member has left."""
    return session.scalars(
        select(CoverRequest.id)
        .where(CoverRequest.status.in_(CURRENT), CoverRequest.starts_at > now, not_(_stands()))
        .order_by(CoverRequest.id)
    ).all()


def find(session: Session, request_id: uuid.UUID) -> CoverRequest | None:
    """Return a request for a job, locked until the transaction ends."""
    return session.scalar(_requests().where(CoverRequest.id == request_id).with_for_update(of=CoverRequest))


def _requests() -> Select[tuple[CoverRequest]]:
    return select(CoverRequest).options(
        joinedload(CoverRequest.person, innerjoin=True), joinedload(CoverRequest.organisation, innerjoin=True)
    )


def _is_current() -> ColumnElement[bool]:
    return and_(CoverRequest.status.in_(CURRENT), _stands())


def _stands() -> ColumnElement[bool]:
    """Whether what was asked for still is so: the meeting at that time, and the seat."""
    return (
        exists()
        .where(
            Meeting.id == CoverRequest.meeting_id,
            Meeting.status != "cancelled",
            Meeting.starts_at == CoverRequest.starts_at,
            Meeting.ends_at == CoverRequest.ends_at,
            Membership.group_id == Meeting.group_id,
            Membership.person_id == CoverRequest.person_id,
            Membership.left_at.is_(None),
        )
        .correlate(CoverRequest)
    )
