"""Every SELECT about passkeys."""

import uuid

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.factors.models import Passkey
from supervision.kernel.actor import Actor


def get_own_passkey(session: Session, actor: Actor, passkey_id: uuid.UUID) -> Passkey | None:
    """Return one of the actor's own passkeys; nobody else's can be asked for."""
    return session.scalar(select(Passkey).where(Passkey.id == passkey_id, Passkey.person_id == actor.person_id))


def find_passkey(session: Session, credential_id: bytes) -> Passkey | None:
    """Return the passkey a browser names, locked until the transaction ends."""
    return session.scalar(select(Passkey).where(Passkey.credential_id == credential_id).with_for_update())
