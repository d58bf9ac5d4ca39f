"""What each start page holds: what is next, what needs the reader in order of urgency, and the way to the rest."""

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervision.cases import follow_up_queries as follow_ups
from supervision.cases import queries as cases
from supervision.cases.models import Case
from supervision.cover import queries as cover
from supervision.evaluations import queries as evaluations
from supervision.evaluations import statements
from supervision.groups import agreement_queries as agreements
from supervision.groups import line_queries, sign_up_queries
from supervision.groups import queries as groups
from supervision.groups import rules as group_rules
from supervision.groups.models import Group, SignUp
from supervision.home import queries
from supervision.home.rules import Need, in_order
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.meetings.rules import asks_whether_to_run
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment, Organisation

SOON = timedelta(days=14)
OPEN_CASE = frozenset({"draft", "offered", "chosen"})
HOME_ZONE = "Europe/Stockholm"  # where no group says another; both countries have the same time


@dataclass(frozen=True, slots=True)
class SupervisorStart:
    """A supervisor's: today's meetings, needs, groups, four weeks, organisations with their assignments."""

    today: Sequence[Meeting]
    coming: Mapping[uuid.UUID, int]
    needs: Sequence[Need]
    groups: Sequence[Group]
    next_of: Mapping[uuid.UUID, Meeting]
    weeks: Sequence[Sequence[tuple[date, Sequence[Meeting]]]]
    organisations: Sequence[Organisation]
    assignments: Sequence[Assignment]


@dataclass(frozen=True, slots=True)
class ParticipantStart:
    """A participant's: offers, the next meeting, needs, whose turn, own case. Without a seat most of it is empty."""

    offers: Sequence[Need]
    needs: Sequence[Need]
    standing: Sequence[line_queries.Standing]
    sign_ups: Sequence[SignUp] = ()
    groups: Sequence[Group] = ()
    group: Group | None = None
    nearest: Meeting | None = None
    answers: Mapping[uuid.UUID, bool] = field(default_factory=dict)
    cover: str | None = None
    has_planner: bool = False
    turn: Mapping[str, Any] | None = None
    own_case: Case | None = None
    has_release: bool = False


@dataclass(frozen=True, slots=True)
class OfficeStart:
    """A manager's or coordinator's: needs, and the assignments of their organisations."""

    needs: Sequence[Need]
    assignments: Sequence[Assignment]


def supervisor_start(session: Session, actor: Actor, now: datetime) -> SupervisorStart:
    """Gather a supervisor's start page."""
    own = queries.own_groups(session, actor)
    ahead = [one for one in meetings.upcoming(session, actor, now) if one.group.assignment_id in actor.supervises]
    coming = meetings.coming_counts(session, [one.id for one in ahead])
    next_of: dict[uuid.UUID, Meeting] = {}
    for one in ahead:
        next_of.setdefault(one.group_id, one)
    today = local_day(now, own[0].zone if own else HOME_ZONE)
    needs = [
        *_of_dates(session, actor, next_of, coming, now),
        *_of_groups(session, own, next_of, now),
        *(Need("sign_ups", facts={"waiting": one}) for one in queries.without_seat(session, actor)),
    ]
    return SupervisorStart(
        today=[one for one in ahead if local_day(one.starts_at, one.group.zone) == today],
        coming=coming,
        needs=in_order(needs, now),
        groups=own,
        next_of=next_of,
        weeks=four_weeks(ahead, today),
        organisations=orgs.organisations_of(session, actor),
        assignments=queries.own_assignments(session, actor),
    )


def _of_dates(
    session: Session,
    actor: Actor,
    next_of: Mapping[uuid.UUID, Meeting],
    coming: Mapping[uuid.UUID, int],
    now: datetime,
) -> Iterator[Need]:
    """Yield what a supervisor's dates need: to be recorded, and to be held or not with few coming."""
    for one in queries.unrecorded(session, actor, now):
        yield Need("attendance", one.ends_at, {"meeting": one, "group": one.group})
    for one in next_of.values():
        count = coming.get(one.id, 0)
        is_soon = one.starts_at < now + SOON and one.runs_anyway_at is None
        if is_soon and one.group.taken and asks_whether_to_run(count):
            yield Need("few_coming", one.starts_at, {"meeting": one, "group": one.group, "count": count})


def _of_groups(
    session: Session, own: Sequence[Group], next_of: Mapping[uuid.UUID, Meeting], now: datetime
) -> Iterator[Need]:
    """Yield what a supervisor's groups need: cases read, members, a look back, and whether they go on."""
    ids = [group.id for group in own]
    offered, held = queries.offered_cases(session, ids), groups.held_counts(session, ids)
    for group in own:
        status = group_rules.GroupStatus(group.status)
        if group.id in offered:
            following = next_of.get(group.id)
            due_at = following.starts_at if following else None
            yield Need("offered", due_at, {"group": group, "count": offered[group.id]})
        if group_rules.is_below_five(group.taken):
            yield Need("below_five", None, {"group": group, "count": group.taken})
        elif group.status == "forming":
            yield Need(
                "forming", None, {"name": group.name, "taken": group.taken, "seats": group.seats, "group": group}
            )
        if group_rules.is_review_due(status, held.get(group.id, 0), is_done=group.reviewed_at is not None):
            yield Need("review", None, {"group": group})
        if group_rules.asks_to_go_on(status, group.assignment.ends_on, local_day(now, group.zone)):
            yield Need("going_on", None, {"group": group})


def participant_start(session: Session, actor: Actor, now: datetime) -> ParticipantStart:
    """Gather a participant's start page; those without a seat may stand in a line or have an evaluation to answer."""
    standing = line_queries.standing_of(session, actor)
    offers = [Need("offer", one.offer_until_at, {"place": one}) for one in standing if one.is_offer]
    needs = [Need("evaluation", one.closes_at, {"campaign": one}) for one in evaluations.open_for(session, actor, now)]
    waits = [one for one in standing if not one.is_offer]
    if not actor.member_of:
        signed_up = sign_up_queries.own_sign_ups(session, actor)
        return ParticipantStart(in_order(offers, now), in_order(needs, now), waits, signed_up)
    own = groups.my_groups(session, actor)
    ahead = [one for one in meetings.upcoming(session, actor, now) if one.group_id in actor.member_of]
    nearest = ahead[0] if ahead else None
    group = nearest.group if nearest else own[0]
    turn = cases.whose_turn(session, actor, group, now)
    if turn and turn["is_mine"]:
        needs.append(Need("turn_told", turn["meeting"].starts_at, {"turn": turn}))
    needs += [
        Need("agreement", next_at, {"group": one}) for one, next_at in agreements.groups_to_accept(session, actor, now)
    ]
    needs += [Need("statement", None, {"group": one}) for one in statements.waiting_for(session, actor)]
    told = follow_ups.meeting_to_follow_up(session, actor, now)
    if told is not None:
        needs.append(Need("follow_up", None, {"meeting": told}))
    ids = [nearest.id] if nearest else []
    return ParticipantStart(
        offers=in_order(offers, now),
        needs=in_order(needs, now),
        standing=waits,
        groups=own,
        group=group,
        nearest=nearest,
        answers=meetings.answers_of(session, actor.id, ids),
        cover=next(iter(cover.own_states(session, actor.id, ids).values()), None),
        has_planner=cover.has_planner(session, group.assignment.organisation_id),
        turn=turn if turn and not turn["is_mine"] else None,
        own_case=next((one for one in cases.own_cases(session, actor) if one.status in OPEN_CASE), None),
        has_release=bool(evaluations.releases_of(session, group.assignment_id))
        or statements.is_answered(session, group),
    )


def office_start(session: Session, actor: Actor, now: datetime) -> OfficeStart:
    """Gather a manager's or coordinator's start page; what a coordinator plans, a manager is not told."""
    needs = [
        Need("released", None, {"release": one})
        for one in (queries.released(session, actor, now) if actor.manages else ())
    ]
    if actor.coordinates - actor.manages:
        count, first_at = cover.open_asked(session, actor, now)
        if count:
            needs.append(Need("cover_open", first_at, {"count": count}))
        if not actor.supervises:
            needs += [Need("sign_ups", facts={"waiting": one}) for one in queries.without_seat(session, actor)]
        needs += [
            Need("forming", None, {"name": one.name, "taken": one.taken, "seats": one.seats, "of": one})
            for one in queries.forming(session, actor)
        ]
    return OfficeStart(in_order(needs, now), queries.office_assignments(session, actor))


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
