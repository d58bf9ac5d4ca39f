"""What the tests share: an app on each database, a settable clock, a browser-like client that checks every page."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck, settings
from playwright import sync_api
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

import config
from supervision.app import create_app
from supervision.evaluations.sealing import KeyRing
from supervision.store.base import Base
from supervision.store.database import db, writing
from supervision.store.keyring import Keyring
from tests import servers
from tests.client import OPEN_SESSIONS, Browser

START = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)

settings.register_profile("rundan", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True)
settings.load_profile("rundan")


def pytest_report_header() -> list[str]:
    return [f"postgresql: {servers.describe_postgres()}", f"browser: {servers.describe_browser()}"]


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.begin_run()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        servers.end_run()


@dataclass
class Clock:
    """A clock the test sets."""

    at: datetime = field(default=START)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **parts: float) -> None:
        self.at += timedelta(**parts)

    def set(self, at: datetime) -> None:
        self.at = at


def make_config(url: str, instance: Path) -> config.Config:
    return config.Config(
        env="development",
        secret_key="a secret of the tests, long enough for all",
        text_key="a key of the tests, long enough for all texts",
        database_url=url,
        instance=instance,
        testing=True,
    )


@pytest.fixture(scope="session")
def postgres() -> servers.PostgresServer | None:
    return servers.start_postgres()


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A migrated database of this worker's own, on each of the two systems in turn."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("sqlite")
        yield _migrated(f"sqlite:///{folder / 'test.sqlite'}", folder)
        return
    server: servers.PostgresServer | None = request.getfixturevalue("postgres")
    if server is None:
        pytest.skip("no PostgreSQL found: set TEST_POSTGRES_URL or install postgresql")
    name = f"rundan_{worker}"
    server.create_database(name)
    yield _migrated(server.url(name), tmp_path_factory.mktemp("postgres"))
    server.drop_database(name)


def _migrated(url: str, folder: Path) -> str:
    app = create_app(make_config(url, folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return url


@pytest.fixture
def clock() -> Clock:
    return Clock()


_APPS: dict[str, Flask] = {}


@pytest.fixture
def app(database_url: str, clock: Clock, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app on an empty database; whatever a test leaves is emptied afterwards."""
    if database_url not in _APPS:
        _APPS[database_url] = create_app(make_config(database_url, tmp_path_factory.mktemp("instance")))
    made = _APPS[database_url]
    made.extensions["edge"].clock = clock
    yield made
    with made.app_context():
        empty()
    forget_keys(made)


def forget_keys(app: Flask) -> None:
    """Destroy every key that a test has left: a sweep counts them and stops where most have no text."""
    texts: Keyring = app.extensions["keyring"]
    if left := texts.all_ids():
        texts.destroy(left)
    ballots = KeyRing(app.config["SETTINGS"].instance / "keys")
    for campaign_id in ballots.kept():
        ballots.destroy(campaign_id)
    ballots.unmark()


def empty() -> None:
    """Delete every row of every table."""
    writing.set(True)
    with db.engine.begin() as connection:
        for table in reversed(Base.metadata.sorted_tables):
            connection.execute(table.delete())
    db.session.remove()


@pytest.fixture
def engine(app: Flask) -> Engine:
    with app.app_context():
        return db.engine


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A writing session of the test's own. A browser's request commits it first and makes it forget afterwards."""
    writing.set(True)
    with Session(engine) as made:
        OPEN_SESSIONS.append(made)
        yield made
        OPEN_SESSIONS.remove(made)
        made.rollback()


@pytest.fixture
def browser(app: Flask) -> Callable[[], Browser]:
    """Open a new browser: `browser()`; each has its own cookies."""
    return lambda: Browser(app)


@pytest.fixture(scope="session")
def chromium() -> Iterator[sync_api.Browser]:
    """One real browser for the whole run; its tests are skipped where none is found."""
    path = servers.find_browser()
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set and no browser was found")
        pytest.skip("no browser found: install chromium-headless-shell, or set BROWSER_PATH")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(path), args=servers.BROWSER_ARGS)
        yield browser
        browser.close()


@pytest.fixture
def count_queries(engine: Engine) -> Iterator[list[str]]:
    """Every statement the app sends while the test looks."""
    seen: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    yield seen
    event.remove(engine, "before_cursor_execute", note)
