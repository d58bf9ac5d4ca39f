"""Every SELECT about private notes: each asks for the actor's own."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.groups.models import Group
from supervision.groups.policy import may_run_group
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.notes.models import Note

PAGE = 20  # our choice: notes on a page
AHEAD_DAYS = 28  # as far ahead as the supervisor's start page looks
MEETINGS_MOST = 60  # our choice: two years of fortnights to choose among


def get_note(session: Session, actor: Actor, note_id: uuid.UUID) -> Note | None:
    """Return one of the actor's own notes, with its group and meeting; hidden from everyone else."""
    return session.scalar(_own(actor).where(Note.id == note_id)) if actor.is_supervisor else None


def get_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group which the actor supervises or has notes about; hidden from everyone else."""
    if not actor.is_supervisor:
        return None
    has_notes = exists().where(Note.group_id == Group.id, Note.author_id == actor.person_id)
    is_own = or_(Group.assignment_id.in_(actor.supervises), has_notes)
    return session.scalar(select(Group).where(Group.id == group_id, is_own))


def notes_of_group(session: Session, actor: Actor, group_id: uuid.UUID, page: int) -> tuple[Sequence[Note], bool]:
    """Return one page, from 1, of the actor's notes about a group, newest first, and whether there are older ones."""
    rows = session.scalars(
        _own(actor)
        .where(Note.group_id == group_id)
        .order_by(Note.created_at.desc(), Note.id.desc())
        .offset((page - 1) * PAGE)
        .limit(PAGE + 1)
    ).all()
    return rows[:PAGE], len(rows) > PAGE


def own_groups(session: Session, actor: Actor) -> Sequence[tuple[Group, int]]:
    """Return the groups which the actor supervises or has notes about, by name, with how many notes: one query.

    Of ended groups only those with notes.
    """
    count = func.count(Note.id)
    rows = session.execute(
        select(Group, count)
        .outerjoin(Note, and_(Note.group_id == Group.id, Note.author_id == actor.person_id))
        .where(or_(Group.assignment_id.in_(actor.supervises), Note.id.is_not(None)))
        .group_by(Group.id)
        .having(or_(count > 0, Group.status != "ended"))
        .order_by(Group.name, Group.id)
    )
    return [(group, number) for group, number in rows]


def meetings_to_choose(
    session: Session, actor: Actor, group: Group, now: datetime, also_id: uuid.UUID | None = None
) -> Sequence[Meeting]:
    """Return the group's meetings a note can be about, newest first: up to four weeks ahead, and `also_id`.

    Only `also_id` for who has handed the group over: when it meets now is not theirs to know.
    """
    asked = (
        select(Meeting)
        .where(
            Meeting.group_id == group.id,
            Meeting.status != "cancelled",
            Meeting.starts_at <= now + timedelta(days=AHEAD_DAYS),
        )
        .order_by(Meeting.starts_at.desc())
        .limit(MEETINGS_MOST)
    )
    found = session.scalars(asked).all() if may_run_group(actor, group) else []
    if also_id is None or any(one.id == also_id for one in found):
        return found
    also = session.scalar(select(Meeting).where(Meeting.id == also_id, Meeting.group_id == group.id))
    return [*found, also] if also is not None else found


def _own(actor: Actor) -> Select[tuple[Note]]:
    return (
        select(Note)
        .join(Note.group)
        .options(contains_eager(Note.group), joinedload(Note.meeting))
        .where(Note.author_id == actor.person_id)
    )
