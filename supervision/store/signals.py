"""Signals between processes: something has changed, look for yourself. Ids only, never content.

`tell` stands inside the transaction that changes something. On PostgreSQL the signal goes out by NOTIFY with the commit
and is heard by every process that has a line open; on SQLite, where one process serves all, it is handed on in memory
after the commit. A transaction that is rolled back tells nothing, and of one whose savepoint is rolled back what was
told outside the savepoint is told.
"""

import uuid
from collections.abc import Callable
from threading import Lock
from weakref import WeakKeyDictionary

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session, SessionTransaction

ROUND = "round"
"""The log of a meeting's round has grown; the key is the meeting's id."""
CONTROL = "control"
"""Another device has taken over a meeting's round; the key is the meeting's id."""
PERSON = "person"
"""A person's sessions, seats or roles have changed; the key is the person's id."""
EVERYONE = "everyone"
"""Many people's seats or roles have changed at once; the key says nothing."""
NOBODY_ELSE = uuid.UUID(int=0)

Signal = tuple[str, uuid.UUID]
Ear = Callable[[Signal], None]

_CHANNEL = "rundan"
_KEPT = "signals"
_NOTIFY = "SELECT pg_notify(%(channel)s, told) FROM unnest(%(told)s::text[]) AS told"
_ears: WeakKeyDictionary[Engine, list[Ear]] = WeakKeyDictionary()
_told_before: WeakKeyDictionary[SessionTransaction, dict[Signal, None]] = WeakKeyDictionary()
"""What had been told when a savepoint began."""
_lock = Lock()


def tell(session: Session, topic: str, key: uuid.UUID) -> None:
    """Tell everyone who listens, once this transaction is committed; told twice in one transaction is told once."""
    session.info.setdefault(_KEPT, {})[topic, key] = None


def listen(engine: Engine, ear: Ear) -> None:
    """Hand every signal told through this engine's sessions to `ear`, in the thread that committed (SQLite)."""
    with _lock:
        _ears.setdefault(engine, []).append(ear)


def open_line(engine: Engine) -> "psycopg.Connection[tuple[str, ...]]":
    """Open a connection of its own that hears what every process tells (PostgreSQL)."""
    url = engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
    line = psycopg.connect(url, autocommit=True, connect_timeout=5)
    line.execute(f"LISTEN {_CHANNEL}")
    return line


def heard(line: "psycopg.Connection[tuple[str, ...]]") -> list[Signal]:
    """Return what the line has heard, without waiting; raises `psycopg.OperationalError` when the line is cut."""
    line.pgconn.consume_input()
    found = []
    while (one := line.pgconn.notifies()) is not None:
        topic, _colon, key = one.extra.decode().partition(":")
        found.append((topic, uuid.UUID(key)))
    return found


@event.listens_for(Session, "before_commit")
def _notify(session: Session) -> None:
    if session.get_bind().dialect.name != "postgresql" or session.in_nested_transaction():
        return
    session.flush()  # what is written now may tell something too
    kept: dict[Signal, None] = session.info.pop(_KEPT, {})
    if kept:
        told = [f"{topic}:{key}" for topic, key in kept]
        session.connection().exec_driver_sql(_NOTIFY, {"channel": _CHANNEL, "told": told})


@event.listens_for(Session, "after_commit")
def _hand_on(session: Session) -> None:
    if session.in_nested_transaction():
        return
    kept: dict[Signal, None] = session.info.pop(_KEPT, {})
    if not kept:
        return
    for ear in _ears.get(session.get_bind().engine, []):
        for signal in kept:
            ear(signal)


@event.listens_for(Session, "after_transaction_create")
def _remember(session: Session, transaction: SessionTransaction) -> None:
    if transaction.nested:
        _told_before[transaction] = dict(session.info.get(_KEPT, {}))


@event.listens_for(Session, "after_soft_rollback")
def _forget(session: Session, rolled_back: SessionTransaction) -> None:
    if rolled_back.nested:
        session.info[_KEPT] = _told_before.pop(rolled_back, {})
    elif rolled_back.parent is None:
        session.info.pop(_KEPT, None)
