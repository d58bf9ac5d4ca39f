"""Every SELECT about certificates: one's own attendance, never anyone else's."""

import uuid
from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from supervision.certificates.rules import OwnGroup, Recorded
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.meetings.models import Attendance, Meeting
from supervision.orgs.models import Assignment, Organisation
from supervision.people.models import Person


def own_groups(session: Session, actor: Actor) -> Sequence[OwnGroup]:
    """Return the groups in which the actor has a seat, and those where their attendance is still kept: one query."""
    return _own(session, actor)


def get_own_group(session: Session, actor: Actor, group_id: uuid.UUID) -> OwnGroup | None:
    """Return one of those groups."""
    return next((one for one in _own(session, actor) if one.group_id == group_id), None)


def recorded_of(session: Session, person_id: uuid.UUID, group_id: uuid.UUID) -> tuple[Recorded, ...]:
    """Return what was recorded about one person in a group's held meetings."""
    rows = session.execute(
        select(Meeting.starts_at, Meeting.ends_at, Attendance.kind)
        .join(Attendance, Attendance.meeting_id == Meeting.id)
        .where(Meeting.group_id == group_id, Meeting.status == "held", Attendance.person_id == person_id)
        .order_by(Meeting.starts_at)
    )
    return tuple(Recorded(*row) for row in rows)


def _own(session: Session, actor: Actor) -> Sequence[OwnGroup]:
    recorded = (
        select(Meeting.group_id, func.count().label("count"))
        .join(Attendance, and_(Attendance.meeting_id == Meeting.id, Attendance.person_id == actor.person_id))
        .where(Meeting.status == "held")
        .group_by(Meeting.group_id)
        .subquery()
    )
    rows = session.execute(
        select(
            Group.id,
            Group.name,
            Group.zone,
            Organisation.name,
            Person.name,
            Person.title,
            func.coalesce(recorded.c.count, 0),
        )
        .join(Assignment, Assignment.id == Group.assignment_id)
        .join(Organisation, Organisation.id == Assignment.organisation_id)
        .join(Person, Person.id == Assignment.supervisor_id)
        .outerjoin(recorded, recorded.c.group_id == Group.id)
        .where(or_(Group.id.in_(actor.member_of), recorded.c.count > 0))
        .order_by(Group.name, Group.id)
    )
    return [OwnGroup(actor.id, *row) for row in rows]
