"""Every SELECT about the installation as a whole; a fixed number of queries, however much there is."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, case, distinct, exists, func, or_, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload

from supervision.factors.models import Passkey
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.operations.models import Installation, SweepRun
from supervision.operations.rules import COMING_DAYS, GIVEN_UP_DAYS, LEADING, Counts, Jobs, MailState, Sweep
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.outbox.models import Mail
from supervision.people.models import Person
from supervision.single_sign_on.models import OuterIdentity


@dataclass(frozen=True, slots=True)
class Coordinator:
    """A coordinator as the operator knows one: name, address, and whether they have come in."""

    holding_id: uuid.UUID
    name: str
    email: str
    has_come: bool


@dataclass(frozen=True, slots=True)
class Office:
    """An organisation and who coordinates it."""

    organisation_id: uuid.UUID
    name: str
    coordinators: tuple[Coordinator, ...]


def get_installation(_session: Session, actor: Actor) -> Installation | None:
    """Return the installation to its operators; for everyone else there is none."""
    return Installation() if actor.is_operator else None


def get_organisation(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Organisation | None:
    """Return an organisation to an operator, who may let its coordinators in."""
    return session.get(Organisation, organisation_id) if actor.is_operator else None


def get_coordinator(session: Session, actor: Actor, holding_id: uuid.UUID) -> RoleHolding | None:
    """Return a coordinator's role, with who has it and where, to an operator; managers are hidden from them."""
    if not actor.is_operator:
        return None
    return session.scalar(
        select(RoleHolding)
        .where(RoleHolding.id == holding_id, RoleHolding.role == "coordinator")
        .options(joinedload(RoleHolding.person), joinedload(RoleHolding.organisation))
    )


def has_come(session: Session, person_id: uuid.UUID) -> bool:
    """Return whether someone has a way in of their own: a password, a passkey or a provider."""
    return bool(session.scalar(select(_has_key()).where(Person.id == person_id)))


def _has_key() -> ColumnElement[bool]:
    return or_(
        Person.password_hash.is_not(None),
        exists().where(Passkey.person_id == Person.id),
        exists().where(OuterIdentity.person_id == Person.id),
    )


def offices(session: Session) -> Sequence[Office]:
    """Return every organisation by name, with its coordinators by the name under which each was invited.

    Their own would tell an operator whose address it is that they have tried.
    """
    shown = func.coalesce(func.nullif(RoleHolding.invited_as, ""), Person.name).label("who")
    rows = session.execute(
        select(
            Organisation.id,
            Organisation.name,
            RoleHolding.id.label("holding_id"),
            shown,
            Person.email,
            _has_key().label("has_come"),
        )
        .outerjoin(RoleHolding, and_(RoleHolding.organisation_id == Organisation.id, RoleHolding.role == "coordinator"))
        .outerjoin(Person, Person.id == RoleHolding.person_id)
        .order_by(Organisation.name, Organisation.id, shown, RoleHolding.id)
    ).all()
    found: dict[uuid.UUID, tuple[str, list[Coordinator]]] = {}
    for row in rows:
        _name, people = found.setdefault(row.id, (row.name, []))
        if row.holding_id is not None:
            people.append(Coordinator(row.holding_id, row.who, row.email, bool(row.has_come)))
    return [Office(key, name, tuple(people)) for key, (name, people) in found.items()]


def people_of_office(session: Session, organisation_id: uuid.UUID) -> Sequence[Person]:
    """Return an organisation's coordinators and the supervisors who work for it: they are told who is let in."""
    coordinates = select(RoleHolding.person_id).where(
        RoleHolding.organisation_id == organisation_id, RoleHolding.role == "coordinator"
    )
    supervises = select(Assignment.supervisor_id).where(Assignment.organisation_id == organisation_id)
    opened = select(Organisation.created_by_id).where(
        Organisation.id == organisation_id, Organisation.created_by_id.is_not(None)
    )
    wanted = or_(Person.id.in_(coordinates), Person.id.in_(supervises), Person.id.in_(opened))
    return session.scalars(select(Person).where(wanted).order_by(Person.id)).all()


def revision(session: Session) -> str | None:
    """Return the revision of the tables; empty when there are none, None when the database does not answer."""
    try:
        session.connection()
    except SQLAlchemyError:
        session.rollback()
        return None
    try:
        return session.scalar(text("SELECT version_num FROM alembic_version")) or ""
    except SQLAlchemyError:
        session.rollback()
        return ""


def kept_runs(session: Session) -> dict[str, SweepRun]:
    """Return name -> what is written down of each job, and of the leader."""
    return {row.name: row for row in session.scalars(select(SweepRun))}


def jobs(session: Session) -> Jobs:
    """Return whether a jobs process leads and what its sweeps have done."""
    rows = kept_runs(session)
    leader = rows.pop(LEADING, None)
    return Jobs(
        leader.started_at if leader else None,
        leader.noted_at if leader else None,
        tuple(
            Sweep(one.name, one.period_s, one.started_at, one.finished_at, one.faulted_at, one.fault)
            for one in sorted(rows.values(), key=lambda row: row.name)
        ),
    )


def mail(session: Session, now: datetime) -> MailState:
    """Return how the outbox stands: what is due, what servers refused, and by what kind of fault."""
    waits = and_(Mail.sent_at.is_(None), Mail.given_up_at.is_(None))
    is_due = and_(waits, Mail.send_after_at <= now)
    is_refused = and_(waits, Mail.attempts > 0)
    is_given_up = Mail.given_up_at > now - timedelta(days=GIVEN_UP_DAYS)
    waiting, oldest_at, refused, given_up = session.execute(
        select(
            func.count(case((is_due, 1))),
            func.min(case((is_due, Mail.send_after_at))),
            func.count(case((is_refused, 1))),
            func.count(case((is_given_up, 1))),
        ).where(or_(waits, is_given_up))
    ).one()
    faults = session.execute(
        select(Mail.fault, func.count())
        .where(or_(is_refused, is_given_up), Mail.fault != "")
        .group_by(Mail.fault)
        .order_by(func.count().desc(), Mail.fault)
    )
    return MailState(waiting, oldest_at, refused, given_up, tuple((kind, count) for kind, count in faults))


def counts(session: Session, now: datetime, today: date) -> Counts:
    """Return how much there is in the whole installation, in one query."""
    going_on = or_(Membership.left_at.is_(None), Membership.left_at > now)
    coming = and_(
        Meeting.status == "planned", Meeting.starts_at >= now, Meeting.starts_at < now + timedelta(days=COMING_DAYS)
    )
    row = session.execute(
        select(
            _count(select(func.count(Organisation.id))),
            _count(select(func.count(Assignment.id)).where(Assignment.ends_on >= today)),
            _count(select(func.count(Group.id)).where(Group.status == "running")),
            _count(select(func.count(Meeting.id)).where(coming)),
            _count(select(func.count(Person.id)).where(Person.is_supervisor.is_(True))),
            _count(_holders("manager")),
            _count(_holders("coordinator")),
            _count(select(func.count(distinct(Membership.person_id))).where(going_on)),
        )
    ).one()
    return Counts(*(number or 0 for number in row))


def _count(asked: Select[tuple[int]]) -> ColumnElement[int]:
    return asked.scalar_subquery()


def _holders(role: str) -> Select[tuple[int]]:
    return select(func.count(distinct(RoleHolding.person_id))).where(RoleHolding.role == role)
