"""Every SELECT about authenticators and recovery codes."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision.factors.models import Authenticator, Passkey, RecoveryCode
from supervision.kernel.ids import fingerprint


@dataclass(frozen=True, slots=True)
class Held:
    """What somebody can show besides a password."""

    has_authenticator: bool
    passkeys: int
    codes_left: int

    @property
    def has_any(self) -> bool:
        """Whether something has to be shown before another is set up.

        Recovery codes alone are left where a restore has taken an authenticator away that was replaced since.
        """
        return self.has_authenticator or self.passkeys > 0 or self.codes_left > 0


def held_by(session: Session, person_id: uuid.UUID) -> Held:
    """Return what a person can show besides a password."""
    passkeys = select(func.count()).select_from(Passkey).where(Passkey.person_id == person_id).scalar_subquery()
    codes = (
        select(func.count())
        .select_from(RecoveryCode)
        .where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        .scalar_subquery()
    )
    apps = select(func.count()).select_from(Authenticator).where(Authenticator.person_id == person_id)
    has_app, keys, left = session.execute(select(apps.scalar_subquery(), passkeys, codes)).one()
    return Held(bool(has_app), keys, left)


def mark_of_codes(session: Session, person_id: uuid.UUID) -> str:
    """Return what stands for the present set of a person's recovery codes: another one once they were renewed."""
    ids = session.scalars(select(RecoveryCode.id).where(RecoveryCode.person_id == person_id).order_by(RecoveryCode.id))
    return fingerprint(" ".join(str(one) for one in ids))


def find_authenticator(session: Session, person_id: uuid.UUID) -> Authenticator | None:
    """Return the authenticator of a person."""
    return session.get(Authenticator, person_id)


def passkeys_of(session: Session, person_id: uuid.UUID) -> Sequence[Passkey]:
    """Return the passkeys of a person, the oldest first."""
    return session.scalars(
        select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.created_at, Passkey.id)
    ).all()
