"""The keyring: a data key for each sealed text, in a store of its own, apart from the database and its backups.

A key is made and committed here before the text that needs it is written, and destroyed after the text is gone. So a
text that was deleted cannot be opened in an old backup of the database: its key is in neither of them. A transaction
here is one statement or one batch and never waits for the database, so the two cannot block each other.
"""

import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from threading import Lock
from typing import Any

import nacl.utils
from sqlalchemy import (
    Column,
    Connection,
    Engine,
    LargeBinary,
    MetaData,
    String,
    Table,
    bindparam,
    create_engine,
    delete,
    event,
    func,
    insert,
    select,
    text,
    update,
)
from sqlalchemy.engine import make_url

from supervision.store.base import UtcDateTime
from supervision.store.wrapping import KEY_BYTES, WrappingKey

ID_BYTES = 16
MOST_AT_ONCE = 500  # ids in one statement; every database takes as many
BATCH = 500  # keys in one transaction while rotating; our choice: some hundredths of a second
_MAKING = 7_203_012  # PostgreSQL: whoever makes the table first holds this lock

_metadata = MetaData()
_data_key = Table(
    "data_key",
    _metadata,
    Column("id", LargeBinary(ID_BYTES), primary_key=True),
    Column("wrapped_by", String(16), nullable=False, index=True),
    Column("wrapped", LargeBinary, nullable=False),
    Column("unused_since", UtcDateTime),
    sqlite_with_rowid=False,  # a hidden row number would tell the order in which texts were written
)

_REWRAP = (
    update(_data_key)
    .where(_data_key.c.id == bindparam("key_id"))
    .values(wrapped_by=bindparam("now_by"), wrapped=bindparam("anew"))
)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many data keys there are, by what wraps them."""

    current: int
    previous: int
    unknown: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.current + self.previous + self.unknown


@dataclass(slots=True)
class Keyring:
    """The data keys of an installation; `url` must not be the database itself. Opened when first needed."""

    url: str
    key: WrappingKey
    previous: WrappingKey | None = None
    is_durable: bool = True
    """Whether a new key waits until the disk has it; only tests say no."""
    _opened: Engine | None = None
    _lock: Any = field(default_factory=Lock)

    @property
    def engine(self) -> Engine:
        """Return the engine of the keyring, its table made; a file is readable by its owner alone (0600)."""
        if self._opened is None:
            with self._lock:
                if self._opened is None:
                    self._opened = _open(self.url, is_durable=self.is_durable)
        return self._opened

    def make(self) -> tuple[bytes, bytes]:
        """Make a data key; returns its id and the key, which is kept for good when this returns."""
        key_id, data_key = nacl.utils.random(ID_BYTES), nacl.utils.random(KEY_BYTES)
        row = {"id": key_id, "wrapped_by": self.key.name, "wrapped": self.key.wrap(data_key, key_id)}
        with self._writing() as connection:
            connection.execute(insert(_data_key).values(row))
        return key_id, data_key

    def fetch(self, key_ids: Collection[bytes]) -> dict[bytes, bytes]:
        """Return these data keys, 500 in one query; those destroyed, or wrapped by an unknown key, are left out."""
        found: dict[bytes, bytes] = {}
        with self.engine.connect() as connection:
            for part in _parts(key_ids):
                chosen = select(_data_key.c.id, _data_key.c.wrapped_by, _data_key.c.wrapped)
                for key_id, name, wrapped in connection.execute(chosen.where(_data_key.c.id.in_(part))):
                    by = self._named(name)
                    data_key = by.unwrap(wrapped, key_id) if by else None
                    if data_key is not None:
                        found[key_id] = data_key
        return found

    def kept(self, key_ids: Collection[bytes]) -> frozenset[bytes]:
        """Return which of these ids have a key, whether or not it can be unwrapped."""
        with self.engine.connect() as connection:
            return frozenset(
                key_id
                for part in _parts(key_ids)
                for key_id in connection.scalars(select(_data_key.c.id).where(_data_key.c.id.in_(part)))
            )

    def all_ids(self) -> Mapping[bytes, datetime | None]:
        """Return every key's id, and since when it has been seen without a text."""
        with self.engine.connect() as connection:
            return {
                row.id: row.unused_since for row in connection.execute(select(_data_key.c.id, _data_key.c.unused_since))
            }

    def destroy(self, key_ids: Collection[bytes]) -> int:
        """Delete data keys, so that nothing opens what they sealed; returns how many there were."""
        destroyed = 0
        if key_ids:
            with self._writing() as connection:
                for part in _parts(key_ids):
                    destroyed += connection.execute(delete(_data_key).where(_data_key.c.id.in_(part))).rowcount
            _truncate_log(self.engine)
        return destroyed

    def mark(self, key_ids: Collection[bytes], since: datetime | None) -> None:
        """Note since when keys have been without a text; None takes the note back."""
        with self._writing() as connection:
            for part in _parts(key_ids):
                connection.execute(update(_data_key).where(_data_key.c.id.in_(part)).values(unused_since=since))

    def settle(self) -> None:
        """Overwrite what deleted keys leave behind in the keyring's files, as far as the database can."""
        if self.engine.dialect.name == "sqlite":
            _truncate_log(self.engine)
            return
        with self.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM data_key"))

    def counts(self) -> Counts:
        """Return how many keys are wrapped by which key."""
        with self.engine.connect() as connection:
            asked = select(_data_key.c.wrapped_by, func.count()).group_by(_data_key.c.wrapped_by)
            by = dict(connection.execute(asked).tuples().all())
        current = by.pop(self.key.name, 0)
        previous = by.pop(self.previous.name, 0) if self.previous else 0
        return Counts(current, previous, sum(by.values()))

    def rewrap(self, tell: Callable[[int, int], None] = lambda _done, _all: None, *, batch: int = BATCH) -> int:
        """Wrap every key anew with the current key; returns how many no known key could unwrap.

        Each batch is one transaction; stopped anywhere, it goes on where it was. `tell` hears how many of how many.
        """
        counts = self.counts()
        done, stuck, last = counts.current, 0, b""
        while True:
            with self._writing() as connection:
                asked = select(_data_key.c.id, _data_key.c.wrapped_by, _data_key.c.wrapped)
                asked = asked.where(_data_key.c.wrapped_by != self.key.name, _data_key.c.id > last)
                rows = connection.execute(asked.order_by(_data_key.c.id).limit(batch).with_for_update()).all()
                if not rows:
                    return stuck
                last = rows[-1].id
                fresh = [one for row in rows if (one := self._rewrapped(row.id, row.wrapped_by, row.wrapped))]
                if fresh:
                    connection.execute(_REWRAP, fresh)
            done, stuck = done + len(fresh), stuck + len(rows) - len(fresh)
            tell(done, max(done, counts.total))

    def close(self) -> None:
        """Close every connection to the keyring."""
        if self._opened is not None:
            self._opened.dispose()

    def known(self) -> Sequence[WrappingKey]:
        """Return the wrapping keys this process has: the current one, and the previous one while it is set."""
        return [self.key, *([self.previous] if self.previous else [])]

    def _named(self, name: str) -> WrappingKey | None:
        return next((one for one in self.known() if one.name == name), None)

    def _rewrapped(self, key_id: bytes, name: str, wrapped: bytes) -> dict[str, Any] | None:
        by = self._named(name)
        data_key = by.unwrap(wrapped, key_id) if by else None
        if data_key is None:
            return None
        return {"key_id": key_id, "now_by": self.key.name, "anew": self.key.wrap(data_key, key_id)}

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        with self.engine.connect().execution_options(writes=True) as connection, connection.begin():
            yield connection


def _parts(key_ids: Collection[bytes]) -> Iterator[Sequence[bytes]]:
    ordered = list(key_ids)
    for start in range(0, len(ordered), MOST_AT_ONCE):
        yield ordered[start : start + MOST_AT_ONCE]


def _open(url: str, *, is_durable: bool) -> Engine:
    parts = make_url(url)
    if parts.get_backend_name() != "sqlite":
        engine = create_engine(parts, hide_parameters=True, pool_pre_ping=True)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MAKING})
            _metadata.create_all(connection)
        return engine
    if parts.database and parts.database != ":memory:":
        path = Path(parts.database)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
        path.chmod(0o600)  # its log and its index get the same
    engine = create_engine(parts, hide_parameters=True)
    _prepare(engine, "FULL" if is_durable else "OFF")
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        _metadata.create_all(connection)
    return engine


def _prepare(engine: Engine, synchronous: str) -> None:
    """Make SQLite keep what it has taken, wait 15 s for another writer, and overwrite what is deleted."""

    @event.listens_for(engine, "connect")
    def _pragmas(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        words = ("busy_timeout=15000", "journal_mode=WAL", f"synchronous={synchronous}", "secure_delete=ON")
        for pragma in words:
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")


def _truncate_log(engine: Engine) -> None:
    """Empty SQLite's log, which still holds the pages as they were; given up after 0.2 s, the next time does it."""
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA busy_timeout=200")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        cursor.execute("PRAGMA busy_timeout=15000")
        cursor.close()
    finally:
        connection.close()
