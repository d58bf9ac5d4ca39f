"""The well-filled world in a database of its own, put back after each request that changed it; what the run counts."""

import json
import os
import re
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Engine, Table, create_engine, event
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.store.base import Base
from supervision.store.database import db, writing
from tests import servers
from tests.access.asking import House
from tests.access.world import NOW, World, fill
from tests.conftest import make_config

KEPT = "kept"  # the schema that holds the world on PostgreSQL as it was
CHANGED = re.compile(r"^\s*(?:INSERT INTO|UPDATE|DELETE FROM) \"?(\w+)", re.IGNORECASE)
FIGURES = pytest.StashKey[dict[str, Any]]()


@pytest.fixture(scope="session")
def figures(request: pytest.FixtureRequest) -> dict[str, Any]:
    """What the run counts; `make matrix` prints it as its last line."""
    return request.config.stash.setdefault(FIGURES, {})


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    if counted := config.stash.get(FIGURES, {}):
        terminalreporter.write_line(json.dumps(counted))


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory, figures: dict[str, Any]) -> Iterator[House]:
    """The world on SQLite: filled once for each worker; a copy brings it back."""
    folder = tmp_path_factory.mktemp("access")
    path = folder / "world.sqlite"
    app = create_app(make_config(f"sqlite:///{path}", folder))
    world = filled(app)
    with app.app_context():
        hurry(db.engine)
        engine = db.engine
    back = [copied(path, folder / "template.sqlite"), copied_keyring(folder)]
    made = House(app, world, all_of(back))
    yield made
    figures["requests on sqlite"] = made.requests
    made.close()
    engine.dispose()


@pytest.fixture(scope="session")
def house_on_postgres(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, figures: dict[str, Any]
) -> Iterator[House]:
    """The same world on PostgreSQL, in a database of this worker's own."""
    server: servers.PostgresServer | None = request.getfixturevalue("postgres")
    if server is None:
        pytest.skip("no PostgreSQL found: set TEST_POSTGRES_URL or install postgresql")
    name = f"access_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = tmp_path_factory.mktemp("access_postgres")
    url = server.create_database(name)
    app = create_app(make_config(url, folder))
    world = filled(app)
    beside = create_engine(url)
    made = House(app, world, all_of([kept_in_schema(beside), copied_keyring(folder)]))
    yield made
    figures["requests on postgresql"] = made.requests
    made.close()
    beside.dispose()
    with app.app_context():
        db.engine.dispose()
    server.drop_database(name)


def filled(app: Flask) -> World:
    """Make the tables where there are none, and everyone and everything in them."""
    app.extensions["edge"].clock = lambda: NOW
    with app.app_context():
        engine = db.engine
        writing.set(True)
        Base.metadata.create_all(engine)
    with Session(engine) as session:
        return fill(app, session)


def hurry(engine: Engine) -> None:
    """Let this database not wait for the disk: it is thrown away."""

    @event.listens_for(engine, "connect")
    def _hurry(connection: sqlite3.Connection, _record: object) -> None:
        connection.execute("PRAGMA synchronous=OFF").close()

    engine.dispose()


PutBack = Callable[[Sequence[str]], None]
"""Brings a database back to where it was; is told the statements that changed it."""


def all_of(parts: list[PutBack]) -> PutBack:
    """Return what brings back all of several databases: the world and the keys of its texts."""

    def bring_back(statements: Sequence[str]) -> None:
        for part in parts:
            part(statements)

    return bring_back


def copied(path: Path, template: Path) -> PutBack:
    """Return what brings an SQLite database back to where it is now, from a copy."""
    live, kept = sqlite3.connect(path, check_same_thread=False), sqlite3.connect(template, check_same_thread=False)
    live.execute("PRAGMA synchronous=OFF")
    live.backup(kept)
    return lambda _statements: kept.backup(live)


def copied_keyring(folder: Path) -> PutBack:
    return copied(folder / "keyring.sqlite", folder / "template keyring.sqlite")


def kept_in_schema(engine: Engine) -> PutBack:
    """Return what brings a PostgreSQL database back to where it is now.

    A second schema keeps every row. The tables the statements name, and all whose rows lean on theirs, are filled anew.
    """
    tables = Base.metadata.sorted_tables
    with engine.begin() as connection:
        connection.exec_driver_sql(f"CREATE SCHEMA {KEPT}")
        for table in tables:
            connection.exec_driver_sql(f'CREATE TABLE {KEPT}."{table.name}" AS TABLE public."{table.name}"')

    def bring_back(statements: Sequence[str]) -> None:
        named = {found[1] for one in statements if (found := CHANGED.match(one))}
        changed = leaning_on(named) if named <= {table.name for table in tables} else tables
        with engine.begin() as connection:
            for table in reversed(changed):
                connection.exec_driver_sql(f'DELETE FROM public."{table.name}"')  # noqa: S608
            for table in changed:
                connection.exec_driver_sql(f'INSERT INTO public."{table.name}" SELECT * FROM {KEPT}."{table.name}"')  # noqa: S608

    return bring_back


def leaning_on(names: set[str]) -> list[Table]:
    """Return these tables and all that have a foreign key to one of them, in the order of the keys."""
    reached = set(names)
    for table in Base.metadata.sorted_tables:  # whoever is pointed at comes first
        if any(key.column.table.name in reached for key in table.foreign_keys):
            reached.add(table.name)
    return [table for table in Base.metadata.sorted_tables if table.name in reached]
