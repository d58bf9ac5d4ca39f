"""What is told belongs to the transaction, or to the part of it, in which it was told."""

import time
import uuid
from collections.abc import Callable
from select import select

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from supervision.people.models import Person
from supervision.store import signals
from supervision.store.signals import PERSON, tell
from tests import factories

OUTER, KEPT, DROPPED, INNERMOST, AFTER = (uuid.UUID(int=number) for number in range(1, 6))
WITHIN_S = 30


@pytest.fixture
def told(app, engine, session) -> Callable[[], set[uuid.UUID]]:
    """What was heard by someone else once the session is committed; the last thing told ends the waiting."""
    found: set[uuid.UUID] = set()
    if engine.dialect.name == "sqlite":
        signals.listen(engine, lambda signal: found.add(signal[1]))
        yield lambda: found - {signals.NOBODY_ELSE}
        signals._ears[engine].pop()
        return
    line = signals.open_line(engine)

    def hear() -> set[uuid.UUID]:
        tell(session, PERSON, signals.NOBODY_ELSE)
        session.commit()
        begun = time.monotonic()
        while signals.NOBODY_ELSE not in found and time.monotonic() - begun < WITHIN_S:
            select([line.fileno()], [], [], 1)
            found.update(key for _topic, key in signals.heard(line))
        return found - {signals.NOBODY_ELSE}

    yield hear
    line.close()


def test_a_savepoint_taken_back_takes_back_its_own_only(session: Session, told) -> None:
    tell(session, PERSON, OUTER)
    with session.begin_nested():
        tell(session, PERSON, KEPT)
    part = session.begin_nested()
    tell(session, PERSON, DROPPED)
    with session.begin_nested():
        tell(session, PERSON, INNERMOST)
    part.rollback()
    tell(session, PERSON, AFTER)
    session.commit()
    assert told() == {OUTER, KEPT, AFTER}


def test_a_flush_that_fails_in_a_savepoint_loses_nothing_outside(session: Session, told) -> None:
    person = factories.make_person(session)
    tell(session, PERSON, OUTER)
    part = session.begin_nested()
    tell(session, PERSON, DROPPED)
    session.add(Person(name="En annan", email=person.email, language="sv", created_at=factories.NOW))
    with pytest.raises(IntegrityError):
        session.flush()
    part.rollback()
    session.commit()
    assert told() == {OUTER}


def test_an_inner_savepoint_taken_back_leaves_the_outer_ones(session: Session, told) -> None:
    with session.begin_nested():
        tell(session, PERSON, KEPT)
        inner = session.begin_nested()
        tell(session, PERSON, DROPPED)
        inner.rollback()
        tell(session, PERSON, AFTER)
    session.commit()
    assert told() == {KEPT, AFTER}


def test_nothing_is_told_of_a_transaction_that_is_rolled_back(session: Session, told) -> None:
    tell(session, PERSON, OUTER)
    with session.begin_nested():
        tell(session, PERSON, KEPT)
    session.rollback()
    tell(session, PERSON, AFTER)
    session.commit()
    assert told() == {AFTER}
