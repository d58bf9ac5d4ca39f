"""What people do with their calendar address: make it, make it anew, end it. Services take `now`, never commit."""

from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.calendar import queries, rules
from supervision.calendar.models import CalendarFeed
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint, new_token
from supervision.people import queries as people
from supervision.people.rules import wait_s


def make_feed(session: Session, actor: Actor, *, now: datetime) -> str:
    """Give a person a new address and return its token, which is shown once; an older one ends at once."""
    token = new_token()
    queries.lock_person(session, actor.id)
    found = queries.find_feed(session, actor.id)
    if found is None:
        found = CalendarFeed(person_id=actor.id, token_hash=fingerprint(token), created_at=now)
        session.add(found)
    found.token_hash, found.created_at = fingerprint(token), now
    session.flush()
    record(session, actor, Action.CALENDAR_MADE, ObjectKind.CALENDAR_FEED, found.id, now=now)
    return token


def end_feed(session: Session, actor: Actor, *, now: datetime) -> None:
    """End a person's address; whoever still has it finds nothing."""
    found = queries.find_feed(session, actor.id)
    if found is not None:
        session.delete(found)
        record(session, actor, Action.CALENDAR_ENDED, ObjectKind.CALENDAR_FEED, found.id, now=now)


def check_reads(session: Session, key: str, *, is_known: bool, now: datetime) -> None:
    """Refuse with `wait` a feed, or a network address with unknown tokens, that asks too often."""
    free = rules.FEED_READS_FREE if is_known else rules.UNKNOWN_READS_FREE
    seconds = wait_s(people.recent_tries(session, key, now), now, free=free)
    if seconds:
        raise RuleBroken("wait", seconds=seconds)
