"""Write down who did what, in the caller's transaction; chain it, forget people in it, delete it in time."""

import secrets
import uuid
from datetime import datetime

from sqlalchemy import and_, delete, or_, text, update
from sqlalchemy.orm import Session

from supervision.audit import queries, rules
from supervision.audit.codes import Action, ObjectKind
from supervision.audit.models import AuditAnchor, AuditEvent
from supervision.kernel.actor import Actor

CHAIN_LOCK = 7_203_013
"""PostgreSQL's number of the lock under which events are chained; beside those of the jobs and of the keyring."""
AT_ONCE = 1000
"""Our choice: events chained in one transaction at most; the next sweep takes the rest."""


def record(
    session: Session,
    actor: Actor,
    action: Action,
    object_kind: ObjectKind,
    object_id: uuid.UUID | None,
    *,
    now: datetime,
) -> None:
    """Add one audit row; never content. Raises ValueError for an action or a kind that is in no list."""
    session.add(
        AuditEvent(
            at=now,
            actor_id=actor.person_id,
            action=Action(action).value,
            object_kind=ObjectKind(object_kind).value,
            object_id=object_id,
        )
    )


def chain(session: Session) -> rules.Head:
    """Give the events that have no number the next ones, in order of time, and return the newest place.

    Two that chain at once wait for each other. At most 1,000 events in one transaction.
    """
    if session.get_bind().dialect.name == "postgresql":  # SQLite has one writer at a time as it is
        session.execute(text("SELECT pg_advisory_xact_lock(:key)").bindparams(key=CHAIN_LOCK))
    head = queries.head(session)
    for event in queries.unchained(session, AT_ONCE):
        event.salt = secrets.token_bytes(rules.SALT_BYTES)
        event.names_digest = rules.digest_names(event.salt, event.actor_id, event.object_id)
        event.number = head.number + 1
        event.chain_hash = rules.hash_link(
            head.chain_hash, event.number, event.at, event.action, event.object_kind, event.names_digest
        )
        head = rules.Head(event.number, event.chain_hash)
    session.flush()
    return head


def forget(session: Session, person_id: uuid.UUID) -> None:
    """Take a person's id and its salt out of every event, by them or about them; the chain can still be checked.

    To be called before the person's row is deleted.
    """
    about = and_(AuditEvent.object_kind == ObjectKind.PERSON.value, AuditEvent.object_id == person_id)
    session.execute(update(AuditEvent).where(or_(AuditEvent.actor_id == person_id, about)).values(salt=None))
    session.execute(update(AuditEvent).where(AuditEvent.actor_id == person_id).values(actor_id=None))
    session.execute(update(AuditEvent).where(about).values(object_id=None))


def purge(session: Session, *, before: datetime) -> None:
    """Delete the events of before an instant from the chain's beginning, and keep where it begins now.

    An event that was chained late goes together with those around it.
    """
    while queries.unchained(session, 1):
        chain(session)
    last = queries.last_before(session, before)
    if last is None or last.number == 0:
        return
    session.execute(delete(AuditEvent).where(AuditEvent.number <= last.number))
    session.execute(delete(AuditAnchor))
    session.add(AuditAnchor(number=last.number, chain_hash=last.chain_hash))
    session.flush()
