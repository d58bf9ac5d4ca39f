"""What groups are formed from, as it stands now: those who wait, groups that form, supervisors, places."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import ColumnElement, Select, and_, exists, select
from sqlalchemy.orm import Session, joinedload

from supervision.formation.models import FormationFrame, FormationRun, SupervisorTimes
from supervision.formation.policy import may_form_widely
from supervision.formation.rules import pool
from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.groups.rules import A_MONDAY, SLOT_STARTS
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment, RoleHolding
from supervision.people.models import Person

ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Pool:
    """Everything groups are formed from, as it stands now; `assignments` are those whose groups they become."""

    waiting: Sequence[pool.Waiting]
    standing: Sequence[pool.Standing]
    leaders: Sequence[pool.Times]
    places: Sequence[pool.Place]
    terms: pool.Terms
    assignments: Sequence[Assignment]
    signed_up: Mapping[str, uuid.UUID]

    @property
    def has_times(self) -> bool:
        """Return whether any supervisor has told a time."""
        return any(one.slots for one in self.leaders)

    def more_groups(self, leader: pool.Times) -> int:
        """Return how many groups a supervisor can lead besides those they lead or that form."""
        forming = sum(one.supervisor_id == leader.person_id for one in self.standing)
        return max(0, leader.most_groups - leader.led - forming)


@dataclass(slots=True)
class _Books:
    """Seats and lines of the pool's assignments, read once; `asked` have an open offer from another assignment."""

    seated: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))
    asked: set[uuid.UUID] = field(default_factory=set)

    @property
    def taken(self) -> frozenset[uuid.UUID]:
        return frozenset(one for people in self.seated.values() for one in people)


def pool_of(session: Session, assignment: Assignment, wide_on: date | None = None) -> Pool:
    """Return what groups of an assignment are formed from: nine queries, however many people.

    With a day, what groups of all assignments of the organisation like it that are not over then are formed from.
    """
    members = alike(session, assignment, wide_on) if wide_on is not None else [assignment]
    ids = [one.id for one in members]
    frames = {one.assignment_id: one for one in _frames(session, ids)}
    terms = _terms(members, frames)
    places = _places(members, frames)
    groups = session.scalars(
        select(Group)
        .join(Group.assignment)
        .options(joinedload(Group.assignment))
        .where(Assignment.supervisor_id.in_({one.supervisor_id for one in members}), Group.status != ENDED)
        .order_by(Group.created_at, Group.id)
    ).all()
    forming = [
        one for one in groups if one.assignment_id in ids and one.status == "forming" and one.merging_into_id is None
    ]
    slots = {one.id: group_slots(one) for one in groups}
    books = _read_books(session, members)
    people, signed_up = _people(session, members, books, slots)
    standing = [
        _standing(one, slots[one.id][0], [people[who] for who in books.seated[one.id] if who in people], places)
        for one in forming
        if slots[one.id] and books.seated[one.id]
    ]
    kept = {uuid.UUID(one.group_id) for one in standing}
    return Pool(
        [people[who] for who in people if who not in books.taken and who not in books.asked],
        standing,
        _leaders(session, members, frames, [one for one in groups if one.id not in kept], slots),
        places,
        terms,
        members,
        {str(person): assignment_id for person, assignment_id in signed_up.items()},
    )


def get_assignment_to_form_widely(session: Session, actor: Actor, assignment_id: uuid.UUID) -> Assignment | None:
    """Return an assignment to the coordinators of its organisation; for anyone else there is no wide pool."""
    assignment = orgs.get_assignment(session, actor, assignment_id)
    return assignment if assignment is not None and may_form_widely(actor, assignment) else None


def pool_of_run(session: Session, run: FormationRun) -> Pool:
    """Return what a run works on: what it was asked for, as it stands now."""
    return pool_of(session, run.assignment, run.asked_at.date() if run.is_wide else None)


def alike(session: Session, assignment: Assignment, on: date) -> Sequence[Assignment]:
    """Return the organisation's assignments that could share groups with this one, itself first.

    They have the same rhythm, length and sizes and are not over on a day. Their supervisors come with them.
    """
    found = session.scalars(
        select(Assignment)
        .where(is_like(assignment), Assignment.ends_on >= on, Assignment.id != assignment.id)
        .options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
        .order_by(Assignment.created_at, Assignment.id)
    ).all()
    return [assignment, *found]


def is_like(assignment: Assignment) -> ColumnElement[bool]:
    """Return the condition that an assignment is of the same organisation, rhythm, length and sizes."""
    return and_(
        Assignment.organisation_id == assignment.organisation_id,
        Assignment.every_days == assignment.every_days,
        Assignment.length_min == assignment.length_min,
        Assignment.seats_min == assignment.seats_min,
        Assignment.seats_max == assignment.seats_max,
    )


def places_of(frame: FormationFrame | None, assignment: Assignment) -> Sequence[pool.Place]:
    """Return where groups may meet: what the frame says, else the assignment's own place and link."""
    if frame is not None and frame.places:
        return [
            pool.Place(one["name"], one.get("rooms"), bool(one.get("is_step_free")), bool(one.get("is_online")))
            for one in frame.places
        ]
    return [pool.Place(assignment.place, None, is_step_free=True, is_online=not assignment.place)]


def places_near(session: Session, assignment: Assignment, on: date) -> Sequence[pool.Place]:
    """Return every place at which someone who signed up for an assignment may be offered a seat."""
    members = alike(session, assignment, on)
    return _places(members, {one.assignment_id: one for one in _frames(session, [one.id for one in members])})


def languages(text: str) -> list[str]:
    """Return the languages an assignment names, as "sv, da" or "sv da"; Swedish when it names none."""
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").lower().split())) or ["sv"]


def group_slots(group: Group) -> tuple[str, ...]:
    """Return the slots of the fortnight a group's meetings begin in: one, or in both weeks where it meets weekly."""
    day = group.anchor_on or group.first_on
    first = pool.slot_of(day, group.at_local.hour, SLOT_STARTS.items(), A_MONDAY)
    if first is None:
        return ()
    other = ("B" if first[0] == "A" else "A") + first[1:]
    return (first,) if group.assignment.every_days % 14 == 0 else tuple(sorted((first, other)))


def _frames(session: Session, assignment_ids: Collection[uuid.UUID]) -> Sequence[FormationFrame]:
    return session.scalars(select(FormationFrame).where(FormationFrame.assignment_id.in_(assignment_ids))).all()


def _terms(members: Sequence[Assignment], frames: Mapping[uuid.UUID, FormationFrame]) -> pool.Terms:
    """Return what the assignments say about their groups; of different bounds on one unit the strictest."""
    first = members[0]
    bounds = [frames[one.id].same_unit if one.id in frames else 2 for one in members]
    return pool.Terms(
        list(dict.fromkeys(language for one in members for language in languages(one.languages))),
        first.seats_min,
        first.seats_max,
        min((one for one in bounds if one), default=0),
        is_weekly=first.every_days % 14 != 0,
    )


def _places(members: Sequence[Assignment], frames: Mapping[uuid.UUID, FormationFrame]) -> Sequence[pool.Place]:
    """Return every place once; where two assignments describe one place, what is certain in both."""
    found: dict[str, pool.Place] = {}
    for assignment in members:
        for place in places_of(frames.get(assignment.id), assignment):
            before = found.get(place.name, place)
            rooms = [one.rooms for one in (before, place) if one.rooms is not None]
            found[place.name] = pool.Place(
                place.name,
                min(rooms, default=None),
                before.is_step_free and place.is_step_free,
                before.is_online and place.is_online,
            )
    return list(found.values())


def _read_books(session: Session, members: Sequence[Assignment]) -> _Books:
    books, ids = _Books(), {one.id for one in members}
    rows = session.execute(
        select(Membership.group_id, Membership.person_id)
        .join(Group, Group.id == Membership.group_id)
        .where(Group.assignment_id.in_(ids), Membership.left_at.is_(None))
        .order_by(Membership.joined_at, Membership.place_no)
    ).tuples()
    for group_id, person_id in rows:
        books.seated[group_id].append(person_id)
    lines = session.execute(
        select(QueuePlace.group_id, Group.assignment_id, QueuePlace.person_id, QueuePlace.status)
        .join(Group, Group.id == QueuePlace.group_id)
        .join(Assignment, Assignment.id == Group.assignment_id)
        .where(Assignment.organisation_id == members[0].organisation_id, QueuePlace.status.in_(("offered", "declined")))
        .order_by(QueuePlace.number)
    ).tuples()
    for group_id, assignment_id, person_id, status in lines:
        if status == "declined":
            books.refused[person_id].add(group_id)
        elif assignment_id in ids:
            books.seated[group_id].append(person_id)
        else:
            books.asked.add(person_id)
    return books


def _people(
    session: Session, members: Sequence[Assignment], books: _Books, slots: Mapping[uuid.UUID, Sequence[str]]
) -> tuple[dict[uuid.UUID, pool.Waiting], dict[uuid.UUID, uuid.UUID]]:
    """Return everyone who has signed up, and those seated without a sign-up, in order of sign-up; and for what."""
    leads = exists().where(
        RoleHolding.person_id == Person.id,
        RoleHolding.organisation_id == members[0].organisation_id,
        RoleHolding.role == "manager",
    )
    rows = session.execute(
        select(Person, SignUp)
        .join(SignUp, SignUp.person_id == Person.id)
        .where(
            SignUp.assignment_id.in_([one.id for one in members]),
            SignUp.withdrawn_at.is_(None),
            ~leads,
            Person.id.not_in({one.supervisor_id for one in members}),
        )
        .order_by(SignUp.created_at, Person.id)
    ).tuples()
    of, found, signed_up = {one.id: one for one in members}, {}, {}
    for person, told in rows:
        if person.id in found:  # signed up twice: the first counts, and the other waits for its own assignment's groups
            continue
        refused = frozenset(slot for group_id in books.refused[person.id] for slot in slots.get(group_id, ()))
        found[person.id] = _waiting(person, told, of[told.assignment_id], refused)
        signed_up[person.id] = told.assignment_id
    without = [one for one in books.taken if one not in found]
    for person, elsewhere in session.execute(_with_sign_ups(without, members[0].organisation_id)).tuples():
        found[person.id] = pool.Waiting(
            str(person.id),
            person.name,
            elsewhere.unit if elsewhere is not None else "",
            not_with=elsewhere.not_with if elsewhere is not None else "",
            language=person.language,
            email=person.email,
        )
    return found, signed_up


def _with_sign_ups(people: Collection[uuid.UUID], organisation_id: uuid.UUID) -> Select[tuple[Person, SignUp]]:
    """Select people seated from another assignment, with what they told there of whom a group must know."""
    there = select(Assignment.id).where(Assignment.organisation_id == organisation_id)
    return (
        select(Person, SignUp)
        .outerjoin(SignUp, (SignUp.person_id == Person.id) & SignUp.assignment_id.in_(there))
        .where(Person.id.in_(people))
    )


def _waiting(person: Person, told: SignUp, assignment: Assignment, refused: frozenset[str]) -> pool.Waiting:
    return pool.Waiting(
        str(person.id),
        person.name,
        told.unit,
        told.experience,
        tuple(told.slots),
        tuple(told.needs),
        told.not_with,
        person.language,
        refused,
        email=person.email,
        languages=tuple(languages(assignment.languages)),
        employer=None if assignment.is_internal else str(assignment.organisation_id),
        wishes=told.slot_wishes,
        ways=told.ways_km,
    )


def _standing(group: Group, slot: str, people: Sequence[pool.Waiting], places: Sequence[pool.Place]) -> pool.Standing:
    online = next((place.name for place in places if place.is_online), "")
    return pool.Standing(
        str(group.id),
        group.name,
        slot,
        group.place or online,
        people,
        str(group.assignment.supervisor_id),
        languages(group.assignment.languages)[0],
    )


def _leaders(
    session: Session,
    members: Sequence[Assignment],
    frames: Mapping[uuid.UUID, FormationFrame],
    others: Sequence[Group],
    slots: Mapping[uuid.UUID, Sequence[str]],
) -> Sequence[pool.Times]:
    of: dict[uuid.UUID, list[Assignment]] = defaultdict(list)
    for one in members:
        of[one.supervisor_id].append(one)
    told = {
        one.person_id: one
        for one in session.scalars(select(SupervisorTimes).where(SupervisorTimes.person_id.in_([*of])))
    }
    return [_leader(own, frames, told.get(who), others, slots) for who, own in of.items()]


def _leader(
    own: Sequence[Assignment],
    frames: Mapping[uuid.UUID, FormationFrame],
    told: SupervisorTimes | None,
    others: Sequence[Group],
    slots: Mapping[uuid.UUID, Sequence[str]],
) -> pool.Times:
    """Return a supervisor's times; no place or language chosen means all of their own assignments'."""
    leads = [group for group in others if group.assignment.supervisor_id == own[0].supervisor_id]
    busy = {slot for group in leads for slot in slots[group.id]}
    if own[0].every_days % 14 != 0:  # a weekly group's slot is written as week A's, and needs both
        busy |= {"A" + slot[1:] for slot in busy}
    places = [place.name for one in own for place in places_of(frames.get(one.id), one)]
    spoken = [language for one in own for language in languages(one.languages)]
    internal = any(one.is_internal for one in own)
    return pool.Times(
        str(own[0].supervisor_id),
        tuple(told.slots) if told is not None else (),
        tuple(told.places if told is not None and told.places else places),
        tuple(told.languages if told is not None and told.languages else spoken),
        told.most_groups if told is not None else 0,
        frozenset(busy),
        len(leads),
        employer=str(own[0].organisation_id) if internal else None,
    )
