"""The group's own words to its managers, and what the managers change because of them (PRODUCT: yearly evaluation).

A text reaches a manager only when everyone with a seat has approved that exact version. Nobody, the supervisor
included, is told who has, who has not, or how many; approvals have no time and are deleted at the release.
"""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Select, delete, exists, func, or_, select
from sqlalchemy.orm import Session, aliased

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.cases.rules.deidentify import check_text
from supervision.evaluations.models import GroupStatement, ManagerAnswer, StatementApproval
from supervision.evaluations.queries import releases_of
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.store.sealed import TextSeal

TEXT_MOST = 1200  # characters; our choice: what a group can read aloud and agree on


@dataclass(frozen=True, slots=True)
class Words:
    """A version of a group's text, opened; `released_on` is the day its managers could read it, None before."""

    id: uuid.UUID
    version: int
    text: str
    released_on: date | None


@dataclass(frozen=True, slots=True)
class Said:
    """A released text, whose it is, and since when."""

    group_id: uuid.UUID
    group_name: str
    text: str
    on: date


@dataclass(frozen=True, slots=True)
class Answered:
    """A sent answer of a manager: to one group, or to all groups (`group_id` None), and when."""

    group_id: uuid.UUID | None
    group_name: str
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Voices:
    """What groups have said to their managers and what was answered, the newest of each; groups by name."""

    said: tuple[Said, ...]
    answered: tuple[Answered, ...]


def newest(session: Session, seal: TextSeal, group_id: uuid.UUID) -> Words | None:
    """Return the newest version of a group's text."""
    row = session.scalar(_versions(group_id).limit(1))
    return _opened(seal, row) if row else None


def released(session: Session, seal: TextSeal, group_id: uuid.UUID) -> Words | None:
    """Return the newest version the managers can read."""
    row = session.scalar(_versions(group_id).where(GroupStatement.released_on.is_not(None)).limit(1))
    return _opened(seal, row) if row else None


def has_approved(session: Session, actor: Actor, statement_id: uuid.UUID) -> bool:
    """Whether this person approves a version; asked for oneself only."""
    return session.get(StatementApproval, (statement_id, actor.id)) is not None


def waiting_for(session: Session, actor: Actor) -> Sequence[Group]:
    """Return the groups whose newest text waits for this person's approval: one query."""
    later = aliased(GroupStatement)
    own = select(StatementApproval.statement_id).where(StatementApproval.person_id == actor.person_id)
    return session.scalars(
        select(Group)
        .join(GroupStatement, GroupStatement.group_id == Group.id)
        .where(
            Group.id.in_(actor.member_of),
            GroupStatement.released_on.is_(None),
            GroupStatement.id.not_in(own),
            ~exists().where(later.group_id == Group.id, later.version > GroupStatement.version),
        )
        .order_by(Group.name)
    ).all()


def is_answered(session: Session, group: Group) -> bool:
    """Whether managers have answered this group, or all groups of its assignment."""
    found = (
        select(ManagerAnswer.id)
        .where(
            ManagerAnswer.assignment_id == group.assignment_id,
            ManagerAnswer.sent_at.is_not(None),
            or_(ManagerAnswer.group_id.is_(None), ManagerAnswer.group_id == group.id),
        )
        .limit(1)
    )
    return session.scalar(found) is not None


def write(session: Session, seal: TextSeal, actor: Actor, group: Group, text: str, seen: int, now: datetime) -> Words:
    """Put down a new version of a group's text and ask everyone anew, also with the same words.

    `seen` is the version on the writer's page, 0 for none. Versions no manager has read are not kept.
    Raises `looks_like_personal_number`, `statement_changed`.
    """
    check_text(text=text)
    _hold(session, group.id)
    last = session.scalar(_versions(group.id).limit(1))
    if (last.version if last else 0) != seen:
        raise RuleBroken("statement_changed")
    session.execute(
        delete(GroupStatement).where(GroupStatement.group_id == group.id, GroupStatement.released_on.is_(None))
    )
    row = GroupStatement(id=new_id(), group_id=group.id, version=seen + 1, written_at=now)
    row.sealed_text = seal.seal(text, GroupStatement.__tablename__, "sealed_text", row.id)
    session.add(row)
    session.flush()
    record(session, actor, Action.STATEMENT_WRITTEN, ObjectKind.GROUP, group.id, now=now)
    return _opened(seal, row)


def approve(session: Session, actor: Actor, group: Group, statement_id: uuid.UUID, now: datetime) -> bool:
    """Approve exactly this version; returns whether it now stands before the managers.

    When everyone with a seat approves it, it is released and the approvals are deleted. No audit: who approved last is
    nobody's business. Raises `statement_changed`.
    """
    row = _newest_is(session, group, statement_id)
    if row.released_on is not None:
        return True
    if session.get(StatementApproval, (row.id, actor.id)) is None:
        session.add(StatementApproval(statement_id=row.id, person_id=actor.id))
        session.flush()
    missing = select(Membership.id).where(
        Membership.group_id == group.id,
        Membership.left_at.is_(None),
        Membership.person_id.not_in(
            select(StatementApproval.person_id).where(StatementApproval.statement_id == row.id)
        ),
    )
    if session.scalar(missing.limit(1)) is not None:
        return False
    row.released_on = local_day(now, group.zone)
    session.execute(delete(StatementApproval).where(StatementApproval.statement_id == row.id))
    session.flush()
    return True


def take_back(session: Session, actor: Actor, group: Group, statement_id: uuid.UUID) -> None:
    """Take back one's approval while the version waits. Raises `statement_changed`."""
    row = _newest_is(session, group, statement_id)
    if row.released_on is not None:
        raise RuleBroken("statement_changed")
    session.execute(
        delete(StatementApproval).where(
            StatementApproval.statement_id == row.id, StatementApproval.person_id == actor.id
        )
    )


def _newest_is(session: Session, group: Group, statement_id: uuid.UUID) -> GroupStatement:
    """Return the newest version if it is this one, with the group held so that approvals come one by one."""
    _hold(session, group.id)
    row = session.scalar(_versions(group.id).limit(1).execution_options(populate_existing=True))
    if row is None or row.id != statement_id:
        raise RuleBroken("statement_changed")
    return row


def _hold(session: Session, group_id: uuid.UUID) -> None:
    session.execute(select(Group.id).where(Group.id == group_id).with_for_update())


def _versions(group_id: uuid.UUID) -> Select[tuple[GroupStatement]]:
    return select(GroupStatement).where(GroupStatement.group_id == group_id).order_by(GroupStatement.version.desc())


def _opened(seal: TextSeal, row: GroupStatement) -> Words:
    text = seal.read(row.sealed_text, GroupStatement.__tablename__, "sealed_text", row.id)
    return Words(row.id, row.version, text, row.released_on)


def members_of(session: Session, group_ids: Sequence[uuid.UUID]) -> Sequence[Person]:
    """Return everyone with a seat now in these groups."""
    seats = select(Membership.person_id).where(Membership.group_id.in_(group_ids), Membership.left_at.is_(None))
    return session.scalars(select(Person).where(Person.id.in_(seats)).order_by(Person.id)).all()


def group_ids_of(session: Session, assignment_id: uuid.UUID) -> Sequence[uuid.UUID]:
    """Return the groups of an assignment."""
    return session.scalars(select(Group.id).where(Group.assignment_id == assignment_id)).all()


def voices(session: Session, seal: TextSeal, assignment_id: uuid.UUID) -> Voices:
    """Return the newest released text of each group of an assignment and the newest sent answers: two queries."""
    rows = session.execute(
        select(GroupStatement, Group.name)
        .join(Group, Group.id == GroupStatement.group_id)
        .where(Group.assignment_id == assignment_id, GroupStatement.released_on.is_not(None))
        .order_by(Group.name, Group.id, GroupStatement.version)
    ).all()
    seal.ready(row.sealed_text for row, _name in rows)
    said = {
        row.group_id: Said(row.group_id, name, _opened(seal, row).text, row.released_on)
        for row, name in rows
        if row.released_on
    }
    return Voices(tuple(said.values()), _answers(session, seal, assignment_id))


def answers_to(session: Session, seal: TextSeal, group: Group) -> tuple[Answered, ...]:
    """Return what managers have answered this group, and all groups together; the newest of each."""
    found = _answers(session, seal, group.assignment_id)
    return tuple(one for one in found if one.group_id in {None, group.id})


def _answers(session: Session, seal: TextSeal, assignment_id: uuid.UUID) -> tuple[Answered, ...]:
    rows = session.execute(
        select(ManagerAnswer, Group.name)
        .outerjoin(Group, Group.id == ManagerAnswer.group_id)
        .where(ManagerAnswer.assignment_id == assignment_id, ManagerAnswer.sent_at.is_not(None))
        .order_by(Group.name, ManagerAnswer.sent_at)
    ).all()
    seal.ready(row.sealed_text for row, _name in rows)
    return tuple(
        {
            row.group_id: Answered(row.group_id, name or "", _answer_text(seal, row), row.sent_at)
            for row, name in rows
            if row.sent_at
        }.values()
    )


def drafts(session: Session, seal: TextSeal, assignment_id: uuid.UUID) -> dict[uuid.UUID | None, str]:
    """Return the unsent answers of an assignment by group, None for all groups."""
    rows = session.scalars(_drafts(assignment_id)).all()
    seal.ready(row.sealed_text for row in rows)
    return {row.group_id: _answer_text(seal, row) for row in rows}


def save_answer(
    session: Session,
    seal: TextSeal,
    actor: Actor,
    assignment: Assignment,
    group_id: uuid.UUID | None,
    text: str,
    now: datetime,
    *,
    send: bool,
) -> Sequence[Person]:
    """Keep an answer as a draft, or send it: then its groups read it and it is not changed again.

    Returns whom to write to. Raises `looks_like_personal_number`, `nothing_to_answer`.
    """
    check_text(text=text)
    session.execute(select(Assignment.id).where(Assignment.id == assignment.id).with_for_update())
    if not may_be_answered(session, assignment.id, group_id):
        raise RuleBroken("nothing_to_answer")
    row = session.scalar(_drafts(assignment.id).where(ManagerAnswer.group_id.is_not_distinct_from(group_id)).limit(1))
    if row is None:
        row = ManagerAnswer(id=new_id(), assignment_id=assignment.id, group_id=group_id)
        session.add(row)
    row.sealed_text = seal.seal(text, ManagerAnswer.__tablename__, "sealed_text", row.id)
    row.author_id, row.changed_at = actor.id, now
    if not send:
        session.flush()
        return ()
    row.sent_at = now
    session.flush()
    record(session, actor, Action.REPORT_ANSWERED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return members_of(session, [group_id] if group_id else group_ids_of(session, assignment.id))


def may_be_answered(session: Session, assignment_id: uuid.UUID, group_id: uuid.UUID | None) -> bool:
    """Whether there is something to answer: this group's released text, or for all groups a released evaluation."""
    if group_id is None:
        return any(one.content["release"]["cells"] for one in releases_of(session, assignment_id))
    return bool(
        session.scalar(
            select(func.count())
            .select_from(GroupStatement)
            .join(Group, Group.id == GroupStatement.group_id)
            .where(Group.assignment_id == assignment_id, Group.id == group_id, GroupStatement.released_on.is_not(None))
        )
    )


def _drafts(assignment_id: uuid.UUID) -> Select[tuple[ManagerAnswer]]:
    return select(ManagerAnswer).where(ManagerAnswer.assignment_id == assignment_id, ManagerAnswer.sent_at.is_(None))


def _answer_text(seal: TextSeal, row: ManagerAnswer) -> str:
    return seal.read(row.sealed_text, ManagerAnswer.__tablename__, "sealed_text", row.id)
