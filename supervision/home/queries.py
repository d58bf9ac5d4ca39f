"""What start pages need across features; a fixed number of queries, however much there is."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.cases.models import Case
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.groups.rules import is_below_five
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.meetings.rules import asks_whether_to_run

CALENDAR_DAYS = 28
SOON = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Todo:
    """One thing that needs the supervisor: a kind, the group, and what the sentence counts."""

    kind: str
    group: Group
    count: int
    meeting: Meeting | None = None


@dataclass(frozen=True, slots=True)
class SupervisorStart:
    """What a supervisor's start page shows, most urgent first."""

    today: Sequence[Meeting]
    coming: Mapping[uuid.UUID, int]
    todos: Sequence[Todo]
    groups: Sequence[Group]
    next_of: Mapping[uuid.UUID, Meeting]
    weeks: Sequence[Sequence[tuple[date, Sequence[Meeting]]]]


def supervisor_start(session: Session, actor: Actor, now: datetime) -> SupervisorStart:
    """Gather a supervisor's start page: meetings of four weeks, own groups, and what needs a decision."""
    own = [group for group in _own_groups(session, actor) if group.status != "ended"]
    ahead = [one for one in meetings.upcoming(session, actor, now) if one.group.assignment_id in actor.supervises]
    coming = meetings.coming_counts(session, [one.id for one in ahead])
    zone = own[0].zone if own else "Europe/Stockholm"
    today = local_day(now, zone)
    next_of: dict[uuid.UUID, Meeting] = {}
    for one in ahead:
        next_of.setdefault(one.group_id, one)
    offered = offered_cases(session, [group.id for group in own])
    todos = [Todo("offered", group, offered[group.id], next_of.get(group.id)) for group in own if group.id in offered]
    todos += [Todo("below_five", group, group.taken) for group in own if is_below_five(group.taken)]
    todos += [
        Todo("few_coming", one.group, coming.get(one.id, 0), one)
        for one in next_of.values()
        if one.starts_at < now + SOON
        and one.group.taken
        and one.runs_anyway_at is None
        and asks_whether_to_run(coming.get(one.id, 0))
    ]
    return SupervisorStart(
        today=[one for one in ahead if local_day(one.starts_at, one.group.zone) == today],
        coming=coming,
        todos=todos,
        groups=own,
        next_of=next_of,
        weeks=four_weeks(ahead, today),
    )


def four_weeks(ahead: Sequence[Meeting], today: date) -> Sequence[Sequence[tuple[date, Sequence[Meeting]]]]:
    """Return four weeks from this Monday, Monday to Friday and longer where a weekend has a meeting, with meetings."""
    by_day: dict[date, list[Meeting]] = {}
    for one in ahead:
        by_day.setdefault(local_day(one.starts_at, one.group.zone), []).append(one)
    monday = today - timedelta(days=today.weekday())
    last = max((on.weekday() for on in by_day), default=4)
    width = max(5, last + 1)
    return [
        [(on, by_day.get(on, [])) for on in (monday + timedelta(days=7 * week + day) for day in range(width))]
        for week in range(4)
    ]


def offered_cases(session: Session, group_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """Return group id -> how many cases and dilemmas have been shown to the supervisor and wait."""
    rows = session.execute(
        select(Case.group_id, func.count())
        .where(Case.group_id.in_(group_ids), Case.status == "offered")
        .group_by(Case.group_id)
    )
    return dict(rows.tuples().all())


def _own_groups(session: Session, actor: Actor) -> Sequence[Group]:
    found: Sequence[Group] = session.scalars(
        groups.visible_groups(actor).where(Group.assignment_id.in_(actor.supervises)).order_by(Group.name)
    ).all()
    return found
