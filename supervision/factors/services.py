"""What people do about their second factor. Services take `now`, never commit."""

import uuid
from datetime import datetime
from typing import Any, cast

from sqlalchemy import CursorResult, delete, select, update
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.factors import queries, rules
from supervision.factors.models import Authenticator, Passkey, RecoveryCode
from supervision.kernel.actor import STRANGER, Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint
from supervision.people.models import Person
from supervision.people.services import end_all_sessions, forget_devices
from supervision.store.sealed import CannotOpen, TextSeal

TABLE, COLUMN = "authenticator", "sealed_secret"


def set_authenticator(
    session: Session, seal: TextSeal, person_id: uuid.UUID, *, secret: str, typed: str, now: datetime
) -> None:
    """Take an authenticator app into use, in place of an older one, once it shows the right password.

    Raises `factor_wrong`. The password that was typed is used up.
    """
    step = rules.matching_step(secret, typed, now)
    if step is None:
        raise RuleBroken("factor_wrong", "code")
    held = queries.find_authenticator(session, person_id)
    sealed = seal.seal(secret, TABLE, COLUMN, person_id)
    if held is None:
        session.add(Authenticator(person_id=person_id, sealed_secret=sealed, last_step=step, created_at=now))
    else:
        held.sealed_secret, held.last_step, held.created_at = sealed, step, now
    record(session, Actor(person_id=person_id), Action.FACTOR_ADDED, ObjectKind.PERSON, person_id, now=now)


def show_authenticator(session: Session, seal: TextSeal, person_id: uuid.UUID, typed: str, *, now: datetime) -> None:
    """Take a password of the authenticator app; raises `factor_wrong`. No step is ever taken twice, by nobody."""
    step = rules.matching_step(_secret(session, seal, person_id), typed, now)
    if step is None:
        raise RuleBroken("factor_wrong", "code")
    is_new = (Authenticator.person_id == person_id) & (Authenticator.last_step < step)
    taking = update(Authenticator).where(is_new).values(last_step=step)
    if cast("CursorResult[Any]", session.execute(taking)).rowcount != 1:
        raise RuleBroken("factor_wrong", "code")


def _secret(session: Session, seal: TextSeal, person_id: uuid.UUID) -> str:
    held = queries.find_authenticator(session, person_id)
    if held is None:
        raise RuleBroken("factor_wrong", "code")
    try:
        return seal.open(held.sealed_secret, TABLE, COLUMN, person_id)
    except CannotOpen as error:  # restored without its keys: recovery codes and a reset are left
        raise RuleBroken("factor_wrong", "code") from error


def show_recovery_code(session: Session, person_id: uuid.UUID, typed: str, *, now: datetime) -> None:
    """Use up a recovery code; raises `recovery_code_wrong`."""
    found = (
        (RecoveryCode.person_id == person_id)
        & (RecoveryCode.code_hash == fingerprint(rules.tidy_recovery_code(typed)))
        & RecoveryCode.used_at.is_(None)
    )
    using = update(RecoveryCode).where(found).values(used_at=now)
    if cast("CursorResult[Any]", session.execute(using)).rowcount != 1:
        raise RuleBroken("recovery_code_wrong", "code")
    record(session, Actor(person_id=person_id), Action.RECOVERY_CODE_USED, ObjectKind.PERSON, person_id, now=now)


def renew_recovery_codes(session: Session, person_id: uuid.UUID, *, now: datetime) -> list[str]:
    """Make ten recovery codes in place of all older ones, and return them; only hashes are kept."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.person_id == person_id))
    codes = rules.new_recovery_codes()
    session.add_all(
        RecoveryCode(person_id=person_id, code_hash=fingerprint(rules.tidy_recovery_code(code))) for code in codes
    )
    record(session, Actor(person_id=person_id), Action.RECOVERY_CODES_MADE, ObjectKind.PERSON, person_id, now=now)
    return codes


def renew_seen_codes(session: Session, person_id: uuid.UUID, *, seen: str, now: datetime) -> list[str] | None:
    """Make new recovery codes in place of the set that was `seen`, once (see `queries.mark_of_codes`).

    None if that set has been renewed since, as when the answer is loaded again: what was printed stays good.
    """
    session.execute(select(Person.id).where(Person.id == person_id).with_for_update())
    if seen != queries.mark_of_codes(session, person_id):
        return None
    return renew_recovery_codes(session, person_id, now=now)


def remove_authenticator(session: Session, person_id: uuid.UUID, *, now: datetime) -> None:
    """Remove the authenticator app of someone who has a passkey; raises `last_factor`."""
    if not queries.held_by(session, person_id).passkeys:
        raise RuleBroken("last_factor")
    _drop_authenticator(session, person_id)
    record(session, Actor(person_id=person_id), Action.FACTOR_REMOVED, ObjectKind.PERSON, person_id, now=now)


def reset(session: Session, person: Person, *, now: datetime) -> None:
    """Remove every second factor of someone who has lost them all, and end their sessions: an operator's act."""
    _drop_authenticator(session, person.id)
    for table in (RecoveryCode, Passkey):
        session.execute(delete(table).where(table.person_id == person.id))
    end_all_sessions(session, person.id)
    forget_devices(session, person.id)
    record(session, STRANGER, Action.FACTOR_REMOVED, ObjectKind.PERSON, person.id, now=now)


def _drop_authenticator(session: Session, person_id: uuid.UUID) -> None:
    held = queries.find_authenticator(session, person_id)
    if held is not None:
        session.delete(held)  # row by row, so that the secret's data key goes with it
