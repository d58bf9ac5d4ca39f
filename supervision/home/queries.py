"""What start pages need across features; a fixed number of queries, however much there is."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, bindparam, func, or_, select
from sqlalchemy.orm import Session, contains_eager

from supervision.cases.models import Case
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.groups.models import Group, Membership, SignUp
from supervision.home.rules import LOOK_BACK_DAYS, NEW_DAYS
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment, Organisation

# A statement that is built once is also compiled once; building one anew costs more than running it.
_OFFERED = (
    select(Case.group_id, func.count())
    .where(Case.group_id.in_(bindparam("groups", expanding=True)), Case.status == "offered")
    .group_by(Case.group_id)
)
_OWN_GROUPS = (
    select(Group)
    .join(Group.assignment)
    .join(Assignment.organisation)
    .options(contains_eager(Group.assignment).contains_eager(Assignment.organisation))
    .where(Group.assignment_id.in_(bindparam("assignments", expanding=True)), Group.status != "ended")
    .order_by(Group.name)
)
_OWN_ASSIGNMENTS = (
    select(Assignment)
    .where(Assignment.id.in_(bindparam("assignments", expanding=True)))
    .order_by(Assignment.starts_on.desc(), Assignment.title)
)
_UNRECORDED = (
    select(Meeting)
    .join(Meeting.group)
    .options(contains_eager(Meeting.group))
    .where(
        Group.assignment_id.in_(bindparam("assignments", expanding=True)),
        Meeting.ends_at <= bindparam("now"),
        Meeting.starts_at > bindparam("since"),
        or_(
            Meeting.status.in_(("planned", "live")),
            and_(Meeting.status == "held", Meeting.attendance_done_at.is_(None)),
        ),
    )
    .order_by(Meeting.starts_at, Meeting.id)
)
_WITHOUT_SEAT = (
    select(Assignment.id, Assignment.title, func.count(SignUp.id))
    .join(SignUp, SignUp.assignment_id == Assignment.id)
    .where(
        or_(
            Assignment.id.in_(bindparam("assignments", expanding=True)),
            Assignment.organisation_id.in_(bindparam("organisations", expanding=True)),
        ),
        SignUp.withdrawn_at.is_(None),
        ~select(Membership.id)
        .join(Group, Group.id == Membership.group_id)
        .where(
            Membership.person_id == SignUp.person_id,
            Membership.left_at.is_(None),
            Group.assignment_id == Assignment.id,
        )
        .exists(),
    )
    .group_by(Assignment.id, Assignment.title)
    .order_by(Assignment.title, Assignment.id)
)
_FORMING = (
    select(Group.name, Group.taken, Group.seats, Assignment.id)
    .join(Assignment, Assignment.id == Group.assignment_id)
    .where(Assignment.organisation_id.in_(bindparam("organisations", expanding=True)), Group.status == "forming")
    .order_by(Group.name, Group.id)
)
_RELEASED = (
    select(Assignment.id, Assignment.title, EvaluationRelease.released_at)
    .join(Campaign, Campaign.assignment_id == Assignment.id)
    .join(EvaluationRelease, EvaluationRelease.campaign_id == Campaign.id)
    .where(
        Assignment.organisation_id.in_(bindparam("organisations", expanding=True)),
        EvaluationRelease.released_at > bindparam("since"),
    )
    .order_by(EvaluationRelease.released_at.desc(), Assignment.id)
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many have signed up for an assignment and have no seat in it; nobody's name."""

    assignment_id: uuid.UUID
    title: str
    count: int


@dataclass(frozen=True, slots=True)
class Forming:
    """A group that is filling: its name and seats; nobody's name."""

    name: str
    taken: int
    seats: int
    assignment_id: uuid.UUID


@dataclass(frozen=True, slots=True)
class Released:
    """A result that can be read."""

    assignment_id: uuid.UUID
    title: str
    released_at: datetime


def own_groups(session: Session, actor: Actor) -> Sequence[Group]:
    """Return the groups a supervisor runs that have not ended, with assignment and organisation."""
    return session.scalars(_OWN_GROUPS, {"assignments": list(actor.supervises)}).all()


def own_assignments(session: Session, actor: Actor) -> Sequence[Assignment]:
    """Return the assignments a supervisor runs, the newest first."""
    return session.scalars(_OWN_ASSIGNMENTS, {"assignments": list(actor.supervises)}).all()


def offered_cases(session: Session, group_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return group id -> how many cases and dilemmas have been shown to the supervisor and wait."""
    return dict(session.execute(_OFFERED, {"groups": list(group_ids)}).tuples().all())


def unrecorded(session: Session, actor: Actor, now: datetime) -> Sequence[Meeting]:
    """Return the meetings of two months that are over and of which nobody has recorded who was there."""
    since = now - timedelta(days=LOOK_BACK_DAYS)
    asked = {"assignments": list(actor.supervises), "now": now, "since": since}
    return session.scalars(_UNRECORDED, asked).all()


def without_seat(session: Session, actor: Actor) -> Sequence[Waiting]:
    """Return how many have signed up and have no seat, per assignment the actor supervises or plans for.

    Whoever manages there is not told, whatever else they are (PRIVACY: who may do what, person).
    """
    asked = {"assignments": list(actor.supervises), "organisations": list(actor.coordinates - actor.manages)}
    return [Waiting(*row) for row in session.execute(_WITHOUT_SEAT, asked)]


def forming(session: Session, actor: Actor) -> Sequence[Forming]:
    """Return the groups of the actor's organisations that are filling, as their coordinator may know them."""
    asked = {"organisations": list(actor.coordinates - actor.manages)}
    return [Forming(*row) for row in session.execute(_FORMING, asked)]


def released(session: Session, actor: Actor, now: datetime) -> Sequence[Released]:
    """Return the results that were released to the actor's organisations in the last month."""
    asked = {"organisations": list(actor.manages), "since": now - timedelta(days=NEW_DAYS)}
    return [Released(*row) for row in session.execute(_RELEASED, asked)]


def office_assignments(session: Session, actor: Actor) -> Sequence[Assignment]:
    """Return the assignments of the organisations the actor manages or coordinates, the newest first."""
    return session.scalars(
        select(Assignment)
        .join(Assignment.organisation)
        .join(Assignment.supervisor)
        .options(contains_eager(Assignment.organisation), contains_eager(Assignment.supervisor))
        .where(Organisation.id.in_(actor.manages | actor.coordinates))
        .order_by(Assignment.starts_on.desc(), Assignment.title)
    ).all()
