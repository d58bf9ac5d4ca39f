"""Every SELECT about the audit log."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, and_, case, column, exists, func, or_, select, table
from sqlalchemy.orm import Session

from supervision.audit import policy
from supervision.audit.codes import Action, ObjectKind
from supervision.audit.models import AuditAnchor, AuditEvent, Log
from supervision.audit.rules import Head, Link
from supervision.kernel.actor import Actor

PAGE = 50
"""Our choice: events on one page."""
ZONES = {"SE": "Europe/Stockholm", "DK": "Europe/Copenhagen"}

# Organisations, groups and their like are features above this one; they are read by their tables' names.
_uuid = AuditEvent.id.type
_organisation = table("organisation", column("id", _uuid), column("name"), column("country"))
_role = table("role_holding", column("person_id", _uuid), column("organisation_id", _uuid), column("role"))
_assignment = table("assignment", column("id", _uuid), column("organisation_id", _uuid), column("supervisor_id", _uuid))
_group = table("supervision_group", column("id", _uuid), column("assignment_id", _uuid))
_meeting = table("meeting", column("id", _uuid), column("group_id", _uuid))
_cover = table("cover_request", column("id", _uuid), column("organisation_id", _uuid))

_THEIRS = frozenset(
    {"organisation", "assignment", "role", "group", "seat", "sign_up", "staff_list", "formation", "series", "cover"}
)
FOR_COORDINATORS = (
    *(action.value for action in Action if action.value.partition(".")[0] in _THEIRS),
    Action.MEETING_ADDED.value,
    Action.MEETING_MOVED.value,
    Action.MEETING_CANCELLED.value,
    Action.EVALUATION_OPENED.value,
    Action.EVALUATION_EXTENDED.value,
    Action.QUESTIONNAIRE_CHANGED.value,
)
"""What the matrix lets a coordinator know of; cases, rounds, attendance and agreements are not among it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of a log is asked for: a kind of thing, from an instant, before another, after the last event shown."""

    kind: str | None = None
    from_at: datetime | None = None
    until_at: datetime | None = None
    after: tuple[datetime, uuid.UUID] | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a log: when, what, to which kind of thing, and by which role: never a name or an id."""

    at: datetime
    action: Action
    kind: ObjectKind
    by: str
    """`me`, `supervisor`, `coordinator`, `manager`, `participant`, `someone`, or `nobody` (forgotten, the program)."""


@dataclass(frozen=True, slots=True)
class Page:
    """Some lines of a log, newest first, and where the next page goes on."""

    lines: tuple[Line, ...]
    next_after: tuple[datetime, uuid.UUID] | None


def head(session: Session) -> Head:
    """Return the newest place in the chain."""
    found = session.execute(
        select(AuditEvent.number, AuditEvent.chain_hash)
        .where(AuditEvent.number.is_not(None))
        .order_by(AuditEvent.number.desc())
        .limit(1)
    ).first()
    return Head(found.number, found.chain_hash) if found else start(session)


def start(session: Session) -> Head:
    """Return the place the chain begins after: the newest event that was deleted in time, or the start of all."""
    anchor = session.scalar(select(AuditAnchor).order_by(AuditAnchor.number.desc()).limit(1))
    return Head(anchor.number, anchor.chain_hash) if anchor else Head()


def holds(session: Session, place: Head) -> bool:
    """Return whether the chain holds this place, or held it before its time was over."""
    begin = start(session)
    if place.number <= begin.number:
        return place.number < begin.number or place == begin
    kept = select(AuditEvent.chain_hash).where(AuditEvent.number == place.number)
    return session.scalar(kept) == place.chain_hash


def unchained(session: Session, most: int) -> Sequence[AuditEvent]:
    """Return the events without a number, oldest first."""
    return session.scalars(
        select(AuditEvent).where(AuditEvent.number.is_(None)).order_by(AuditEvent.at, AuditEvent.id).limit(most)
    ).all()


def unchained_before(session: Session, instant: datetime) -> int:
    """Return how many events of before an instant have no number."""
    waiting = select(func.count()).where(AuditEvent.number.is_(None), AuditEvent.at < instant)
    return session.scalar(waiting) or 0


def links(session: Session) -> Iterator[Link]:
    """Return the chained events by number, a few at a time."""
    rows = session.execute(
        select(
            AuditEvent.number,
            AuditEvent.at,
            AuditEvent.action,
            AuditEvent.object_kind,
            AuditEvent.actor_id,
            AuditEvent.object_id,
            AuditEvent.salt,
            AuditEvent.names_digest,
            AuditEvent.chain_hash,
        )
        .where(AuditEvent.number.is_not(None))
        .order_by(AuditEvent.number)
        .execution_options(yield_per=1000)
    )
    for row in rows:
        yield Link(*row)


def last_before(session: Session, before: datetime) -> Head | None:
    """Return the last place of the chain's beginning in which every event is of before an instant; None if no such."""
    first_kept = session.scalar(
        select(func.min(AuditEvent.number)).where(AuditEvent.number.is_not(None), AuditEvent.at >= before)
    )
    found = session.execute(
        select(AuditEvent.number, AuditEvent.chain_hash)
        .where(AuditEvent.number < first_kept if first_kept is not None else AuditEvent.number.is_not(None))
        .order_by(AuditEvent.number.desc())
        .limit(1)
    ).first()
    return Head(found.number, found.chain_hash) if found else None


def get_own_log(_session: Session, actor: Actor) -> Log | None:
    """Return one's own log; none for those who are managers and nothing else."""
    return Log() if policy.has_own_log(actor) else None


def get_whole_log(_session: Session, actor: Actor) -> Log | None:
    """Return the whole log to an operator; for everyone else there is none."""
    return Log(is_whole=True) if actor.is_operator else None


def get_log_of_organisation(session: Session, actor: Actor, organisation_id: uuid.UUID) -> Log | None:
    """Return the log of an organisation the actor coordinates; for its managers there is none."""
    if organisation_id not in actor.coordinates - actor.manages:
        return None
    found = session.execute(select(_organisation).where(_organisation.c.id == organisation_id)).first()
    return Log(found.name, ZONES[found.country], found.id) if found else None


def events(session: Session, actor: Actor, log: Log, wanted: Wanted) -> Page:
    """Return a page of a log: roles in place of names, and nothing of what it was done to but the kind."""
    if log.organisation_id is not None:
        which = and_(AuditEvent.action.in_(FOR_COORDINATORS), _is_of(log.organisation_id))
        return _page(session, wanted, which, _by_role(actor, log.organisation_id))
    if log.is_whole:
        return _page(session, wanted, AuditEvent.id.is_not(None), _by_me_or_not(actor))
    about = and_(AuditEvent.object_kind == ObjectKind.PERSON.value, AuditEvent.object_id == actor.id)
    return _page(session, wanted, or_(AuditEvent.actor_id == actor.id, about), _by_me_or_not(actor))


def _by_role(actor: Actor, organisation_id: uuid.UUID) -> ColumnElement[str]:
    role = (
        select(func.max(_role.c.role))
        .where(_role.c.organisation_id == organisation_id, _role.c.person_id == AuditEvent.actor_id)
        .scalar_subquery()
    )
    leads = exists().where(
        _assignment.c.organisation_id == organisation_id, _assignment.c.supervisor_id == AuditEvent.actor_id
    )
    return case(
        (AuditEvent.actor_id.is_(None), "nobody"),
        (AuditEvent.actor_id == actor.id, "me"),
        (leads, "supervisor"),
        else_=func.coalesce(role, "participant"),
    )


def _by_me_or_not(actor: Actor) -> ColumnElement[str]:
    return case((AuditEvent.actor_id.is_(None), "nobody"), (AuditEvent.actor_id == actor.id, "me"), else_="someone")


def _is_of(organisation_id: uuid.UUID) -> ColumnElement[bool]:
    def is_one(kind: ObjectKind, among: Select[tuple[uuid.UUID]]) -> ColumnElement[bool]:
        return and_(AuditEvent.object_kind == kind.value, AuditEvent.object_id.in_(among))

    assignments = select(_assignment.c.id).where(_assignment.c.organisation_id == organisation_id)
    groups = select(_group.c.id).where(_group.c.assignment_id.in_(assignments))
    return or_(
        and_(AuditEvent.object_kind == ObjectKind.ORGANISATION.value, AuditEvent.object_id == organisation_id),
        is_one(ObjectKind.ASSIGNMENT, assignments),
        is_one(ObjectKind.GROUP, groups),
        is_one(ObjectKind.MEETING, select(_meeting.c.id).where(_meeting.c.group_id.in_(groups))),
        is_one(ObjectKind.COVER_REQUEST, select(_cover.c.id).where(_cover.c.organisation_id == organisation_id)),
    )


def _page(session: Session, wanted: Wanted, which: ColumnElement[bool], by: ColumnElement[str]) -> Page:
    asked = (
        select(AuditEvent.at, AuditEvent.action, AuditEvent.object_kind, by.label("by"), AuditEvent.id)
        .where(which)
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(PAGE + 1)
    )
    if wanted.kind:
        asked = asked.where(AuditEvent.object_kind == wanted.kind)
    if wanted.from_at:
        asked = asked.where(AuditEvent.at >= wanted.from_at)
    if wanted.until_at:
        asked = asked.where(AuditEvent.at < wanted.until_at)
    if wanted.after:
        at, event_id = wanted.after
        asked = asked.where(or_(AuditEvent.at < at, and_(AuditEvent.at == at, AuditEvent.id < event_id)))
    rows = session.execute(asked).all()
    shown = rows[:PAGE]
    lines = tuple(Line(row.at, Action(row.action), ObjectKind(row.object_kind), row.by) for row in shown)
    return Page(lines, (shown[-1].at, shown[-1].id) if len(rows) > PAGE else None)
