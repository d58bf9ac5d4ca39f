"""What supervisors do with organisations and assignments."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.factors import queries as factors
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_token
from supervision.orgs import queries, rules
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.people import services as people
from supervision.people.models import Person
from supervision.single_sign_on.queries import identities_of


def open_organisation(session: Session, actor: Actor, *, name: str, country: str, now: datetime) -> Organisation:
    """Bring a client organisation."""
    organisation = Organisation(name=name.strip(), country=country, created_by_id=actor.id, created_at=now)
    session.add(organisation)
    session.flush()
    record(session, actor, Action.ORGANISATION_OPENED, ObjectKind.ORGANISATION, organisation.id, now=now)
    return organisation


def order_assignment(
    session: Session, actor: Actor, organisation: Organisation, *, facts: Mapping[str, Any], now: datetime
) -> Assignment:
    """Write up an assignment; `facts` are the columns of `Assignment` the form asks for.

    Raises `ends_before_start`, `seats_out_of_range`.
    """
    rules.check_period(facts["starts_on"], facts["ends_on"])
    rules.check_seats(facts["seats_min"], facts["seats_max"])
    assignment = Assignment(
        organisation=organisation, supervisor_id=actor.id, join_token=new_token(), created_at=now, **facts
    )
    session.add(assignment)
    session.flush()
    record(session, actor, Action.ASSIGNMENT_ORDERED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return assignment


def prolong(session: Session, actor: Actor, assignment: Assignment, ends_on: date, now: datetime) -> None:
    """Let an assignment last longer, when its organisation has ordered another term. Raises `not_prolonged`."""
    rules.check_prolonged(assignment.ends_on, ends_on)
    assignment.ends_on = ends_on
    record(session, actor, Action.ASSIGNMENT_PROLONGED, ObjectKind.ASSIGNMENT, assignment.id, now=now)


def give_role(
    session: Session, actor: Actor, organisation: Organisation, *, name: str, email: str, role: str, now: datetime
) -> tuple[Person, str | None]:
    """Make someone manager or coordinator; returns the person and, with no way in of their own, an invitation.

    Whether the address was known shows in nothing but the mail: not in names, counts or what is written down.
    Raises `role_has_seat`: nobody is in a group that their own manager is in (PRODUCT: the people).
    """
    language = {"SE": "sv", "DK": "da"}[organisation.country]
    person = people.find_or_add_person(session, name=name, email=email, language=language, now=now)
    if role == "manager" and queries.has_seat_or_place(session, person.id, organisation.id):
        raise RuleBroken("role_has_seat", "email")
    if queries.find_role(session, person.id, organisation.id, role) is None:
        holding = RoleHolding(person_id=person.id, organisation_id=organisation.id, role=role, invited_as=name.strip())
        session.add(holding)
        if person.id != actor.person_id:
            people.end_all_sessions(session, person.id)  # a session ends when a role changes (PRIVACY: signing in)
        given = Action(f"role.{role}_given")
        record(session, actor, given, ObjectKind.PERSON, person.id, now=now)
        record(session, actor, given, ObjectKind.ORGANISATION, organisation.id, now=now)
    if not _has_way_in(session, person):
        return person, people.invite(session, actor, person, now=now)
    record(session, actor, Action.PERSON_INVITED, ObjectKind.PERSON, person.id, now=now)
    return person, None


def _has_way_in(session: Session, person: Person) -> bool:
    """Whether someone signs in as more than a participant: by a password, a passkey or their organisation."""
    if person.password_hash is not None or factors.held_by(session, person.id).passkeys:
        return True
    return bool(identities_of(session, person.id))


def take_role(session: Session, actor: Actor, holding: RoleHolding, *, now: datetime) -> None:
    """Take a role away; the person's sessions end, and what they have open is cut."""
    taken = Action(f"role.{holding.role}_taken")
    session.delete(holding)
    people.end_all_sessions(session, holding.person_id)
    record(session, actor, taken, ObjectKind.PERSON, holding.person_id, now=now)
    record(session, actor, taken, ObjectKind.ORGANISATION, holding.organisation_id, now=now)
