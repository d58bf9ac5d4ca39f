"""What members and planners do with requests for cover."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.cover import queries, rules
from supervision.cover.models import CoverRequest
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.meetings.models import Meeting
from supervision.people.services import count_try


def ask(session: Session, actor: Actor, meeting: Meeting, *, now: datetime) -> tuple[CoverRequest, bool]:
    """Ask the organisation's planner for cover at a meeting's time; returns the request and whether it is a new one.

    Each asking is a mail to every planner, so who asks and takes back again and again waits longer each time. Codes:
    `cover_too_late`, `cover_no_planner`, `wait`.
    """
    queries.lock_meeting(session, meeting)
    if not rules.can_ask(meeting.status, meeting.starts_at, now):
        raise RuleBroken("cover_too_late")
    found = queries.own_for(session, actor.id, meeting)
    if found is not None:
        return found, False
    organisation = meeting.group.assignment.organisation
    if not queries.has_planner(session, organisation.id):
        raise RuleBroken("cover_no_planner")
    key = f"cover {actor.id}"
    count_try(session, key, now=now)
    request = CoverRequest(
        organisation_id=organisation.id,
        meeting_id=meeting.id,
        person_id=actor.id,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        status=rules.Status.OPEN,
        asked_at=now,
    )
    session.add(request)
    session.flush()
    record(session, actor, Action.COVER_ASKED, ObjectKind.COVER_REQUEST, request.id, now=now)
    return request, True


def end_own_over(session: Session, actor: Actor, meeting: Meeting) -> Sequence[CoverRequest]:
    """End what someone had asked for the time a meeting was moved from, so that they can ask for the new one."""
    found = queries.own_over(session, actor.id, meeting)
    for request in found:
        end(session, request)
    return found


def withdraw(session: Session, actor: Actor, request: CoverRequest, *, now: datetime) -> None:
    """Take a request back; the planner is told by the caller. Codes: `cover_status`, `cover_too_late`."""
    _step(session, request, "withdraw", now)
    record(session, actor, Action.COVER_WITHDRAWN, ObjectKind.COVER_REQUEST, request.id, now=now)


def answer(session: Session, actor: Actor, request: CoverRequest, *, is_arranged: bool, now: datetime) -> bool:
    """Note the planner's answer, which can be changed until the time has come; returns whether it is a new one.

    Codes: `cover_status`, `cover_too_late`.
    """
    queries.lock(session, request)
    if request.status == (rules.Status.ARRANGED if is_arranged else rules.Status.NOT_POSSIBLE):
        return False  # another coordinator, or the same tap twice
    _step(session, request, "arrange" if is_arranged else "decline", now)
    request.answered_at, request.answered_by_id = now, actor.person_id
    record(session, actor, Action.COVER_ANSWERED, ObjectKind.COVER_REQUEST, request.id, now=now)
    return True


def end(session: Session, request: CoverRequest) -> None:
    """End a request whose date was moved or cancelled, or whose member has left."""
    request.status = rules.next_status(rules.Status(request.status), "end")
    session.flush()


def _step(session: Session, request: CoverRequest, action: rules.Action, now: datetime) -> None:
    queries.lock(session, request)
    rules.check_time(request.starts_at, now)
    request.status = rules.next_status(rules.Status(request.status), action)
    session.flush()
