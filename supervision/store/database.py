"""The handle of the database, and what keeps SQLite correct (docs/decisions.md 4)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any, cast

import psycopg
from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import InvalidatePoolError, SQLAlchemyError

from supervision.store.base import Base
from supervision.store.transactions import writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

IDLE_S = 1.0  # a connection that lay longer is asked whether it still answers

__all__ = ("connect", "db", "give_up", "prepare", "session", "transaction", "writing")

db = SQLAlchemy(metadata=Base.metadata)


def session() -> "Session":
    """Return the session of the current request or job."""
    return cast("Session", db.session())


@contextmanager
def transaction() -> Iterator["Session"]:
    """One writing transaction of a job or a command: commits at its end, rolls back when it fails."""
    writing.set(True)
    try:
        yield session()
        session().commit()
    except BaseException:
        give_up()
        raise
    finally:
        db.session.remove()


def connect(app: Flask, url: str) -> None:
    """Bind the database of `url` to the app; SQLite gets WAL, foreign keys and honest transactions."""
    parts = make_url(url)
    options: dict[str, Any] = {"hide_parameters": True}
    if parts.get_backend_name() == "sqlite":
        if parts.database and parts.database != ":memory:":
            Path(parts.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    else:
        options |= {"pool_size": 10, "max_overflow": 20}
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)


def give_up() -> None:
    """Roll back what broke, and close its connection instead of lending it on.

    A fault in the middle of reading leaves a cursor that lives as long as the fault's frames. On SQLite its snapshot
    stays open after the rollback, and the next one to write on that connection would be told "database is locked".
    """
    broken = session()
    try:
        if broken.in_transaction():
            with suppress(psycopg.Error):  # the server ended it, and with it what was open
                broken.connection().connection.rollback()
    except SQLAlchemyError:  # it broke while it was being committed, or there is no connection at all
        broken.rollback()
    else:
        broken.invalidate()


def prepare(engine: Engine) -> None:
    """Make SQLite transactions begin where we say and stay serial for writers; on PostgreSQL lend no dead connection.

    By default the driver begins late and lets two writers read the same free seat; with BEGIN IMMEDIATE the second
    waits. `busy_timeout` is 15 s. `secure_delete` overwrites what is deleted (PRIVACY: evaluations, flow 4).
    """
    if engine.dialect.name != "sqlite":
        _look_before_lending(engine)
        return

    @event.listens_for(engine, "connect")
    def _pragmas(connection: SqliteConnection, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=15000",
            "secure_delete=ON",
        ):
            connection.execute(f"PRAGMA {pragma}").close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event hands over what it has
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing.get() else "BEGIN")


def _look_before_lending(engine: Engine) -> None:
    """Lend no connection that the server has closed: look at its socket, and ask one that lay for a second or more.

    SQLAlchemy's own way asks each time, which costs a tap of a live round a statement and a way to the server and back.
    """

    @event.listens_for(engine, "checkin")
    def _lies(_connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's event hands over what it has
        record.info["idle_since"] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def _look(connection: Any, record: Any, _lent: object) -> None:  # noqa: ANN401 - as above
        idle_since = record.info.get("idle_since")
        if idle_since is None:  # just opened
            return
        try:
            for _ in range(2):  # the first reads the server's last words, the second that nothing follows them
                connection.pgconn.consume_input()
            if time.monotonic() - idle_since >= IDLE_S:
                engine.dialect.do_ping(connection)
        except psycopg.Error as error:
            raise InvalidatePoolError from error
