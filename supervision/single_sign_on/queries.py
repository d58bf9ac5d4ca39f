"""Every SELECT about who somebody is at a provider."""

import uuid
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.kernel.actor import Actor
from supervision.people.models import Person
from supervision.single_sign_on.models import OuterIdentity


def find_identity(session: Session, issuer: str, subject: str) -> OuterIdentity | None:
    """Return whom a provider's subject belongs to."""
    return session.scalar(select(OuterIdentity).where(OuterIdentity.issuer == issuer, OuterIdentity.subject == subject))


def find_person_in_line(session: Session, email: str) -> Person | None:
    """Return the person with an address; whoever connects the same person at the same time waits."""
    return session.scalar(select(Person).where(Person.email == email).with_for_update(of=Person))


def identities_of(session: Session, person_id: uuid.UUID) -> Sequence[OuterIdentity]:
    """Return who a person is at providers."""
    return session.scalars(
        select(OuterIdentity).where(OuterIdentity.person_id == person_id).order_by(OuterIdentity.linked_at)
    ).all()


def get_own_identity(session: Session, actor: Actor, identity_id: uuid.UUID) -> OuterIdentity | None:
    """Return one of the actor's own connections."""
    return session.scalar(
        select(OuterIdentity).where(OuterIdentity.id == identity_id, OuterIdentity.person_id == actor.person_id)
    )
