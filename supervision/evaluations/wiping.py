"""Nothing of deleted ballots stays in the database's files (PRIVACY: evaluations, flow 4). Outside any transaction."""

import logging
import sqlite3
from collections.abc import Iterable

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

log = logging.getLogger(__name__)
TABLES = ("register_entry", "ballot")
BUSY = (OperationalError, sqlite3.OperationalError)
PATIENCE_MS = 500  # our choice: tidying keeps nobody waiting who answers; the next sweep tries again


def wipe(engine: Engine) -> bool:
    """Rewrite the database's files so that no deleted row is left in them; returns whether it was done.

    SQLite: `VACUUM` writes the file anew, and the write-ahead log is cut to nothing. PostgreSQL: `VACUUM FULL` writes
    the files of the two tables anew; an older transaction that still runs keeps deleted rows, and then the answer is
    no. PostgreSQL's write-ahead log is the operator's (docs: running Rundan).
    """
    try:
        if engine.dialect.name == "sqlite":
            return _truncated(engine, ("VACUUM",))
        return _rewritten(engine)
    except BUSY:
        _note()
        return False


def tidy(engine: Engine) -> None:
    """While an evaluation is open, let no row of before the latest answer stay longer than a sweep.

    The ballots are sealed; this is for the day a key is found together with the files of that day.
    """
    try:
        if engine.dialect.name == "sqlite":
            _truncated(engine, ())
            return
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"VACUUM {', '.join(TABLES)}")
    except BUSY:
        _note()


def cut_after(session: Session) -> None:
    """Cut SQLite's write-ahead log as soon as this transaction has committed; PostgreSQL's waits for `tidy`.

    The log keeps the pages as they were before and after: two of them side by side tell which ballot came.
    """
    engine = session.get_bind()
    if isinstance(engine, Engine) and engine.dialect.name == "sqlite":
        event.listen(session, "after_commit", lambda _session: _tidy_quietly(engine), once=True)


def _tidy_quietly(engine: Engine) -> None:
    """Tidy after an answer has been kept: whatever goes wrong here must not tell the reader that it was not."""
    try:
        tidy(engine)
    except Exception:
        log.exception("the write-ahead log was not cut; the next sweep tries again")


def _rewritten(engine: Engine) -> bool:
    """Write the two tables of PostgreSQL anew; returns whether no older transaction kept deleted rows.

    On a connection of its own: a pooled one may still have counts of the closing to report, and hide the answer.
    """
    alone = create_engine(engine.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with alone.connect() as connection:
        connection.exec_driver_sql(f"SET lock_timeout = {PATIENCE_MS}")
        connection.exec_driver_sql(f"VACUUM (FULL) {', '.join(TABLES)}")
        connection.exec_driver_sql(f"VACUUM {', '.join(TABLES)}")  # counts what an older transaction keeps
        kept = connection.exec_driver_sql(
            "SELECT sum(n_dead_tup) FROM pg_stat_user_tables WHERE relname IN ('register_entry', 'ballot')"
        ).scalar_one()
    return not kept


def _truncated(engine: Engine, first: Iterable[str]) -> bool:
    """Run statements on SQLite, then cut its write-ahead log to nothing; returns whether nobody was in the way.

    On a connection of its own: whoever has just answered still holds one of the pool, and where many answer at once
    all of them would wait for one more.
    """
    alone = create_engine(engine.url, poolclass=NullPool)
    raw = alone.raw_connection()
    try:
        answer = None
        for statement in (
            f"PRAGMA busy_timeout={PATIENCE_MS}",
            "PRAGMA secure_delete=ON",
            *first,
            "PRAGMA wal_checkpoint(TRUNCATE)",
        ):
            cursor = raw.cursor()
            cursor.execute(statement)
            answer = cursor.fetchone()
            cursor.close()
        return not (answer and answer[0])
    finally:
        raw.close()


def _note() -> None:
    log.warning("the database is busy; deleted ballots are wiped at the next sweep")
