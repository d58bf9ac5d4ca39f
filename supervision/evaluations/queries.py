"""Every SELECT about evaluations. While one is open, nothing here counts answers (PRIVACY: evaluations)."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, bindparam, case, distinct, false, func, select, text
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease, RegisterEntry
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.meetings.models import Attendance, Meeting
from supervision.orgs.models import Assignment
from supervision.people.models import Person

CLOSED = ("released", "destroyed", "void")


@dataclass(frozen=True, slots=True)
class OwnCampaign:
    """An evaluation as a member of one of its groups sees it; nothing of anybody else's."""

    campaign: Campaign
    group_id: uuid.UUID
    group_name: str
    zone: str
    is_done: bool


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, from an instant until another."""

    from_at: datetime
    until_at: datetime


@dataclass(frozen=True, slots=True)
class Fullness:
    """How full the seats of a span were: held meetings, seats (once per meeting) and how many of them were taken.

    `people` is of how many there is a record: a band of fewer than five would be about single people.
    """

    meetings: int
    people: int
    seats: int
    attended: int


def get_own(session: Session, actor: Actor, campaign_id: uuid.UUID) -> OwnCampaign | None:
    """Return an evaluation this actor is asked in, or one that has closed and was about a group of theirs.

    The register is gone after closing, so that membership is all there is to go by.
    """
    found = get_open(session, actor, campaign_id)
    if found is not None:
        return found
    row = session.execute(
        select(Campaign, Group.id, Group.name, Group.zone, false())
        .join(Group, Group.assignment_id == Campaign.assignment_id)
        .where(Campaign.id == campaign_id, Campaign.status.in_(CLOSED), Group.id.in_(actor.member_of))
        .order_by(Group.name)
        .limit(1)
    ).one_or_none()
    return OwnCampaign(*row) if row else None


def get_open(session: Session, actor: Actor, campaign_id: uuid.UUID) -> OwnCampaign | None:
    """Return an open evaluation if this actor is in its register, with their own group's name."""
    row = session.execute(
        select(Campaign, Group.id, Group.name, Group.zone, RegisterEntry.done)
        .join(RegisterEntry, RegisterEntry.campaign_id == Campaign.id)
        .join(Group, Group.id == RegisterEntry.group_id)
        .where(Campaign.id == campaign_id, Campaign.status == "open", RegisterEntry.person_id == actor.id)
    ).one_or_none()
    return OwnCampaign(*row) if row else None


def open_for(session: Session, actor: Actor, now: datetime) -> Sequence[Campaign]:
    """Return the open evaluations this actor can still answer."""
    return session.scalars(_open(), {"person_id": actor.person_id, "now": now}).all()


@cache
def _open() -> Select[tuple[Campaign]]:
    return (
        select(Campaign)
        .join(RegisterEntry, RegisterEntry.campaign_id == Campaign.id)
        .where(
            Campaign.status == "open",
            Campaign.closes_at > bindparam("now"),
            RegisterEntry.person_id == bindparam("person_id"),
            RegisterEntry.done.is_(False),
        )
        .order_by(Campaign.closes_at)
    )


def lock_campaign(session: Session, campaign_id: uuid.UUID) -> Campaign | None:
    """Return a campaign, held until the transaction ends, with its assignment's organisation."""
    return session.scalar(
        select(Campaign)
        .where(Campaign.id == campaign_id)
        .join(Campaign.assignment)
        .join(Assignment.organisation)
        .options(contains_eager(Campaign.assignment).contains_eager(Assignment.organisation))
        .with_for_update(of=Campaign)
        .execution_options(populate_existing=True)
    )


def lock_assignment(session: Session, assignment_id: uuid.UUID) -> None:
    """Hold an assignment until the transaction ends, so that no two evaluations are planned for it at once."""
    session.execute(select(Assignment.id).where(Assignment.id == assignment_id).with_for_update())


def campaigns_of(session: Session, assignment_id: uuid.UUID) -> Sequence[Campaign]:
    """Return every evaluation of an assignment, the oldest first."""
    return session.scalars(
        select(Campaign).where(Campaign.assignment_id == assignment_id).order_by(Campaign.opens_at)
    ).all()


def open_campaign_of(session: Session, assignment_id: uuid.UUID) -> Campaign | None:
    """Return an assignment's open evaluation."""
    return session.scalar(
        select(Campaign).where(Campaign.assignment_id == assignment_id, Campaign.status == "open").limit(1)
    )


def due_campaigns(session: Session, status: str, now: datetime) -> Sequence[uuid.UUID]:
    """Return the planned campaigns whose opening, or the open ones whose closing, has come."""
    at = {"planned": Campaign.opens_at, "open": Campaign.closes_at}[status]
    return session.scalars(select(Campaign.id).where(Campaign.status == status, at <= now).order_by(Campaign.id)).all()


def unreminded_campaigns(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return the open campaigns whose roster has not been reminded, before their closing."""
    waiting = (Campaign.status == "open", Campaign.reminded_at.is_(None), Campaign.closes_at > now)
    return session.scalars(select(Campaign.id).where(*waiting).order_by(Campaign.id)).all()


def status_of(session: Session, campaign_id: uuid.UUID) -> str | None:
    """Return a campaign's status, None when there is no such campaign."""
    return session.scalar(select(Campaign.status).where(Campaign.id == campaign_id))


def settle_campaigns(session: Session) -> None:
    """Wait for every transaction that is writing a campaign, and let none begin until this one ends.

    SQLite has one writer anyway. Called before a key without a campaign is taken for a remnant.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("LOCK TABLE campaign IN SHARE MODE"))


def people_of(session: Session, campaign_id: uuid.UUID) -> Sequence[Person]:
    """Return everyone in a campaign's register, whoever has answered."""
    return session.scalars(
        select(Person)
        .join(RegisterEntry, RegisterEntry.person_id == Person.id)
        .where(RegisterEntry.campaign_id == campaign_id)
        .order_by(Person.id)
    ).all()


def assignments_running(session: Session) -> Sequence[Assignment]:
    """Return the assignments with a running group, with their organisations."""
    running = select(Group.assignment_id).where(Group.status == "running")
    return session.scalars(
        select(Assignment)
        .where(Assignment.id.in_(running))
        .options(joinedload(Assignment.organisation))
        .order_by(Assignment.id)
    ).all()


def earliest_first_on(session: Session, assignment_id: uuid.UUID) -> object:
    """Return the first date of the earliest of an assignment's running groups, or None."""
    return session.scalar(
        select(func.min(Group.first_on)).where(Group.assignment_id == assignment_id, Group.status == "running")
    )


def count_groups(session: Session, assignment_id: uuid.UUID) -> int:
    """Return how many groups an assignment has."""
    return session.scalar(select(func.count()).where(Group.assignment_id == assignment_id)) or 0


def roster(session: Session, assignment_id: uuid.UUID) -> Sequence[Membership]:
    """Return every seat taken now in the running groups of an assignment, with the person."""
    return session.scalars(
        select(Membership)
        .join(Group, Group.id == Membership.group_id)
        .where(Group.assignment_id == assignment_id, Group.status == "running", Membership.left_at.is_(None))
        .options(joinedload(Membership.person))
        .order_by(Membership.id)
    ).all()


def entry_of(session: Session, campaign_id: uuid.UUID, person_id: uuid.UUID) -> RegisterEntry | None:
    """Return a person's own line of the register as it stands now; asked only by the double-vote check."""
    return session.get(RegisterEntry, (campaign_id, person_id), populate_existing=True)


def register_of(session: Session, campaign_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the register as rows; asked only by closing."""
    return _rows(session, RegisterEntry, campaign_id)


def ballots_of(session: Session, campaign_id: uuid.UUID) -> list[dict[str, Any]]:
    """Return the sealed ballots of a campaign as rows."""
    return _rows(session, Ballot, campaign_id)


def _rows(session: Session, table: type[RegisterEntry | Ballot], campaign_id: uuid.UUID) -> list[dict[str, Any]]:
    found = session.execute(select(*table.__table__.columns).where(table.campaign_id == campaign_id))
    return [dict(row) for row in found.mappings()]


def group_names(session: Session, group_ids: Sequence[uuid.UUID]) -> dict[str, str]:
    """Return group id as text -> name."""
    rows = session.execute(select(Group.id, Group.name).where(Group.id.in_(group_ids)).order_by(Group.name))
    return {str(group_id): name for group_id, name in rows}


def releases_of(session: Session, assignment_id: uuid.UUID) -> Sequence[EvaluationRelease]:
    """Return the releases of an assignment's closed evaluations, the oldest first."""
    return session.scalars(
        select(EvaluationRelease)
        .join(Campaign, Campaign.id == EvaluationRelease.campaign_id)
        .where(Campaign.assignment_id == assignment_id)
        .order_by(EvaluationRelease.released_at)
    ).all()


def is_void(session: Session, assignment_id: uuid.UUID) -> bool:
    """Whether the newest closed evaluation was lost with its key."""
    newest = session.scalar(
        select(Campaign.status)
        .where(Campaign.assignment_id == assignment_id, Campaign.status.in_(CLOSED))
        .order_by(Campaign.opens_at.desc())
        .limit(1)
    )
    return newest == "void"


def fullness(session: Session, assignment_id: uuid.UUID, spans: Sequence[Span]) -> dict[int, Fullness]:
    """Return the fullness of each span, by its place in the list: two queries of sums, no person and no meeting.

    Only held meetings whose attendance has been recorded; late and gone early count as there.
    """
    if not spans:
        return {}
    there = (
        select(func.count())
        .where(Attendance.meeting_id == Meeting.id, Attendance.kind != "absent")
        .correlate(Meeting)
        .scalar_subquery()
    )
    within = [(Meeting.starts_at.between(span.from_at, span.until_at), place) for place, span in enumerate(spans)]
    recorded = (
        Group.assignment_id == assignment_id,
        Meeting.status == "held",
        Meeting.attendance_done_at.is_not(None),
    )
    each = (
        select(case(*within).label("place"), Group.seats.label("seats"), there.label("attended"))
        .join(Group, Group.id == Meeting.group_id)
        .where(*recorded)
        .subquery()
    )
    rows = session.execute(
        select(each.c.place, func.count(), func.sum(each.c.seats), func.sum(each.c.attended))
        .where(each.c.place.is_not(None))
        .group_by(each.c.place)
    )
    known = (
        select(case(*within).label("place"), Attendance.person_id)
        .join(Meeting, Meeting.id == Attendance.meeting_id)
        .join(Group, Group.id == Meeting.group_id)
        .where(*recorded)
        .subquery()
    )
    counted = session.execute(
        select(known.c.place, func.count(distinct(known.c.person_id)))
        .where(known.c.place.is_not(None))
        .group_by(known.c.place)
    )
    people = {int(place): int(n) for place, n in counted}
    return {
        int(place): Fullness(int(n), people.get(int(place), 0), int(seats), int(attended))
        for place, n, seats, attended in rows
    }
