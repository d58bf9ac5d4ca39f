"""Makes a pool of people who wait, for the tests of forming groups."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session, object_session

from supervision.formation.models import FormationRun, SupervisorTimes
from supervision.groups.models import SignUp
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from tests import factories

TUESDAY, FRIDAY = "A2-13", "B5-8"


def tell_times(session: Session, assignment: Assignment, slots: Sequence[str], **columns: Any) -> None:
    values = {"most_groups": 4, "changed_at": factories.NOW} | columns
    session.add(SupervisorTimes(person_id=assignment.supervisor_id, slots=list(slots), **values))
    session.flush()


def wait(session: Session, assignment: Assignment, slots: Sequence[str], name: str = "", **told: Any) -> Person:
    person = factories.make_person(session, name or None)
    session.add(
        SignUp(assignment_id=assignment.id, person_id=person.id, slots=list(slots), created_at=factories.NOW, **told)
    )
    session.flush()
    return person


def make_pool(session: Session, people: int = 6, **columns: Any) -> Assignment:
    """Return an assignment with a supervisor free on a Tuesday and a Friday, and people who can come on Tuesday."""
    assignment = factories.make_assignment(session, place="Gamla apoteket", **columns)
    tell_times(session, assignment, [TUESDAY, FRIDAY])
    for _ in range(people):
        wait(session, assignment, [TUESDAY])
    return assignment


def supervisor_of(assignment: Assignment) -> Actor:
    session = object_session(assignment)
    assert session is not None
    return factories.actor_of(session.get_one(Person, assignment.supervisor_id), supervises=frozenset({assignment.id}))


def newest(session: Session) -> FormationRun:
    session.expire_all()
    return session.query(FormationRun).order_by(FormationRun.asked_at.desc()).first()
