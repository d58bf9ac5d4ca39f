"""The handle of the database, and what keeps SQLite correct (docs/decisions.md 4)."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import TYPE_CHECKING, Any, cast

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from supervision.store.base import Base
from supervision.store.transactions import writing

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

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
        options |= {"pool_pre_ping": True, "pool_size": 10, "max_overflow": 20}
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
            broken.connection().connection.rollback()
    except SQLAlchemyError:  # it broke while it was being committed, or there is no connection at all
        broken.rollback()
    else:
        broken.invalidate()


def prepare(engine: Engine) -> None:
    """Make SQLite transactions begin where we say and stay serial for writers; nothing to do elsewhere.

    By default the driver begins late and lets two writers read the same free seat; with BEGIN IMMEDIATE the second
    waits. `busy_timeout` is 15 s. `secure_delete` overwrites what is deleted (PRIVACY: evaluations, flow 4).
    """
    if engine.dialect.name != "sqlite":
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
