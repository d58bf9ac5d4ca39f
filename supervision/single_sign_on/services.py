"""Finding the person whom a provider speaks of. Services take `now`, never commit; nobody is ever created here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.people.models import Person
from supervision.people.services import use_up_links
from supervision.single_sign_on import queries, rules
from supervision.single_sign_on.models import OuterIdentity
from supervision.single_sign_on.rules import Told

HasRole = Callable[[Person], bool]
"""Answers whether a person is supervisor, manager, coordinator or operator."""


@dataclass(frozen=True, slots=True)
class Found:
    """Who signs in, and whether the provider met them for the first time."""

    person: Person
    is_first: bool


def find_person(session: Session, told: Told, *, has_role: HasRole, domains: Collection[str], now: datetime) -> Found:
    """Return the person whom a provider's subject is, or is from now on.

    The first time the verified address decides; afterwards the subject alone. Raises `provider_mail` for an address
    that decides nothing, `provider_unknown` for nobody with a role, `provider_other` when the address was given to
    another account at the provider: an address can have a new owner.
    """
    identity = queries.find_identity(session, told.issuer, told.subject)
    if identity is not None:
        person = session.get_one(Person, identity.person_id)
        _check_role(person, has_role)
        return Found(person, is_first=False)
    known = queries.find_person_in_line(session, rules.check_first_meeting(told, domains=domains))
    person = _check_role(known, has_role)
    others = [one for one in queries.identities_of(session, person.id) if one.issuer == told.issuer]
    if any(one.subject == told.subject for one in others):  # connected while we waited in line
        return Found(person, is_first=False)
    if others:
        raise RuleBroken("provider_other")
    identity = OuterIdentity(person_id=person.id, issuer=told.issuer, subject=told.subject, linked_at=now)
    session.add(identity)
    session.flush()
    if person.password_hash is None:  # come in by now: a link of an invitation that lies in a mailbox ends
        use_up_links(session, person, now)
    actor = Actor(person_id=person.id)
    record(session, actor, Action.IDENTITY_CONNECTED, ObjectKind.OUTER_IDENTITY, identity.id, now=now)
    return Found(person, is_first=True)


def _check_role(person: Person | None, has_role: HasRole) -> Person:
    if person is None or not has_role(person):
        raise RuleBroken("provider_unknown")
    return person


def disconnect(session: Session, actor: Actor, identity: OuterIdentity, *, now: datetime) -> None:
    """Forget who somebody is at a provider; the next sign-in that way is a first meeting again."""
    session.delete(identity)
    record(session, actor, Action.IDENTITY_REMOVED, ObjectKind.OUTER_IDENTITY, identity.id, now=now)
