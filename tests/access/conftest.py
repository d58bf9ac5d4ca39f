"""The well-filled world in a database of its own, put back after each request that changed it."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.store.base import Base
from supervision.store.database import db, writing
from tests.access.asking import House
from tests.access.world import NOW, World, fill
from tests.conftest import make_config


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The world on SQLite: filled once for each worker; a copy brings it back."""
    folder = tmp_path_factory.mktemp("access")
    path = folder / "world.sqlite"
    app = create_app(make_config(f"sqlite:///{path}", folder))
    world = filled(app)
    with app.app_context():
        hurry(db.engine)
        engine = db.engine
    copies = [(path, folder / "template.sqlite"), (folder / "keyring.sqlite", folder / "template keyring.sqlite")]
    made = House(app, world, put_back(copies))
    yield made
    made.close()
    engine.dispose()


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


def put_back(copies: list[tuple[Path, Path]]) -> Callable[[], None]:
    """Return what brings databases back to where they are now: the world and the keys of its texts."""
    pairs = []
    for path, template in copies:
        live, kept = sqlite3.connect(path, check_same_thread=False), sqlite3.connect(template, check_same_thread=False)
        live.execute("PRAGMA synchronous=OFF")
        live.backup(kept)
        pairs.append((kept, live))

    def bring_back() -> None:
        for kept, live in pairs:
            kept.backup(live)

    return bring_back
