"""Every SELECT about versions of the agreement: who has accepted which, and who is to be reminded."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, ScalarSelect, String, column, exists, func, select, table
from sqlalchemy.orm import Session, aliased, contains_eager

from supervision.groups.models import Agreement, AgreementAcceptance, Group, Membership
from supervision.kernel.actor import Actor
from supervision.store.base import UtcDateTime

# Meetings are a feature above this one; only the instant of the next one is read, by the table's name.
_meeting = table(
    "meeting", column("group_id", Group.id.type), column("starts_at", UtcDateTime()), column("status", String())
)


@dataclass(frozen=True, slots=True)
class Accepted:
    """Which version someone accepted last, and when."""

    version: int
    accepted_at: datetime


def versions_of(session: Session, group_id: uuid.UUID) -> Sequence[Agreement]:
    """Return every version of a group's agreement, the newest first."""
    return session.scalars(
        select(Agreement).where(Agreement.group_id == group_id).order_by(Agreement.version.desc())
    ).all()


def accepted_of(session: Session, group_id: uuid.UUID) -> Mapping[uuid.UUID, Accepted]:
    """Return person id -> the newest version they have accepted: one query."""
    rows = session.execute(
        select(AgreementAcceptance.person_id, Agreement.version, AgreementAcceptance.accepted_at)
        .join(Agreement, Agreement.id == AgreementAcceptance.agreement_id)
        .where(Agreement.group_id == group_id)
        .order_by(Agreement.version)
    )
    return {person_id: Accepted(version, at) for person_id, version, at in rows}


def accepted_by(session: Session, person_id: uuid.UUID, group_id: uuid.UUID) -> Accepted | None:
    """Return the newest version one person has accepted."""
    row = session.execute(
        select(Agreement.version, AgreementAcceptance.accepted_at)
        .join(AgreementAcceptance, AgreementAcceptance.agreement_id == Agreement.id)
        .where(Agreement.group_id == group_id, AgreementAcceptance.person_id == person_id)
        .order_by(Agreement.version.desc())
        .limit(1)
    ).one_or_none()
    return Accepted(*row) if row else None


def groups_to_accept(session: Session, actor: Actor, now: datetime) -> Sequence[tuple[Group, datetime | None]]:
    """Return the actor's groups whose newest agreement they have not accepted, with their next date: one query."""
    next_at = func.min(_meeting.c.starts_at, type_=UtcDateTime())
    rows = session.execute(
        select(Group, next_at)
        .outerjoin(
            _meeting,
            (_meeting.c.group_id == Group.id) & (_meeting.c.status == "planned") & (_meeting.c.starts_at > now),
        )
        .where(Group.id.in_(actor.member_of), ~_has_accepted_newest(actor.id))
        .group_by(Group.id)
        .order_by(Group.name)
    )
    return [(group, at) for group, at in rows]


def to_remind(session: Session, now: datetime, before: timedelta) -> Sequence[uuid.UUID]:
    """Return seats whose group meets within `before` and whose newest agreement is neither accepted nor reminded of."""
    soon = exists().where(
        _meeting.c.group_id == Membership.group_id,
        _meeting.c.status == "planned",
        _meeting.c.starts_at > now,
        _meeting.c.starts_at <= now + before,
    )
    accepted = exists().where(
        AgreementAcceptance.agreement_id == Agreement.id, AgreementAcceptance.person_id == Membership.person_id
    )
    return session.scalars(
        select(Membership.id)
        .join(Agreement, Agreement.group_id == Membership.group_id)
        .where(
            Membership.left_at.is_(None),
            Agreement.version == _newest(),
            Agreement.version > Membership.agreement_reminded,
            ~accepted,
            soon,
        )
        .order_by(Membership.id)
    ).all()


def lock_seat(session: Session, membership_id: uuid.UUID) -> Membership | None:
    """Return a seat with its person and group, locked; None when it has been left."""
    return session.scalar(
        select(Membership)
        .join(Membership.person)
        .join(Membership.group)
        .options(contains_eager(Membership.person), contains_eager(Membership.group).joinedload(Group.assignment))
        .where(Membership.id == membership_id, Membership.left_at.is_(None))
        .with_for_update(of=Membership)
        .execution_options(populate_existing=True)
    )


def _newest() -> ScalarSelect[int | None]:
    newer = aliased(Agreement)
    return (
        select(func.max(newer.version))
        .where(newer.group_id == Agreement.group_id)
        .correlate(Agreement)
        .scalar_subquery()
    )


def _has_accepted_newest(person_id: uuid.UUID) -> ColumnElement[bool]:
    """Whether a person has accepted a group's newest version; a group without any asks for none."""
    return ~(
        exists()
        .where(
            Agreement.group_id == Group.id,
            Agreement.version == _newest(),
            ~exists().where(
                AgreementAcceptance.agreement_id == Agreement.id, AgreementAcceptance.person_id == person_id
            ),
        )
        .correlate(Group)
    )
