"""Every SELECT about follow-ups. One whose writer has left the group is nobody's."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.cases.models import Case, FollowUp
from supervision.cases.rules.follow_up import REMIND_DAYS, asks_until
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.meetings.models import Meeting


def get_told_meeting(session: Session, actor: Actor, meeting_id: uuid.UUID) -> Meeting | None:
    """Return a held meeting at which the actor told, in a group they have a seat in; hidden from everyone else."""
    return session.scalar(_told_by(actor).where(Meeting.id == meeting_id))


def meeting_to_follow_up(session: Session, actor: Actor, now: datetime) -> Meeting | None:
    """Return the newest meeting of the last days at which the actor told and has noted nothing yet; None without."""
    has_noted = exists().where(FollowUp.meeting_id == Meeting.id, FollowUp.person_id == actor.person_id)
    found = session.scalar(
        _told_by(actor)
        .where(Meeting.starts_at > now - timedelta(days=REMIND_DAYS + 1), ~has_noted)
        .order_by(Meeting.starts_at.desc())
        .limit(1)
    )
    if found is None or local_day(now, found.group.zone) > asks_until(found.local_on):
        return None
    return found


def own_follow_up(session: Session, actor: Actor, meeting_id: uuid.UUID) -> FollowUp | None:
    """Return what the actor has noted after a meeting."""
    return session.scalar(_follow_ups().where(FollowUp.meeting_id == meeting_id, FollowUp.person_id == actor.person_id))


def follow_ups_of_group(session: Session, group_id: uuid.UUID) -> Sequence[FollowUp]:
    """Return every follow-up of a group that is still kept, newest meeting first: one query."""
    return session.scalars(
        _follow_ups().where(Meeting.group_id == group_id).order_by(Meeting.starts_at.desc(), FollowUp.created_at)
    ).all()


def follow_ups_of_meeting(session: Session, meeting: Meeting) -> Sequence[FollowUp]:
    """Return what was noted after a meeting."""
    return session.scalars(
        _follow_ups().where(FollowUp.meeting_id == meeting.id).order_by(FollowUp.created_at, FollowUp.id)
    ).all()


def follow_ups_before(session: Session, meeting: Meeting) -> Sequence[FollowUp]:
    """Return what was noted after the last held meeting before this one, for its check-in."""
    last = (
        select(Meeting.id)
        .where(Meeting.group_id == meeting.group_id, Meeting.status == "held", Meeting.starts_at < meeting.starts_at)
        .order_by(Meeting.starts_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    return session.scalars(
        _follow_ups().where(FollowUp.meeting_id == last).order_by(FollowUp.created_at, FollowUp.id)
    ).all()


def _told_by(actor: Actor) -> Select[tuple[Meeting]]:
    has_told = exists().where(
        Case.meeting_id == Meeting.id, Case.author_id == actor.person_id, Case.presented_at.is_not(None)
    )
    return (
        select(Meeting)
        .join(Meeting.group)
        .options(contains_eager(Meeting.group))
        .where(Meeting.status == "held", Meeting.group_id.in_(actor.member_of), has_told)
    )


def _follow_ups() -> Select[tuple[FollowUp]]:
    has_seat = exists().where(
        Membership.group_id == Meeting.group_id,
        Membership.person_id == FollowUp.person_id,
        Membership.left_at.is_(None),
    )
    return (
        select(FollowUp)
        .join(FollowUp.meeting)
        .join(Group, Group.id == Meeting.group_id)
        .options(contains_eager(FollowUp.meeting).joinedload(Meeting.group), joinedload(FollowUp.person))
        .where(has_seat)
    )
