"""A run's problem and its proposal: read from the database, solved elsewhere, written down again."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy.orm import Session

from supervision.formation import queries
from supervision.formation.models import FormationRun, FormationSeat
from supervision.formation.pool_queries import Pool, pool_of_run
from supervision.formation.rules import pool, wishes
from supervision.formation.rules.instance import FormedGroup, Instance, Leader, Plan, Slot
from supervision.groups.rules import SLOTS

FORTNIGHT = [Slot(one, one[0], int(one[1]) - 1, f"{int(one[3:]):02d}:00") for one in SLOTS]


@dataclass(frozen=True, slots=True)
class Problem:
    """What a run works on: the instance, the groups that stay, and the plan of the run before."""

    instance: Instance
    pinned: tuple[FormedGroup, ...] = ()
    previous: Plan | None = None
    group_ids: Mapping[tuple[Any, ...], str] | None = None


@dataclass(frozen=True, slots=True)
class Whys:
    """Why a plan is as it is: those without a group, as the solver says it, and person id -> why they moved."""

    unplaced: Sequence[Any]
    moved: Mapping[Any, str]


def instance_of(found: Pool) -> Instance:
    """Return the instance of a pool."""
    return pool.instance_of(
        FORTNIGHT, found.waiting, found.standing, found.leaders, found.places, found.terms, found.in_use
    )


def problem_of(session: Session, run: FormationRun) -> Problem:
    """Return what a run works on, as everything stands now."""
    found = pool_of_run(session, run)
    instance = instance_of(found)
    stands = {pool.formed(one): one.group_id for one in found.standing}
    ids = {group.key: group_id for group, group_id in stands.items()}
    before = queries.find_run(session, run.previous_id) if run.previous_id is not None else None
    if before is None:
        return Problem(instance, tuple(stands), None, ids)
    plan = plan_of(before, queries.seats_of(session, before.id), instance)
    numbered = enumerate(plan.groups)
    chosen = [one for number, one in numbered if number in run.pinned and one.key not in ids and one.people]
    return Problem(instance, (*stands, *chosen), plan, ids)


def without(problem: Problem, let_go: Sequence[FormedGroup]) -> Problem:
    """Return the problem without groups that stand but cannot be filled now, and without those who sit in them.

    Their supervisor keeps the time for them.
    """
    gone = {one for group in let_go for one in group.people}
    led: dict[Any, set[Any]] = {}
    for group in let_go:
        led.setdefault(group.supervisor, set()).add(group.slot)
    instance = replace(
        problem.instance,
        people=[one for one in problem.instance.people if one.id not in gone],
        supervisors=[_holding(one, frozenset(led.get(one.id, ()))) for one in problem.instance.supervisors],
        apart=frozenset(pair for pair in problem.instance.apart if not gone.intersection(pair)),
    )
    return replace(problem, instance=instance, pinned=tuple(one for one in problem.pinned if one not in let_go))


def _holding(leader: Leader, held: frozenset[Any]) -> Leader:
    """Return a supervisor who keeps times for groups of their own."""
    return replace(leader, slots=leader.slots - held, max_groups=max(0, leader.max_groups - len(held)))


def plan_of(run: FormationRun, seats: Sequence[FormationSeat], instance: Instance | None = None) -> Plan:
    """Return a run's proposal as a plan; with an instance, only those who are still in it."""
    people: dict[int, list[str]] = {number: [] for number in range(len(run.groups))}
    for seat in seats:
        if seat.group_no is not None and (instance is None or str(seat.person_id) in instance.person):
            people[seat.group_no].append(str(seat.person_id))
    groups = [formed_group(one, people[number]) for number, one in enumerate(run.groups)]
    return Plan(tuple(groups), run.bound)


def formed_group(one: Mapping[str, Any], people: Sequence[str]) -> FormedGroup:
    """Return a proposed group with these people."""
    return FormedGroup(one["supervisor"], one["slot"], one["place"], one["language"], tuple(people))


def keep_proposal(
    session: Session,
    run: FormationRun,
    problem: Problem,
    plan: Plan,
    why: Whys,
    now: datetime,
) -> None:
    """Write down what a run has found, with the reasons of those moved and of those without a group."""
    run.groups = [_described(problem, group) for group in plan.groups]
    seated = {one for group in problem.pinned if _id_of(problem, group) for one in group.people}
    unplaced = {one.id: one for one in why.unplaced}
    moved = set(plan.moved)
    known = queries.existing(session, [uuid.UUID(str(one.id)) for one in problem.instance.people])
    number_of = {one: number for number, group in enumerate(plan.groups) for one in group.people}
    session.execute(delete(FormationSeat).where(FormationSeat.run_id == run.id))
    for person in problem.instance.people:
        if str(person.id) not in known:
            continue
        seat = FormationSeat(
            run_id=run.id,
            person_id=uuid.UUID(str(person.id)),
            group_no=number_of.get(person.id),
            is_moved=person.id in moved,
            moved_why=why.moved.get(person.id, ""),
            is_seated=person.id in seated,
        )
        if person.id in unplaced:
            _explain(seat, unplaced[person.id])
        session.add(seat)
    run.placed = sum(len(group.people) for group in plan.groups)
    run.people, run.bound = len(problem.instance.people), max(plan.bound, run.placed)
    run.status = "stopped" if plan.ended == "stopped" else "done"
    run.ended_at = run.told_at = now
    run.share = 100


def _described(problem: Problem, group: FormedGroup) -> dict[str, Any]:
    return {
        "supervisor": group.supervisor,
        "slot": group.slot,
        "place": group.place,
        "language": group.language,
        "pinned": group.key in {one.key for one in problem.pinned},
        "group_id": _id_of(problem, group),
    } | how_met(problem.instance, group)


def how_met(instance: Instance, group: FormedGroup) -> dict[str, Any]:
    """Return how far a group meets what is wished for, as a run keeps it."""
    met = wishes.met(instance, group)
    ways = [instance.person[one].places[group.place] for one in group.people]
    told = [one for one in ways if one > 0]
    return {
        "same_team": met.same_team,
        "is_mixed": met.is_mixed,
        "prefer": met.prefer,
        "fine": met.fine,
        "if_needed": met.if_needed,
        "ways_told": len(told),
        "km": round(sum(told)),
        "size": met.size,
    }


def _id_of(problem: Problem, group: FormedGroup) -> str | None:
    return (problem.group_ids or {}).get(group.key)


def _explain(seat: FormationSeat, one: Any) -> None:  # noqa: ANN401 - the solver's answer
    seat.reason, seat.others = one.reason, one.count
    if one.would_help is not None:
        seat.help_kind = one.would_help.kind
        seat.help_slot, seat.help_place = str(one.would_help.slot), one.would_help.place
