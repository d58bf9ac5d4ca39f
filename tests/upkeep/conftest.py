import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.store.database import db, writing
from tests import servers
from tests.conftest import Clock, make_config

TEMPLATE = "upkeep_template"


@dataclass
class Home:
    """A database of the test's own, with its app and its instance folder."""

    app: Flask
    url: str
    instance: Path

    @property
    def engine(self) -> Engine:
        with self.app.app_context():
            return db.engine

    def session(self) -> Session:
        writing.set(True)
        return Session(self.engine)

    def run(self, *words: str) -> tuple[int, str]:
        """Run a command; returns exit code and what it said."""
        done = self.app.test_cli_runner().invoke(args=[str(word) for word in words])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done.exit_code, done.output


def migrate(url: str, folder: Path) -> None:
    app = create_app(make_config(url, folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    migrate(f"sqlite:///{folder / 'rundan.sqlite'}", folder)
    return folder / "rundan.sqlite"


@pytest.fixture(params=["sqlite", "postgres"])
def home(request, tmp_path: Path, clock: Clock, monkeypatch) -> Iterator[Callable[..., Home]]:
    """Make homes: `home("name")`, migrated; `home("name", empty=True)` without any table."""
    made: list[Home] = []
    names: list[str] = []
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    if request.param == "postgres":
        if server is None:
            pytest.skip("no PostgreSQL found")
        binaries = [one.folder for one in servers.find_binaries() if (one.folder / "pg_dump").exists()]
        if binaries:
            monkeypatch.setenv("PATH", str(binaries[0]), prepend=":")

    def make(name: str, *, empty: bool = False) -> Home:
        instance = tmp_path / name
        instance.mkdir(mode=0o700)
        if server is None:
            url = f"sqlite:///{instance / 'rundan.sqlite'}"
            if not empty:
                shutil.copy(request.getfixturevalue("sqlite_template"), instance / "rundan.sqlite")
        else:
            database = f"upkeep_{name}_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
            server.drop_database(database)
            names.append(database)
            if empty:
                url = server.create_database(database)
            else:
                server.ensure_template(TEMPLATE, lambda made_url: migrate(made_url, tmp_path / "template"))
                url = server.create_database(database, TEMPLATE)
        one = Home(create_app(make_config(url, instance), clock=clock), url, instance)
        made.append(one)
        return one

    yield make
    for one in made:
        one.engine.dispose()
        one.app.extensions["keyring"].close()
    for name in names:
        server.drop_database(name)
