"""What people do to form groups: tell times and places, ask for a proposal, stop it, move someone by hand."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.audit.services import record
from supervision.formation import queries
from supervision.formation.models import FormationFrame, FormationRun, SupervisorTimes
from supervision.formation.proposals import how_met, instance_of, plan_of
from supervision.formation.rules import check, pool
from supervision.formation.rules.instance import Instance, Plan
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
    record(session, actor, "times.told", "person", actor.id, now=now)


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
    record(session, actor, "formation.frame_changed", "assignment", assignment.id, now=now)


def ask_run(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    now: datetime,
    previous: FormationRun | None = None,
    pinned: Sequence[int] = (),
) -> FormationRun:
    """Ask the jobs process for a proposal; with a previous one as little as possible changes, pinned groups nothing.

    Raises `formation_running` (one at a time), `formation_no_times` (the supervisor has told none), `formation_nobody`.
    """
    if queries.active_run(session, assignment.id) is not None:
        raise RuleBroken("formation_running")
    if not queries.has_times(session, assignment.supervisor_id):
        raise RuleBroken("formation_no_times")
    waiting = queries.count_waiting(session, assignment)
    if not waiting:
        raise RuleBroken("formation_nobody")
    run = FormationRun(
        assignment=assignment,
        asked_by_id=actor.id,
        previous_id=previous.id if previous is not None else None,
        pinned=sorted(set(pinned)),
        people=waiting,
        asked_at=now,
    )
    session.add(run)
    session.flush()
    record(session, actor, "formation.asked", "assignment", assignment.id, now=now)
    return run


def ask_stop(session: Session, actor: Actor, run: FormationRun, now: datetime) -> None:
    """Let a run end with the best it has; one that has not begun ends at once."""
    queries.lock_run(session, run)
    if run.status == "queued":
        run.status, run.ended_at = "stopped", now
    run.is_stop_asked = True
    record(session, actor, "formation.stopped", "assignment", run.assignment_id, now=now)


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
    instance = instance_of(queries.pool_of(session, run.assignment))
    if seat is None or str(person_id) not in instance.person or (to is not None and to not in range(len(run.groups))):
        raise RuleBroken("formation_changed")
    if seat.is_seated:
        raise RuleBroken("formation_seated")
    touched = {number for number in (seat.group_no, to) if number is not None}
    before = plan_of(run, list(seats.values()), instance)
    seat.group_no, seat.is_moved = to, True
    seat.reason, seat.help_kind = ("by_hand" if to is None else ""), ""
    plan = plan_of(run, list(seats.values()), instance)
    _refuse_worse(instance, before, plan, touched)
    groups = list(run.groups)
    for number in touched:
        groups[number] = groups[number] | how_met(instance, plan.groups[number])
    run.groups = groups
    run.placed = plan.placed
    session.flush()
    record(session, actor, "formation.moved", "assignment", run.assignment_id, now=now)


def refuse_published(run: FormationRun) -> None:
    """Refuse to change a proposal that is published, or is none. Code: `formation_published`."""
    if run.published_at is not None or not run.has_proposal:
        raise RuleBroken("formation_published")


def _refuse_worse(instance: Instance, before: Plan, plan: Plan, touched: set[int]) -> None:
    """Refuse what a move breaks; what was broken before, since the pool has changed, is no fault of the move."""
    old = {(one.code, one.group, one.people) for one in check.faults(instance, before)}
    for one in check.faults(instance, plan):
        if one.group in touched and (one.code, one.group, one.people) not in old:
            raise RuleBroken(f"rule_{one.code}", "to")
