"""Fill an empty database with made-up people and a year of history, always the same for the same day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import yaml
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.demo import evaluations, everyday, history, notes
from supervision.factors.models import Authenticator
from supervision.factors.services import COLUMN as AUTHENTICATOR_COLUMN
from supervision.factors.services import TABLE as AUTHENTICATOR_TABLE
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.groups.services import ensure_agreement
from supervision.kernel.ids import new_token
from supervision.kernel.walltime import local_day, to_wall
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.people.models import Person
from supervision.people.services import HASHER
from supervision.store.database import session as database
from supervision.store.database import writing
from supervision.web.edge import edge
from supervision.web.texts import text_seal

PASSWORD = "kaffe och bullar i rundan"  # noqa: S105 - printed for everyone to use
AUTHENTICATOR = "RUNDANDEMORUNDANDEMORUNDANDEMOAA"
"""The secret of everyone's authenticator app in the demo; /mailbox shows its codes, and production has neither."""
HERE = Path(__file__).parent
SEED = 20261124


@dataclass
class World:
    """What has been made so far, by the keys of the data file."""

    session: Session
    now: datetime
    draw: random.Random
    organisations: dict[str, Organisation] = field(default_factory=dict)
    supervisors: dict[str, Person] = field(default_factory=dict)
    assignments: dict[str, Assignment] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    members: dict[str, list[Person]] = field(default_factory=dict)


def run() -> Iterator[str]:
    """Seed once; yields the lines that say who can sign in and how, also when the data is already there."""
    data = yaml.safe_load((HERE / "people.yaml").read_text(encoding="utf-8"))
    writing.set(True)
    if database().scalar(select(func.count()).select_from(Person)) == 0:
        seed(database(), edge().clock(), data)
        database().commit()
    yield from who_can_sign_in(data)


def who_can_sign_in(data: dict[str, Any]) -> Iterator[str]:
    """Yield a line per role: address and password, or how a participant gets a code."""
    yield "Who can sign in (made-up people; the password is the same for all who have one):"
    for person in data["supervisors"]:
        yield f"  supervisor   {person['email']:<22} {PASSWORD}"
    for person in data["roles"]:
        yield f"  {person['role']:<12} {person['email']:<22} {PASSWORD}"
    for person in data["operators"]:
        yield f"  operator     {person['email']:<22} {PASSWORD}"
    yield "  They are then asked for the code of an authenticator app: read it at /mailbox, too."
    for name in ("Leyla Demir", "Elin Johansson", "Lone Madsen"):
        yield f"  participant  {address(name):<22} code by mail: read it at /mailbox"


def has_demo_people(session: Session) -> bool:
    """Whether this database holds the demo's people with their authenticator app."""
    asked = select(Authenticator.person_id).join(Person, Person.id == Authenticator.person_id)
    return session.scalar(asked.where(Person.email == "maria@example.org").limit(1)) is not None


def address(name: str) -> str:
    """Return the made-up address of a participant."""
    plain = name.lower().translate(str.maketrans("åäöøéü", "aaooeu")).replace(" ", ".")
    return f"{plain}@example.org"


def seed(session: Session, now: datetime, data: dict[str, Any]) -> None:
    """Make everything, in the order it depends on each other."""
    world = World(session, now, random.Random(SEED))
    _people(world, data)
    for facts in data["assignments"]:
        _assignment(world, facts)
    for facts in data["groups"]:
        _group(world, facts)
    for key, names in data["waiting"].items():
        assignment = world.assignments[key]
        for name in names:
            everyday.write_sign_up(world, assignment, _participant(world, name, assignment), world.draw)
    everyday.write(world)
    history.write_cases(world, text_seal(), HERE / "cases_sv.yaml")
    notes.write(world, text_seal())
    evaluations.write(world)


def _people(world: World, data: dict[str, Any]) -> None:
    password_hash = HASHER.hash(PASSWORD)
    for facts in data["organisations"]:
        world.organisations[facts["key"]] = organisation = Organisation(
            name=facts["name"], country=facts["country"], created_at=world.now
        )
        world.session.add(organisation)
    for facts in data["supervisors"]:
        columns = {key: value for key, value in facts.items() if key != "key"}
        world.supervisors[facts["key"]] = person = Person(
            **columns, is_supervisor=True, password_hash=password_hash, created_at=world.now
        )
        world.session.add(person)
        _authenticator(world, person)
    for facts in data["roles"]:
        person = Person(
            name=facts["name"],
            email=facts["email"],
            language=facts["language"],
            password_hash=password_hash,
            created_at=world.now,
        )
        world.session.add(person)
        _authenticator(world, person)
        organisation = world.organisations[facts["organisation"]]
        world.session.add(RoleHolding(person_id=person.id, organisation_id=organisation.id, role=facts["role"]))
    for facts in data["operators"]:
        person = Person(**facts, is_operator=True, password_hash=password_hash, created_at=world.now)
        world.session.add(person)
        _authenticator(world, person)


def _authenticator(world: World, person: Person) -> None:
    world.session.flush()
    sealed = text_seal().seal(AUTHENTICATOR, AUTHENTICATOR_TABLE, AUTHENTICATOR_COLUMN, person.id)
    world.session.add(Authenticator(person_id=person.id, sealed_secret=sealed, created_at=world.now))


def _assignment(world: World, facts: dict[str, Any]) -> None:
    organisation = world.organisations[facts["organisation"]]
    supervisor = world.supervisors[facts["supervisor"]]
    starts_on = local_day(world.now, organisation.zone) - timedelta(weeks=facts["started_weeks_ago"])
    columns = {key: facts[key] for key in ("title", "place", "aims", "order_reference", "working_time_rule")}
    world.assignments[facts["key"]] = assignment = Assignment(
        **columns,
        organisation=organisation,
        supervisor=supervisor,
        starts_on=starts_on,
        ends_on=local_day(world.now, organisation.zone) + timedelta(weeks=40),
        holidays_of=organisation.country,
        languages={"SE": "sv", "DK": "da"}[organisation.country],
        price=950,
        join_token=new_token(),
        created_at=world.now,
    )
    world.session.add(assignment)
    world.session.flush()


def _first_on(world: World, facts: dict[str, Any], zone: str) -> date:
    """Return the first date: so that a fortnightly date falls on today, or so many days ahead."""
    today = local_day(world.now, zone)
    return today + timedelta(days=facts.get("days_ahead", 0)) - timedelta(days=14 * max(0, facts["weeks_ago"] // 2))


def todays_time(now: datetime, zone: str) -> time:
    """Return a start for today's meeting within an hour, on the half hour, between 8 and 20."""
    wall = to_wall(now, zone)
    half_hours = wall.hour * 2 + wall.minute // 30 + 1
    half_hours = min(max(half_hours, 16), 40)
    return time(half_hours // 2, 30 * (half_hours % 2))


def _group(world: World, facts: dict[str, Any]) -> None:
    assignment = world.assignments[facts["assignment"]]
    zone = assignment.organisation.zone
    people = [_participant(world, name, assignment) for name in facts["members"]]
    group = Group(
        assignment=assignment,
        name=f"{'Grupp' if zone == 'Europe/Stockholm' else 'Gruppe'} {facts['name']}",
        seats=facts["seats"],
        taken=len(people),
        status=facts["status"],
        first_on=_first_on(world, facts, zone),
        at_local=todays_time(world.now, zone) if facts.get("is_today") else time.fromisoformat(facts["at"]),
        zone=zone,
        place=assignment.place,
        created_at=world.now,
        reviewed_at=world.now - timedelta(weeks=facts["weeks_ago"] - 6) if facts["weeks_ago"] > 50 else None,
    )
    world.session.add(group)
    world.session.flush()
    joined_at = world.now - timedelta(weeks=max(0, facts["weeks_ago"]))
    for place_no, person in enumerate(people):
        world.session.add(Membership(group_id=group.id, person_id=person.id, place_no=place_no, joined_at=joined_at))
    for number, name in enumerate(facts.get("line", []), start=1):
        waiting = _participant(world, name, assignment)
        world.session.add(QueuePlace(group_id=group.id, person_id=waiting.id, number=number, queued_at=world.now))
    ensure_agreement(world.session, group, language=assignment.languages, now=joined_at)
    world.groups[facts["name"]] = group
    world.members[facts["name"]] = people
    history.write_meetings(world, group, people)


def _participant(world: World, name: str, assignment: Assignment) -> Person:
    person = Person(name=name, email=address(name), language=assignment.languages, created_at=world.now)
    world.session.add(person)
    world.session.flush()
    return person
