"""What people do to form groups: tell times and places, ask for a proposal, stop it, move someone by hand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.formation import queries
from supervision.formation.models import FormationFrame, FormationRun, SupervisorTimes
from supervision.formation.pool_queries import pool_of, pool_of_run
from supervision.formation.proposals import how_met, instance_of, plan_of
from supervision.formation.rules import check, pool
from supervision.formation.rules.instance import Instance, Plan
from supervision.groups.models import SignUp
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.orgs.models import Assignment


def save_times(session: Session, actor: Actor, facts: Mapping[str, Any], now: datetime) -> None:
    """Keep a supervisor's own slots, places, languages and most groups; a second time replaces the first."""
    found = queries.times_of(session, actor.id)
    if found is None:
        found = SupervisorTimes(person_id=actor.id)
        session.add(found)
    for name, value in facts.items():
        setattr(found, name, value)
    found.changed_at = now
    record(session, actor, Action.TIMES_TOLD, ObjectKind.PERSON, actor.id, now=now)


def save_frame(
    session: Session, actor: Actor, assignment: Assignment, places: Sequence[pool.Place], same_unit: int, now: datetime
) -> None:
    """Keep where an assignment's groups may meet. Raises `place_twice`."""
    if len({one.name.casefold() for one in places}) < len(places):
        raise RuleBroken("place_twice")
    found = queries.frame_of(session, assignment.id)
    if found is None:
        found = FormationFrame(assignment_id=assignment.id)
        session.add(found)
    found.places, found.same_unit, found.changed_at = [asdict(one) for one in places], same_unit, now
    record(session, actor, Action.FORMATION_FRAME_CHANGED, ObjectKind.ASSIGNMENT, assignment.id, now=now)


def save_wishes(
    session: Session,
    actor: Actor,
    sign_up: SignUp,
    slot_wishes: Mapping[str, int],
    ways_km: Mapping[str, float],
    now: datetime,
) -> None:
    """Keep which times suit someone best and how far it is; what was told before is replaced."""
    sign_up.slot_wishes, sign_up.ways_km = dict(slot_wishes), dict(ways_km)
    record(session, actor, Action.SIGN_UP_CHANGED, ObjectKind.ASSIGNMENT, sign_up.assignment_id, now=now)


def ask_run(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    now: datetime,
    previous: FormationRun | None = None,
    pinned: Sequence[int] = (),
    *,
    is_wide: bool = False,
) -> FormationRun:
    """Ask the jobs process for a proposal; with a previous one as little as possible changes, pinned groups nothing.

    A wide one is for all assignments of the organisation that are like this one, with all their supervisors. Raises
    `formation_running` (one at a time), `formation_no_times` (no supervisor has told any), `formation_nobody`.
    """
    if queries.active_run(session, assignment, is_wide=is_wide) is not None:
        raise RuleBroken("formation_running")
    found = pool_of(session, assignment, now.date() if is_wide else None)
    if not found.has_times:
        raise RuleBroken("formation_no_times")
    if not found.waiting:
        raise RuleBroken("formation_nobody")
    run = FormationRun(
        assignment=assignment,
        asked_by_id=actor.id,
        previous_id=previous.id if previous is not None else None,
        is_wide=is_wide,
        pinned=sorted(set(pinned)),
        people=len(found.waiting),
        asked_at=now,
    )
    session.add(run)
    session.flush()
    record(session, actor, Action.FORMATION_ASKED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return run


def ask_stop(session: Session, actor: Actor, run: FormationRun, now: datetime) -> None:
    """Let a run end with the best it has; one that has not begun ends at once."""
    queries.lock_run(session, run)
    if run.status == "queued":
        run.status, run.ended_at = "stopped", now
    run.is_stop_asked = True
    record(session, actor, Action.FORMATION_STOPPED, ObjectKind.ASSIGNMENT, run.assignment_id, now=now)


def move_person(
    session: Session, actor: Actor, run: FormationRun, person_id: uuid.UUID, to: int | None, now: datetime
) -> None:
    """Put someone into another group of a proposal, or into none, if every rule allows it.

    Raises `formation_published`, `formation_changed`, `formation_seated`, or the rule that refuses, as `rule_...`.
    """
    queries.lock_run(session, run)
    refuse_published(run)
    seats = {one.person_id: one for one in queries.seats_of(session, run.id)}
    seat = seats.get(person_id)
    instance = instance_of(pool_of_run(session, run))
    if seat is None or str(person_id) not in instance.person or (to is not None and to not in range(len(run.groups))):
        raise RuleBroken("formation_changed")
    if seat.is_seated:
        raise RuleBroken("formation_seated")
    touched = {number for number in (seat.group_no, to) if number is not None}
    before = plan_of(run, list(seats.values()), instance)
    plan = _with_move(before, str(person_id), seat.group_no, to)
    broken = _broken(instance, before, plan, touched)
    if broken:
        raise RuleBroken(f"rule_{broken}", "to")
    seat.group_no, seat.is_moved, seat.moved_why = to, True, "by_hand"
    seat.reason, seat.help_kind = ("by_hand" if to is None else ""), ""
    groups = list(run.groups)
    for number in touched:
        groups[number] = groups[number] | how_met(instance, plan.groups[number])
    run.groups = groups
    run.placed = plan.placed
    session.flush()
    record(session, actor, Action.FORMATION_MOVED, ObjectKind.ASSIGNMENT, run.assignment_id, now=now)


def refuse_published(run: FormationRun) -> None:
    """Refuse to change a proposal that is published, or is none. Code: `formation_published`."""
    if run.published_at is not None or not run.has_proposal:
        raise RuleBroken("formation_published")


def refusals(session: Session, run: FormationRun, person_id: uuid.UUID) -> Mapping[int | None, str]:
    """Return for each group of a proposal, and for none, the code of the rule that keeps someone from moving there."""
    seats = queries.seats_of(session, run.id)
    at = next((one.group_no for one in seats if one.person_id == person_id), None)
    instance = instance_of(pool_of_run(session, run))
    if str(person_id) not in instance.person:
        return {}
    before = plan_of(run, seats, instance)
    found = {}
    for to in (None, *range(len(run.groups))):
        touched = {number for number in (at, to) if number is not None}
        broken = _broken(instance, before, _with_move(before, str(person_id), at, to), touched) if to != at else ""
        if broken:
            found[to] = f"rule_{broken}"
    return found


def _with_move(plan: Plan, person_id: str, at: int | None, to: int | None) -> Plan:
    groups = list(plan.groups)
    if at is not None:
        groups[at] = replace(groups[at], people=tuple(one for one in groups[at].people if one != person_id))
    if to is not None:
        groups[to] = replace(groups[to], people=(*groups[to].people, person_id))
    return replace(plan, groups=tuple(groups))


def _broken(instance: Instance, before: Plan, plan: Plan, touched: set[int]) -> str:
    """Return what a move breaks, or ""; what was broken before, since the pool has changed, is no fault of the move.

    A move changes no group's time, place or supervisor, so the groups it touches are all there is to look at.
    """
    old = {_what(one) for number in touched for one in check.group_faults(instance, before.groups[number], number)}
    for number in sorted(touched):
        for one in check.group_faults(instance, plan.groups[number], number):
            if _what(one) not in old:
                return one.code
    return ""


def _what(one: check.Fault) -> tuple[object, ...]:
    people = () if one.code in {"group_too_small", "group_too_large"} else one.people
    return one.code, one.group, people
