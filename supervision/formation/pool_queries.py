"""What groups are formed from, as it stands now: those who wait, groups that form, supervisors, places."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session, joinedload

from supervision.formation.models import FormationFrame, FormationRun, SupervisorTimes
from supervision.formation.policy import may_form_widely
from supervision.formation.rules import pool
from supervision.formation.rules.instance import Id
from supervision.formation.waiting_queries import languages, read_books, read_people
from supervision.groups.models import Group
from supervision.groups.rules import A_MONDAY, SLOT_STARTS
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment

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
    in_use: Mapping[tuple[str, Id], int]

    @property
    def has_times(self) -> bool:
        """Return whether any supervisor has told a time."""
        return any(one.slots for one in self.leaders)

    def more_groups(self, leader: pool.Times) -> int:
        """Return how many groups a supervisor can lead besides those they lead or that form."""
        forming = sum(one.supervisor_id == leader.person_id for one in self.standing)
        return max(0, leader.most_groups - leader.led - forming)


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
        .where(
            or_(
                Assignment.supervisor_id.in_({one.supervisor_id for one in members}),
                Assignment.organisation_id == assignment.organisation_id,
            ),
            Group.status != ENDED,
        )
        .order_by(Group.created_at, Group.id)
    ).all()
    forming = [
        one for one in groups if one.assignment_id in ids and one.status == "forming" and one.merging_into_id is None
    ]
    slots = {one.id: group_slots(one) for one in groups}
    books = read_books(session, members)
    people, signed_up = read_people(session, members, books, slots)
    standing = [
        _standing(one, slots[one.id][0], [people[who] for who in books.seated[one.id] if who in people], places)
        for one in forming
        if slots[one.id] and books.seated[one.id]
    ]
    kept = {uuid.UUID(one.group_id) for one in standing}
    others = [one for one in groups if one.id not in kept]
    in_our_rooms = [one for one in others if one.assignment.organisation_id == assignment.organisation_id]
    return Pool(
        [people[who] for who in people if who not in books.taken and who not in books.asked],
        standing,
        _leaders(session, members, frames, others, slots),
        places,
        terms,
        members,
        {str(person): assignment_id for person, assignment_id in signed_up.items()},
        pool.rooms_in_use(((one.place, slots[one.id]) for one in in_our_rooms), is_weekly=terms.is_weekly),
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
