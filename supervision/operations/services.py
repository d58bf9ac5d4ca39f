"""What an operator does: let supervisors and coordinators in, take second steps away; and how the state is read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import update
from sqlalchemy.orm import Session

from supervision.audit import queries as audit
from supervision.audit import rules as audit_rules
from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.factors import services as factors
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.operations import queries
from supervision.operations.models import SweepRun
from supervision.operations.rules import UNREACHABLE, AuditState, KeyState, State
from supervision.orgs import services as orgs
from supervision.orgs.models import Organisation, RoleHolding
from supervision.people import queries as people_queries
from supervision.people import rules as people_rules
from supervision.people import services as people
from supervision.people.models import Invitation, Person
from supervision.single_sign_on import queries as single_sign_on
from supervision.store.adoption import unadopted
from supervision.store.keyring import Keyring

FAULT_MOST = 60  # characters; as the column has room for


@dataclass(frozen=True, slots=True)
class Run:
    """What is known of a job's runs in the present jobs process."""

    started_at: datetime | None = None
    finished_at: datetime | None = None
    faulted_at: datetime | None = None
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What lies outside the database: the kind of database, the keyring, the note of the audit log."""

    database: str
    revision_wanted: str
    keyring: Keyring
    noted: audit_rules.Head | None


def note_runs(session: Session, runs: Mapping[str, Run], periods: Mapping[str, int], *, now: datetime) -> None:
    """Write down when each job ran; what is not known of this process stays as an earlier one left it.

    Jobs that are not in the timetable any more are forgotten.
    """
    kept = queries.kept_runs(session)
    for name, period_s in periods.items():
        row = kept.pop(name, None)
        if row is None:
            row = SweepRun(name=name, period_s=period_s, fault="", noted_at=now)
            session.add(row)
        run = runs.get(name, Run())
        row.period_s, row.noted_at = period_s, now
        row.started_at = run.started_at or row.started_at
        row.finished_at = run.finished_at or row.finished_at
        row.faulted_at = run.faulted_at or row.faulted_at
        row.fault = (run.fault or row.fault)[:FAULT_MOST]
    for row in kept.values():
        session.delete(row)


def read_state(session: Session, around: Surroundings, *, now: datetime) -> State:
    """Return how the installation stands. Of tables that are not this release's only the revision is read."""
    found = queries.revision(session)
    if found is None:
        return State(UNREACHABLE, "", around.revision_wanted)
    if found != around.revision_wanted:
        return State(around.database, found, around.revision_wanted)
    kept = around.keyring.counts()
    head = audit.head(session)
    return State(
        around.database,
        found,
        around.revision_wanted,
        queries.jobs(session),
        queries.mail(session, now),
        KeyState(kept.total, kept.previous, kept.unknown, unadopted(session)),
        AuditState(
            str(head) if head.number else "",
            audit.unchained_before(session, now - audit_rules.CHAINED_WITHIN),
            is_as_noted=around.noted is None or audit.holds(session, around.noted),
        ),
        queries.counts(session, now, now.date()),
    )


def let_supervisor_in(
    session: Session, actor: Actor, *, name: str, email: str, language: str, now: datetime
) -> tuple[Person, str | None]:
    """Make someone supervisor; returns the person and, if they have no way in of their own yet, an invitation.

    Raises `operator_apart`.
    """
    person = _someone(session, name=name, email=email, language=language, now=now)
    if not person.is_supervisor:
        person.is_supervisor = True
        people.end_all_sessions(session, person.id)  # a session ends when a role changes (PRIVACY: signing in)
        record(session, actor, Action.ROLE_SUPERVISOR_GIVEN, ObjectKind.PERSON, person.id, now=now)
    return person, _invitation(session, actor, person, now)


def let_coordinator_in(
    session: Session, actor: Actor, organisation: Organisation, *, name: str, email: str, now: datetime
) -> tuple[Person, str | None]:
    """Make someone an organisation's coordinator, as its supervisors and coordinators can; raises `operator_apart`."""
    language = {"SE": "sv", "DK": "da"}[organisation.country]
    _someone(session, name=name, email=email, language=language, now=now)
    return orgs.give_role(session, actor, organisation, name=name, email=email, role="coordinator", now=now)


def invite_again(
    session: Session, actor: Actor, holding: RoleHolding, *, email: str, now: datetime
) -> tuple[Person, str | None]:
    """Send a coordinator's invitation again; to another address, the role goes to whoever has that one.

    No account ever gets another address: who could write a new one could take the account over. So it is refused once
    the coordinator has come in (`has_come_in`), and for good: taking their passkey away gives nobody their role
    (`came_in_before`). Raises `operator_apart`.
    """
    person = holding.person
    if queries.has_come(session, person.id):
        raise RuleBroken("has_come_in", "email")
    if people_rules.tidy_email(email) == person.email:
        return person, people.invite(session, actor, person, now=now)
    if person.devices_forgotten:  # they chose a key, or one was taken away
        raise RuleBroken("came_in_before", "email")
    organisation, name = holding.organisation, holding.name
    found = let_coordinator_in(session, actor, organisation, name=name, email=email, now=now)
    session.execute(
        update(Invitation).where(Invitation.person_id == person.id, Invitation.used_at.is_(None)).values(used_at=now)
    )
    orgs.take_role(session, actor, holding, now=now)
    return found


def take_second_steps(session: Session, actor: Actor, email: str, *, now: datetime) -> Person | None:
    """Take away every second step, passkey and provider of someone who has lost them, and end their sessions.

    Returns whom it was done for; None where there is nothing to take away, and the operator is not told which it is.
    Raises `second_steps_own`.
    """
    person = people_queries.find_person(session, email)
    if person is None:
        return None
    if person.id == actor.person_id:
        raise RuleBroken("second_steps_own", "email")
    if not queries.has_come(session, person.id):
        return None
    factors.reset(session, person, now=now)
    for identity in single_sign_on.identities_of(session, person.id):
        session.delete(identity)
    record(session, actor, Action.SECOND_STEPS_TAKEN, ObjectKind.PERSON, person.id, now=now)
    return person


def _someone(session: Session, *, name: str, email: str, language: str, now: datetime) -> Person:
    """Return who is to be let in; raises `operator_apart`: who keeps it running stays out of what is in it."""
    person = people.find_or_add_person(session, name=name, email=email, language=language, now=now)
    if person.is_operator:
        raise RuleBroken("operator_apart", "email")
    return person


def _invitation(session: Session, actor: Actor, person: Person, now: datetime) -> str | None:
    return None if queries.has_come(session, person.id) else people.invite(session, actor, person, now=now)
