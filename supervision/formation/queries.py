"""Every SELECT about forming groups: the pool, what stands already, runs and their proposals."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, joinedload

from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.formation.rules import pool
from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.groups.rules import A_MONDAY, SLOT_STARTS
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment, RoleHolding
from supervision.people.models import Person

MOST_RUNS = 12  # our choice: as many earlier runs as the page lists
ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything groups of an assignment are formed from, as it stands now."""

    waiting: Sequence[pool.Waiting]
    standing: Sequence[pool.Standing]
    times: pool.Times | None
    places: Sequence[pool.Place]
    terms: pool.Terms

    @property
    def names(self) -> Mapping[str, str]:
        """Return person id -> name."""
        everyone = [*self.waiting, *(one for group in self.standing for one in group.people)]
        return {one.person_id: one.name for one in everyone}


@dataclass(slots=True)
class _Books:
    """An assignment's seats and lines, read once."""

    seated: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))

    @property
    def taken(self) -> frozenset[uuid.UUID]:
        return frozenset(one for people in self.seated.values() for one in people)


def get_run(session: Session, actor: Actor, run_id: uuid.UUID) -> FormationRun | None:
    """Return a run of an assignment in which the actor may form groups, with organisation and supervisor."""
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
    mine = found.assignment_id in actor.supervises
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


def runs_of(session: Session, assignment_id: uuid.UUID) -> Sequence[FormationRun]:
    """Return an assignment's runs, newest first."""
    return session.scalars(
        select(FormationRun)
        .where(FormationRun.assignment_id == assignment_id)
        .order_by(FormationRun.asked_at.desc(), FormationRun.id)
        .limit(MOST_RUNS)
    ).all()


def active_run(session: Session, assignment_id: uuid.UUID) -> FormationRun | None:
    """Return the run that waits or is at work."""
    return session.scalar(
        select(FormationRun).where(
            FormationRun.assignment_id == assignment_id, FormationRun.status.in_(("queued", "running"))
        )
    )


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


def has_times(session: Session, person_id: uuid.UUID) -> bool:
    """Return whether a supervisor has told any time, not which."""
    found = times_of(session, person_id)
    return found is not None and bool(found.slots)


def frame_of(session: Session, assignment_id: uuid.UUID) -> FormationFrame | None:
    """Return the places of an assignment, if someone has written them down."""
    return session.scalar(select(FormationFrame).where(FormationFrame.assignment_id == assignment_id))


def places_of(frame: FormationFrame | None, assignment: Assignment) -> Sequence[pool.Place]:
    """Return where groups may meet: what the frame says, else the assignment's own place and link."""
    if frame is not None and frame.places:
        return [
            pool.Place(one["name"], one.get("rooms"), bool(one.get("is_step_free")), bool(one.get("is_online")))
            for one in frame.places
        ]
    return [pool.Place(assignment.place, None, is_step_free=True, is_online=not assignment.place)]


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


def languages(text: str) -> list[str]:
    """Return the languages an assignment names, as "sv, da" or "sv da"; Swedish when it names none."""
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").lower().split())) or ["sv"]


def terms_of(assignment: Assignment, frame: FormationFrame | None) -> pool.Terms:
    """Return what the assignment says about its groups."""
    return pool.Terms(
        languages(assignment.languages),
        assignment.seats_min,
        assignment.seats_max,
        frame.same_unit if frame is not None else 2,
        is_weekly=assignment.every_days % 14 != 0,
    )


def pool_of(session: Session, assignment: Assignment) -> Pool:
    """Return everything groups of an assignment are formed from: seven queries, however many people."""
    frame = frame_of(session, assignment.id)
    terms, places = terms_of(assignment, frame), places_of(frame, assignment)
    groups = session.scalars(
        select(Group)
        .join(Group.assignment)
        .options(joinedload(Group.assignment))
        .where(Assignment.supervisor_id == assignment.supervisor_id, Group.status != ENDED)
        .order_by(Group.created_at, Group.id)
    ).all()
    forming = [one for one in groups if one.assignment_id == assignment.id and one.status == "forming"]
    forming = [one for one in forming if one.merging_into_id is None]
    slots = {one.id: group_slots(one) for one in groups}
    books = _read_books(session, assignment.id)
    people = _people(session, assignment, books, slots)
    standing = [
        _standing(one, slots[one.id][0], [people[who] for who in books.seated[one.id] if who in people], places)
        for one in forming
        if slots[one.id] and books.seated[one.id]
    ]
    kept = {uuid.UUID(one.group_id) for one in standing}
    return Pool(
        [people[who] for who in people if who not in books.taken],
        standing,
        _times(session, assignment, [one for one in groups if one.id not in kept], slots),
        places,
        terms,
    )


def count_waiting(session: Session, assignment: Assignment) -> int:
    """Return how many wait for a group of an assignment, without reading what they told."""
    return len(pool_of(session, assignment).waiting)


def group_slots(group: Group) -> tuple[str, ...]:
    """Return the slots of the fortnight a group's meetings begin in: one, or in both weeks where it meets weekly."""
    day = group.anchor_on or group.first_on
    first = pool.slot_of(day, group.at_local.hour, SLOT_STARTS.items(), A_MONDAY)
    if first is None:
        return ()
    other = ("B" if first[0] == "A" else "A") + first[1:]
    return (first,) if group.assignment.every_days % 14 == 0 else tuple(sorted((first, other)))


def open_groups(session: Session, assignment_id: uuid.UUID) -> Mapping[uuid.UUID, Group]:
    """Return an assignment's groups that still form, with what offers need."""
    found = session.scalars(
        select(Group)
        .where(Group.assignment_id == assignment_id, Group.status == "forming")
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


def _read_books(session: Session, assignment_id: uuid.UUID) -> _Books:
    books = _Books()
    members = session.execute(
        select(Membership.group_id, Membership.person_id)
        .join(Group, Group.id == Membership.group_id)
        .where(Group.assignment_id == assignment_id, Membership.left_at.is_(None))
        .order_by(Membership.joined_at, Membership.place_no)
    ).tuples()
    for group_id, person_id in members:
        books.seated[group_id].append(person_id)
    lines = session.execute(
        select(QueuePlace.group_id, QueuePlace.person_id, QueuePlace.status)
        .join(Group, Group.id == QueuePlace.group_id)
        .where(
            Group.assignment_id == assignment_id, QueuePlace.status.in_(("offered", "declined", "expired", "withdrawn"))
        )
        .order_by(QueuePlace.number)
    ).tuples()
    for group_id, person_id, status in lines:
        if status == "offered":
            books.seated[group_id].append(person_id)
        elif status == "declined":
            books.refused[person_id].add(group_id)
    return books


def _people(
    session: Session, assignment: Assignment, books: _Books, slots: Mapping[uuid.UUID, Sequence[str]]
) -> dict[uuid.UUID, pool.Waiting]:
    """Return everyone who has signed up, and those seated without a sign-up, in order of sign-up."""
    leads = exists().where(
        RoleHolding.person_id == Person.id,
        RoleHolding.organisation_id == assignment.organisation_id,
        RoleHolding.role == "manager",
    )
    rows = session.execute(
        select(Person.id, Person.name, Person.language, SignUp)
        .join(SignUp, (SignUp.person_id == Person.id) & (SignUp.assignment_id == assignment.id))
        .where(SignUp.withdrawn_at.is_(None), ~leads, Person.id != assignment.supervisor_id)
        .order_by(SignUp.created_at, Person.id)
    ).tuples()
    found = {}
    for person_id, name, language, told in rows:
        refused = {slot for group_id in books.refused[person_id] for slot in slots.get(group_id, ())}
        found[person_id] = pool.Waiting(
            str(person_id),
            name,
            told.unit,
            told.experience,
            tuple(told.slots),
            tuple(told.needs),
            told.not_with,
            language,
            frozenset(refused),
        )
    without = [one for one in books.taken if one not in found]
    for person in session.scalars(select(Person).where(Person.id.in_(without))):
        found[person.id] = pool.Waiting(str(person.id), person.name, language=person.language)
    return found


def _standing(group: Group, slot: str, people: Sequence[pool.Waiting], places: Sequence[pool.Place]) -> pool.Standing:
    online = next((place.name for place in places if place.is_online), "")
    return pool.Standing(str(group.id), group.name, slot, group.place or online, people)


def _times(
    session: Session, assignment: Assignment, others: Sequence[Group], slots: Mapping[uuid.UUID, Sequence[str]]
) -> pool.Times | None:
    told = times_of(session, assignment.supervisor_id)
    if told is None:
        return None
    busy = {slot for group in others for slot in slots[group.id]}
    if assignment.every_days % 14 != 0:  # a weekly group's slot is written as week A's, and needs both
        busy |= {"A" + slot[1:] for slot in busy}
    return pool.Times(
        str(told.person_id),
        tuple(told.slots),
        tuple(told.places),
        tuple(told.languages),
        told.most_groups,
        frozenset(busy),
        len(others),
    )
