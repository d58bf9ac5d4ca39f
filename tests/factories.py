"""Makers of people, organisations, groups and meetings for tests; each adds and flushes."""

import itertools
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from supervision.factors.models import Authenticator
from supervision.factors.rules import password_of, step_of
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_token
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.people import services as people
from supervision.people.models import Person
from supervision.store.database import db
from supervision.web.texts import text_seal
from tests.client import Browser

AUTHENTICATOR = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PASSWORD = "en lång mening om kaffe"
_PASSWORD_HASH = people.HASHER.hash(PASSWORD)
_numbers = itertools.count(1)


def _add(session: Session, thing: Any) -> Any:
    session.add(thing)
    session.flush()
    return thing


def make_person(session: Session, name: str | None = None, **columns: Any) -> Person:
    n = next(_numbers)
    values = {"name": name or f"Person {n}", "email": f"person{n}@example.se", "language": "sv", "created_at": NOW}
    return _add(session, Person(**(values | columns)))


def make_supervisor(session: Session, name: str = "Maria Ekdahl", **columns: Any) -> Person:
    return make_person(session, name, is_supervisor=True, password_hash=_PASSWORD_HASH, **columns)


def make_organisation(session: Session, name: str = "Norrhamns kommun", **columns: Any) -> Organisation:
    return _add(session, Organisation(**({"name": name, "country": "SE", "created_at": NOW} | columns)))


def make_manager(session: Session, organisation: Organisation, role: str = "manager", **columns: Any) -> Person:
    person = make_person(session, "Chef Chefsson", password_hash=_PASSWORD_HASH, **columns)
    make_role(session, person, organisation, role)
    return person


def make_role(session: Session, person: Person, organisation: Organisation, role: str = "manager") -> RoleHolding:
    return _add(session, RoleHolding(person_id=person.id, organisation_id=organisation.id, role=role))


def make_assignment(
    session: Session, supervisor: Person | None = None, organisation: Organisation | None = None, **columns: Any
) -> Assignment:
    values: dict[str, Any] = {
        "organisation": organisation or make_organisation(session),
        "supervisor": supervisor or make_supervisor(session),
        "title": "Personlig assistans",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2026, 12, 31),
        "join_token": new_token(),
        "created_at": NOW,
    }
    return _add(session, Assignment(**(values | columns)))


def make_group(session: Session, assignment: Assignment | None = None, **columns: Any) -> Group:
    values: dict[str, Any] = {
        "assignment": assignment or make_assignment(session),
        "name": f"Grupp {next(_numbers)}",
        "seats": 7,
        "first_on": date(2026, 1, 13),
        "at_local": time(14, 0),
        "zone": "Europe/Stockholm",
        "status": "running",
        "created_at": NOW,
    }
    return _add(session, Group(**(values | columns)))


def make_member(session: Session, group: Group, person: Person | None = None, **columns: Any) -> Person:
    """Give someone a seat; returns the person."""
    person = person or make_person(session)
    _add(
        session,
        Membership(group_id=group.id, person_id=person.id, place_no=group.taken, **({"joined_at": NOW} | columns)),
    )
    group.taken += 1
    session.flush()
    return person


def make_meeting(session: Session, group: Group, starts_at: datetime | None = None, **columns: Any) -> Meeting:
    starts_at = starts_at or datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
    values: dict[str, Any] = {
        "group": group,
        "number": next(_numbers),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=90),
    }
    return _add(session, Meeting(**(values | columns)))


def actor_of(person: Person, **relations: Any) -> Actor:
    """Return the actor a request of this person would have."""
    return Actor(
        person_id=person.id, name=person.name, is_supervisor=person.is_supervisor, language=person.language, **relations
    )


def give_authenticator(app: Flask, session: Session, person: Person) -> None:
    """Let a person have an authenticator app whose secret the tests know; see `app_code`."""
    with app.app_context():
        sealed = text_seal().seal(AUTHENTICATOR, "authenticator", "sealed_secret", person.id)
        db.session.remove()
    _add(session, Authenticator(person_id=person.id, sealed_secret=sealed, created_at=NOW))


def app_code(at: datetime, secret: str = AUTHENTICATOR) -> str:
    """Return what the authenticator app shows at an instant."""
    return password_of(secret, step_of(at))


def pass_second_step(page: Browser, at: datetime) -> Browser:
    """Set up the second step, or show it, after a password; goes on to where the browser wanted to go."""
    if page.path == "/sign-in/factor/set-up":
        key = page.soup.select_one(".secret-key")
        assert key is not None
        page.submit(code=app_code(at, key.get_text().replace(" ", "")))
        return page.get(str(page.soup.select_one("main a.btn-primary")["href"]))  # type: ignore[index]
    assert page.path == "/sign-in/factor", page.path
    return page.submit(code=app_code(at))


def sign_in(browser: Browser, person: Person, session: Session) -> Browser:
    """Sign a person in, second factor and all, through a session row of their own; commits what the test made."""
    token = people.start_session(session, person, is_own_device=True, factor="totp", now=NOW)
    session.commit()
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return browser
