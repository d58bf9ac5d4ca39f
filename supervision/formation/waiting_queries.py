"""Who waits for a group and who has a seat or an offer, as sign-ups, memberships and lines tell it."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from supervision.formation.rules import pool
from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.orgs.models import Assignment, RoleHolding
from supervision.people.models import Person


@dataclass(slots=True)
class Books:
    """Seats and lines of the pool's assignments, read once; `asked` have an open offer from another assignment."""

    seated: dict[uuid.UUID, list[uuid.UUID]] = field(default_factory=lambda: defaultdict(list))
    refused: dict[uuid.UUID, set[uuid.UUID]] = field(default_factory=lambda: defaultdict(set))
    asked: set[uuid.UUID] = field(default_factory=set)

    @property
    def taken(self) -> frozenset[uuid.UUID]:
        """Everyone with a seat or an offer."""
        return frozenset(one for people in self.seated.values() for one in people)


def languages(text: str) -> list[str]:
    """Return the languages an assignment names, as "sv, da" or "sv da"; Swedish when it names none."""
    return list(dict.fromkeys(text.replace(",", " ").replace(";", " ").lower().split())) or ["sv"]


def read_books(session: Session, members: Sequence[Assignment]) -> Books:
    """Return seats, offers and refusals in these assignments' groups, and who has an open offer from another one."""
    books, ids = Books(), {one.id for one in members}
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


def read_people(
    session: Session, members: Sequence[Assignment], books: Books, slots: Mapping[uuid.UUID, Sequence[str]]
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
