"""Every SELECT about people."""

import uuid
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Select, bindparam, func, select
from sqlalchemy.orm import Session

from supervision.kernel.actor import Actor
from supervision.kernel.ids import fingerprint
from supervision.people.models import Attempt, Invitation, LoginSession, Person, SignInCode
from supervision.people.rules import TRIES_WINDOW, is_session_over, tidy_email


def find_person(session: Session, email: str) -> Person | None:
    """Return the person with an address."""
    return session.scalar(select(Person).where(Person.email == tidy_email(email)))


def get_person(session: Session, person_id: uuid.UUID) -> Person:
    """Return a person who is known to exist."""
    return session.get_one(Person, person_id)


def find_session(session: Session, token: str, now: datetime) -> LoginSession | None:
    """Return the session of a browser's token if it has not ended."""
    found = session.scalar(_session(), {"token_hash": fingerprint(token)})
    if found is None or is_session_over(found.started_at, found.seen_at, is_own_device=found.is_own_device, now=now):
        return None
    return found


@cache
def _session() -> Select[tuple[LoginSession]]:
    # Asked in each request: a statement that is built once is told apart from others only once, too.
    return select(LoginSession).where(LoginSession.token_hash == bindparam("token_hash"))


def sessions_of(session: Session, person_id: uuid.UUID, now: datetime) -> list[LoginSession]:
    """Return the sessions of a person that have not ended, the one seen last first."""
    kept = session.scalars(
        select(LoginSession).where(LoginSession.person_id == person_id).order_by(LoginSession.seen_at.desc())
    )
    return [
        one
        for one in kept
        if not is_session_over(one.started_at, one.seen_at, is_own_device=one.is_own_device, now=now)
    ]


def get_own_session(session: Session, actor: Actor, session_id: uuid.UUID) -> LoginSession | None:
    """Return one of the actor's own sessions."""
    return session.scalar(
        select(LoginSession).where(LoginSession.id == session_id, LoginSession.person_id == actor.person_id)
    )


def find_code(session: Session, browser: str) -> SignInCode | None:
    """Return the newest code this browser asked for, locked until the transaction ends."""
    return session.scalar(
        select(SignInCode)
        .where(SignInCode.browser_hash == fingerprint(browser))
        .order_by(SignInCode.expires_at.desc())
        .limit(1)
        .with_for_update()
    )


def find_invitation(session: Session, token: str, now: datetime) -> Invitation | None:
    """Return an invitation that can still be used."""
    return session.scalar(
        select(Invitation)
        .where(Invitation.token_hash == fingerprint(token), Invitation.used_at.is_(None), Invitation.expires_at > now)
        .with_for_update(of=Invitation)
    )


def tries_since(session: Session, key: str, since: datetime) -> int:
    """Return how often a key was tried after an instant; tries are kept for a day."""
    tries = select(func.count()).select_from(Attempt).where(Attempt.key_hash == fingerprint(key), Attempt.at > since)
    return session.scalar(tries) or 0


def recent_tries(session: Session, key: str, now: datetime, window: timedelta = TRIES_WINDOW) -> list[datetime]:
    """Return when a key (an account or a network address) was tried lately: in the last quarter of an hour, or so."""
    return list(
        session.scalars(select(Attempt.at).where(Attempt.key_hash == fingerprint(key), Attempt.at > now - window))
    )
