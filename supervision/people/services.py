"""What people do about their identity. Services take `now`, never commit."""

import uuid
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint, new_code, new_token
from supervision.people import queries, rules
from supervision.people.models import Attempt, Invitation, LoginSession, Person, SignInCode
from supervision.store.signals import PERSON, tell

HASHER = PasswordHasher()


@cache
def _nobodys_hash() -> str:
    return HASHER.hash(new_token())


def password_fits(password_hash: str | None, password: str) -> bool:
    """Whether a password belongs to a hash; takes as long where there is no hash. Costs 0.1 s: not inside a write."""
    try:
        return HASHER.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def find_or_add_person(session: Session, *, name: str, email: str, language: str, now: datetime) -> Person:
    """Return the person with an address, or a new one without password or role."""
    found = queries.find_person(session, email)
    if found is not None:
        return found
    person = Person(name=name.strip(), email=rules.tidy_email(email), language=language, created_at=now)
    session.add(person)
    session.flush()
    return person


def start_session(
    session: Session, person: Person, *, is_own_device: bool, now: datetime, factor: str = "none", device: str = ""
) -> str:
    """Open a session and return its token, which is kept only in the browser."""
    token = new_token()
    session.add(
        LoginSession(
            token_hash=fingerprint(token),
            person_id=person.id,
            started_at=now,
            seen_at=now,
            is_own_device=is_own_device,
            factor=factor,
            factor_at=None if factor == "none" else now,
            device=device,
        )
    )
    record(session, Actor(person_id=person.id), Action.PERSON_SIGNED_IN, ObjectKind.PERSON, person.id, now=now)
    return token


def raise_session(session: Session, token: str, *, factor: str, now: datetime) -> str:
    """Note that a session has shown a second factor; returns its new token, and the old one is worth nothing."""
    new = new_token()
    session.execute(
        update(LoginSession)
        .where(LoginSession.token_hash == fingerprint(token))
        .values(token_hash=fingerprint(new), factor=factor, factor_at=now, seen_at=now)
    )
    return new


def note_seen(session: Session, token: str, *, now: datetime) -> None:
    """Note that a session is in use."""
    session.execute(update(LoginSession).where(LoginSession.token_hash == fingerprint(token)).values(seen_at=now))


def end_session(session: Session, token: str) -> None:
    """End one session; a copy of its cookie is worth nothing from now on."""
    ended = delete(LoginSession).where(LoginSession.token_hash == fingerprint(token)).returning(LoginSession.person_id)
    for person_id in session.scalars(ended).all():
        tell(session, PERSON, person_id)


def end_all_sessions(session: Session, person_id: uuid.UUID) -> None:
    """End every session of a person, as when the password changes."""
    session.execute(delete(LoginSession).where(LoginSession.person_id == person_id))
    tell(session, PERSON, person_id)


def end_other_sessions(session: Session, person_id: uuid.UUID, token: str) -> None:
    """End every session of a person but the one of `token`, as when they change how they sign in."""
    others = LoginSession.token_hash != fingerprint(token)
    session.execute(delete(LoginSession).where(LoginSession.person_id == person_id, others))
    forget_devices(session, person_id)
    tell(session, PERSON, person_id)


def forget_devices(session: Session, person_id: uuid.UUID) -> None:
    """Let every browser that was known as a person's be a strange one again (`people.device_rules`)."""
    more = update(Person).where(Person.id == person_id).values(devices_forgotten=Person.devices_forgotten + 1)
    session.execute(more)


def end_one_session(session: Session, kept: LoginSession, *, now: datetime) -> None:
    """End one of a person's own sessions."""
    session.execute(delete(LoginSession).where(LoginSession.id == kept.id))
    forget_devices(session, kept.person_id)
    tell(session, PERSON, kept.person_id)
    record(session, Actor(person_id=kept.person_id), Action.SESSION_ENDED, ObjectKind.PERSON, kept.person_id, now=now)


def ask_for_code(session: Session, *, email: str, browser: str, now: datetime) -> str:
    """Make a code for an address, bound to the browser that asks, and return it for the mail; the hash is kept."""
    code = new_code()
    session.add(
        SignInCode(
            email=rules.tidy_email(email),
            code_hash=fingerprint(code + browser),
            browser_hash=fingerprint(browser),
            expires_at=now + rules.CODE_LIFETIME,
        )
    )
    return code


def redeem_code(session: Session, *, code: str, browser: str, now: datetime) -> str:
    """Use up a code and return its address; raises `code_wrong`.

    A wrong code counts as a try, so the caller must commit also after the refusal.
    """
    found = queries.find_code(session, browser)
    if found is None:
        raise RuleBroken("code_wrong", "code")
    rules.check_code(expires_at=found.expires_at, tries=found.tries, used_at=found.used_at, now=now)
    if fingerprint(code.replace(" ", "") + browser) != found.code_hash:
        found.tries += 1
        raise RuleBroken("code_wrong", "code")
    found.used_at = now
    return found.email


def note_try(session: Session, *keys: str, now: datetime) -> None:
    """Count a try for each key (account, network address)."""
    session.add_all(Attempt(key_hash=fingerprint(key), at=now) for key in keys)


def count_try(
    session: Session,
    account: str,
    network: str | None = None,
    *,
    now: datetime,
    window: timedelta = rules.TRIES_WINDOW,
) -> None:
    """Count a try for an account and a network address, or refuse it with `wait` while one of them must wait.

    An account's tries of the last `window` count, a network address's of the last quarter of an hour.

    Tries of one key stand in line over all processes until the transaction ends, so that two at once never both take
    the last free one. Many share a workplace's address. The count must be committed also when the answer is a refusal.
    """
    _stand_in_line(session, *(key for key in (account, network) if key))
    seconds = rules.wait_s(queries.recent_tries(session, account, now, window), now, window=window)
    if network:
        tries = queries.recent_tries(session, network, now)
        seconds = max(seconds, rules.wait_s(tries, now, free=rules.NETWORK_TRIES_FREE))
    if seconds:
        raise RuleBroken("wait", seconds=seconds)
    note_try(session, *(key for key in (account, network) if key), now=now)
    session.flush()


def _stand_in_line(session: Session, *keys: str) -> None:
    """Hold a lock per key until the transaction ends; on SQLite every writer stands in one line already."""
    if session.get_bind().dialect.name == "postgresql":
        numbers = sorted({int.from_bytes(bytes.fromhex(fingerprint(key))[:8], signed=True) for key in keys})
        for number in numbers:
            session.execute(select(func.pg_advisory_xact_lock(number)))


def invite(session: Session, actor: Actor, person: Person, *, now: datetime) -> str:
    """Make an invitation by which a person chooses a password, and return the token for the mail's link."""
    token = new_token()
    session.add(
        Invitation(token_hash=fingerprint(token), person_id=person.id, expires_at=now + rules.INVITATION_LIFETIME)
    )
    record(session, actor, Action.PERSON_INVITED, ObjectKind.PERSON, person.id, now=now)
    return token


def ask_new_password(session: Session, person: Person, *, now: datetime) -> str:
    """Make the link for someone who has forgotten their password, for an hour; returns the token for the mail."""
    token = new_token()
    session.add(
        Invitation(token_hash=fingerprint(token), person_id=person.id, expires_at=now + rules.NEW_PASSWORD_LIFETIME)
    )
    record(session, Actor(person_id=person.id), Action.PERSON_FORGOT_PASSWORD, ObjectKind.PERSON, person.id, now=now)
    return token


def change_password(session: Session, person: Person, *, password_hash: str, token: str, now: datetime) -> None:
    """Set another password; every session but the one of `token` ends, and every link for choosing one."""
    use_up_links(session, person, now)
    person.password_hash = password_hash
    end_other_sessions(session, person.id, token)
    record(session, Actor(person_id=person.id), Action.PERSON_CHANGED_PASSWORD, ObjectKind.PERSON, person.id, now=now)


def accept_invitation(session: Session, invitation: Invitation, *, password_hash: str, now: datetime) -> Person:
    """Set the chosen password, end older sessions and use up every invitation they were sent."""
    person = invitation.person
    use_up_links(session, person, now)
    person.password_hash = password_hash
    end_all_sessions(session, person.id)
    forget_devices(session, person.id)
    record(session, Actor(person_id=person.id), Action.PERSON_CHOSE_PASSWORD, ObjectKind.PERSON, person.id, now=now)
    return person


def accept_with_passkey(session: Session, person: Person, *, now: datetime) -> None:
    """Use up every invitation of someone who has made a passkey in place of choosing a password."""
    use_up_links(session, person, now)
    end_all_sessions(session, person.id)
    forget_devices(session, person.id)


def use_up_links(session: Session, person: Person, now: datetime) -> None:
    """Use up every link by which a person could choose a password."""
    unused = (Invitation.person_id == person.id) & Invitation.used_at.is_(None)
    session.execute(update(Invitation).where(unused).values(used_at=now))


def change_profile(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    name: str,
    language: str,
    wants_reminders: bool,
    now: datetime,
) -> None:
    """Change one's own name and language, and whether one is reminded before meetings."""
    person.name = name.strip()
    person.language = language
    if wants_reminders != person.wants_reminders:
        person.no_reminders_at = None if wants_reminders else now
    record(session, actor, Action.PERSON_CHANGED, ObjectKind.PERSON, person.id, now=now)
