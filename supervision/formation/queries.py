"""Every SELECT about runs and their proposals, supervisors' times and places; the pool is in `pool_queries`."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session, aliased, joinedload

from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.formation.pool_queries import is_like, places_of
from supervision.formation.waiting_queries import languages
from supervision.groups.models import Group, QueuePlace
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment
from supervision.people.models import Person

MOST_RUNS = 12  # our choice: as many earlier runs as the page lists


def get_run(session: Session, actor: Actor, run_id: uuid.UUID) -> FormationRun | None:
    """Return a run of an assignment in which the actor may form groups, with organisation and supervisor.

    One for the whole organisation is there for its coordinators only: it holds other supervisors' groups.
    """
    found = session.scalar(
        select(FormationRun)
        .where(FormationRun.id == run_id)
        .options(
            joinedload(FormationRun.assignment).options(
                joinedload(Assignment.organisation), joinedload(Assignment.supervisor)
            )
        )
    )
    if found is None:
        return None
    mine = found.assignment_id in actor.supervises and not found.is_wide
    office = found.assignment.organisation_id in actor.coordinates - actor.manages
    return found if mine or office else None


@dataclass(frozen=True, slots=True)
class SeatOfRun:
    """Where a proposal puts one person, with the run it belongs to."""

    run: FormationRun
    person_id: uuid.UUID
    name: str
    group_no: int | None


def get_seat(session: Session, actor: Actor, run_id: uuid.UUID, person_id: uuid.UUID) -> SeatOfRun | None:
    """Return where a proposal this actor may know of puts someone."""
    run = get_run(session, actor, run_id)
    seat = session.scalar(
        select(FormationSeat)
        .where(FormationSeat.run_id == run_id, FormationSeat.person_id == person_id)
        .options(joinedload(FormationSeat.person))
    )
    return SeatOfRun(run, person_id, seat.person.name, seat.group_no) if run is not None and seat is not None else None


def find_run(session: Session, run_id: uuid.UUID) -> FormationRun | None:
    """Return a run for the job, with its assignment and organisation."""
    return session.scalar(
        select(FormationRun)
        .where(FormationRun.id == run_id)
        .options(joinedload(FormationRun.assignment).joinedload(Assignment.organisation))
    )


def lock_run(session: Session, run: FormationRun) -> None:
    """Read a run anew and let nobody else change it until the transaction ends."""
    session.flush()
    session.refresh(run, with_for_update=True, attribute_names=["status", "groups", "published_at", "placed"])


def runs_of(session: Session, assignment: Assignment, *, is_wide: bool) -> Sequence[FormationRun]:
    """Return an assignment's runs, or those of its organisation's assignments like it; newest first."""
    here = is_like(assignment) if is_wide else Assignment.id == assignment.id
    return session.scalars(
        select(FormationRun)
        .join(FormationRun.assignment)
        .where(here, FormationRun.is_wide == is_wide)
        .order_by(FormationRun.asked_at.desc(), FormationRun.id)
        .limit(MOST_RUNS)
    ).all()


def active_run(session: Session, assignment: Assignment, *, is_wide: bool) -> FormationRun | None:
    """Return a run that waits or is at work and could seat the same people."""
    there = Assignment.organisation_id == assignment.organisation_id
    same: ColumnElement[bool] = there
    if not is_wide:
        same = or_(Assignment.id == assignment.id, and_(there, FormationRun.is_wide.is_(True)))
    return session.scalar(
        select(FormationRun)
        .join(FormationRun.assignment)
        .where(same, FormationRun.status.in_(("queued", "running")))
        .limit(1)
    )


def supervisor_names(session: Session, run: FormationRun) -> Mapping[str, str]:
    """Return the names of those who lead a proposal's groups."""
    ids = {uuid.UUID(one["supervisor"]) for one in run.groups}
    rows = session.execute(select(Person.id, Person.name).where(Person.id.in_(ids))).tuples()
    return {str(person_id): name for person_id, name in rows}


def count_earlier(session: Session, run: FormationRun) -> int:
    """Return how many of a run's people had a group in the proposal before."""
    before = aliased(FormationSeat)
    found = session.scalar(
        select(func.count())
        .select_from(FormationSeat)
        .join(before, before.person_id == FormationSeat.person_id)
        .where(
            FormationSeat.run_id == run.id,
            before.run_id == run.previous_id,
            before.group_no.is_not(None),
        )
    )
    return found or 0


def next_queued(session: Session) -> uuid.UUID | None:
    """Return the run that has waited longest."""
    return session.scalar(
        select(FormationRun.id).where(FormationRun.status == "queued").order_by(FormationRun.asked_at).limit(1)
    )


def silent_runs(session: Session, before: datetime) -> Sequence[FormationRun]:
    """Return runs said to be at work that have given no sign of life since an instant."""
    return session.scalars(
        select(FormationRun).where(FormationRun.status == "running", FormationRun.told_at < before)
    ).all()


def is_stop_asked(session: Session, run_id: uuid.UUID) -> bool:
    """Return whether someone has pressed stop."""
    return bool(session.scalar(select(FormationRun.is_stop_asked).where(FormationRun.id == run_id)))


def seats_of(session: Session, run_id: uuid.UUID) -> Sequence[FormationSeat]:
    """Return where a proposal puts everyone, with their names: one query."""
    return session.scalars(
        select(FormationSeat)
        .join(FormationSeat.person)
        .where(FormationSeat.run_id == run_id)
        .options(joinedload(FormationSeat.person))
        .order_by(FormationSeat.group_no, Person.name)
    ).all()


def times_of(session: Session, person_id: uuid.UUID) -> SupervisorTimes | None:
    """Return what a supervisor has told about their own times."""
    return session.scalar(select(SupervisorTimes).where(SupervisorTimes.person_id == person_id))


def frame_of(session: Session, assignment_id: uuid.UUID) -> FormationFrame | None:
    """Return the places of an assignment, if someone has written them down."""
    return session.scalar(select(FormationFrame).where(FormationFrame.assignment_id == assignment_id))


def places_known_to(session: Session, person_id: uuid.UUID) -> Sequence[str]:
    """Return the names of all places of the assignments someone supervises, in order of the alphabet."""
    rows = session.execute(
        select(Assignment, FormationFrame)
        .outerjoin(FormationFrame, FormationFrame.assignment_id == Assignment.id)
        .where(Assignment.supervisor_id == person_id)
    ).tuples()
    return sorted({place.name for assignment, frame in rows for place in places_of(frame, assignment) if place.name})


def languages_known_to(session: Session, person_id: uuid.UUID) -> Sequence[str]:
    """Return the languages of all assignments someone supervises."""
    rows = session.scalars(select(Assignment.languages).where(Assignment.supervisor_id == person_id))
    return sorted({one for row in rows for one in languages(row)})


def open_groups(session: Session, assignment_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Group]:
    """Return the groups of assignments that still form, with what offers need."""
    found = session.scalars(
        select(Group)
        .where(Group.assignment_id.in_(assignment_ids), Group.status == "forming")
        .options(joinedload(Group.assignment).joinedload(Assignment.organisation))
    )
    return {one.id: one for one in found}


def names_taken(session: Session, assignment_id: uuid.UUID) -> frozenset[str]:
    """Return the names of an assignment's groups, ended ones too."""
    return frozenset(session.scalars(select(Group.name).where(Group.assignment_id == assignment_id)))


def existing(session: Session, people: Collection[uuid.UUID]) -> frozenset[str]:
    """Return which of these people still exist."""
    return frozenset(str(one) for one in session.scalars(select(Person.id).where(Person.id.in_(people))))


def answers_of(session: Session, group_ids: Collection[uuid.UUID]) -> Mapping[tuple[uuid.UUID, str], int]:
    """Return for each of these groups how many offers stand, and how many were declined or ran out."""
    rows = session.execute(
        select(QueuePlace.group_id, QueuePlace.status, func.count())
        .where(QueuePlace.group_id.in_(group_ids))
        .group_by(QueuePlace.group_id, QueuePlace.status)
    ).tuples()
    return {(group, status): count for group, status, count in rows}
