"""What people do with passkeys. Services take `now`, never commit; py_webauthn checks what a browser sends."""

import json
import uuid
from datetime import datetime
from typing import Any

import webauthn
from sqlalchemy import delete
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.factors import passkey_queries as queries
from supervision.factors import passkey_rules as rules
from supervision.factors import queries as factors
from supervision.factors.models import Passkey, PasskeyChallenge
from supervision.factors.passkey_rules import Party
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.people.models import Person

SERVICE_NAME = "Rundan"
_TIMEOUT_MS = int(rules.CHALLENGE_LIFETIME.total_seconds() * 1000)


def new_challenge(session: Session, *, person_id: uuid.UUID | None, now: datetime) -> PasskeyChallenge:
    """Make a challenge: for a new passkey of a person, or for signing in (nobody's). Old ones go at the same time."""
    session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at <= now))
    made = PasskeyChallenge(
        challenge=webauthn.helpers.generate_challenge(), person_id=person_id, expires_at=now + rules.CHALLENGE_LIFETIME
    )
    session.add(made)
    session.flush()
    return made


def take_challenge(
    session: Session, challenge_id: uuid.UUID | None, *, person_id: uuid.UUID | None, now: datetime
) -> bytes:
    """Use a challenge up and return it; raises `passkey_expired`. It is gone whatever follows: the caller commits."""
    taken = session.execute(
        delete(PasskeyChallenge)
        .where(PasskeyChallenge.id == challenge_id, PasskeyChallenge.person_id.is_not_distinct_from(person_id))
        .returning(PasskeyChallenge.challenge, PasskeyChallenge.expires_at)
    ).one_or_none()
    rules.check_challenge(taken.expires_at if taken else None, now)
    return bytes(taken.challenge) if taken else b""


def options_for_new(session: Session, person: Person, party: Party, challenge: PasskeyChallenge) -> str:
    """Return what the browser needs to make a passkey (JSON): one that can be found by itself and knows its owner."""
    known = factors.passkeys_of(session, person.id)
    rules.check_room(len(known))
    options = webauthn.generate_registration_options(
        rp_id=party.rp_id,
        rp_name=SERVICE_NAME,
        user_id=person.id.bytes,
        user_name=person.email,
        user_display_name=person.name,
        challenge=challenge.challenge,
        timeout=_TIMEOUT_MS,
        exclude_credentials=[PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options)


def options_for_use(
    session: Session, party: Party, challenge: PasskeyChallenge, *, person_id: uuid.UUID | None = None
) -> str:
    """Return what the browser needs to use a passkey (JSON); of one person only where it is known who it is."""
    known = factors.passkeys_of(session, person_id) if person_id else ()
    options = webauthn.generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge.challenge,
        timeout=_TIMEOUT_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=passkey.credential_id) for passkey in known],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options)


def add_passkey(
    session: Session, actor: Actor, *, party: Party, challenge: bytes, credential: str, name: str, now: datetime
) -> Passkey:
    """Check what the browser made and keep its public half.

    Raises `passkey_failed` for another challenge, origin or host, or without the owner's finger, face or code;
    `passkey_known` for one that is here already; `passkeys_many`.
    """
    rules.check_room(factors.held_by(session, actor.id).passkeys)
    try:
        made = webauthn.verify_registration_response(
            credential=_read(credential),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except Exception as fault:  # the library raises what its parsers raise; all of it means "not right"
        raise RuleBroken("passkey_failed") from fault
    if queries.find_passkey(session, made.credential_id) is not None:
        raise RuleBroken("passkey_known")
    passkey = Passkey(
        person_id=actor.id,
        credential_id=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        name=rules.tidy_name(name),
        created_at=now,
    )
    session.add(passkey)
    session.flush()
    record(session, actor, Action.PASSKEY_ADDED, ObjectKind.PASSKEY, passkey.id, now=now)
    return passkey


def use_passkey(session: Session, *, party: Party, challenge: bytes, credential: str, now: datetime) -> Passkey:
    """Check what a browser signed and return the passkey it was signed with.

    Raises `passkey_failed` (another challenge, origin, host or key; not verified), `passkey_unknown` (removed, or never
    here), `passkey_copied` (its count fell: written down, so the caller commits also after the refusal).
    """
    told = _read(credential)
    passkey = queries.find_passkey(session, _credential_id(told))
    if passkey is None:
        raise RuleBroken("passkey_unknown")
    try:
        used = webauthn.verify_authentication_response(
            credential=told,
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=party.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=0,  # compared below, once it is known that the key itself told it
            require_user_verification=True,
        )
        handle = told["response"].get("userHandle")
        is_owners = handle is None or base64url_to_bytes(handle) == passkey.person_id.bytes
    except Exception as fault:  # as above
        raise RuleBroken("passkey_failed") from fault
    if not is_owners:
        raise RuleBroken("passkey_failed")
    try:
        rules.check_count(known=passkey.sign_count, told=used.new_sign_count)
    except RuleBroken:
        record(
            session,
            Actor(person_id=passkey.person_id),
            Action.PASSKEY_COUNT_FELL,
            ObjectKind.PASSKEY,
            passkey.id,
            now=now,
        )
        raise
    passkey.sign_count = used.new_sign_count
    passkey.used_at = now
    return passkey


def rename_passkey(session: Session, actor: Actor, passkey: Passkey, *, name: str, now: datetime) -> None:
    """Give a passkey another name."""
    passkey.name = rules.tidy_name(name)
    record(session, actor, Action.PASSKEY_RENAMED, ObjectKind.PASSKEY, passkey.id, now=now)


def remove_passkey(session: Session, actor: Actor, passkey: Passkey, *, now: datetime) -> None:
    """Take a passkey out of use; raises `last_key`, `last_factor` when no way in or no other second factor is left."""
    held = factors.held_by(session, actor.id)
    has_password = session.get_one(Person, actor.id).password_hash is not None
    rules.check_removal(passkeys=held.passkeys, has_authenticator=held.has_authenticator, has_password=has_password)
    session.delete(passkey)
    record(session, actor, Action.PASSKEY_REMOVED, ObjectKind.PASSKEY, passkey.id, now=now)


def _read(credential: str) -> dict[str, Any]:
    try:
        told = json.loads(credential)
    except (ValueError, RecursionError) as fault:
        raise RuleBroken("passkey_failed") from fault
    if not isinstance(told, dict) or not isinstance(told.get("response"), dict):
        raise RuleBroken("passkey_failed")
    return told


def _credential_id(told: dict[str, Any]) -> bytes:
    try:
        return base64url_to_bytes(told["rawId"])
    except Exception as fault:  # missing, no text, or no base64
        raise RuleBroken("passkey_failed") from fault
