"""What each released version wrote lives through the upgrade to this one, on both databases.

`released/NNNN.json` holds rows of every table as that release wrote them: of its demonstration, and one row in each
table the demonstration leaves empty. Texts are sealed as then, with the tests' own TEXT_KEY.
"""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Boolean, Date, DateTime, Engine, MetaData, Time, insert, select
from sqlalchemy.orm import Session
from sqlalchemy.types import JSON, Uuid

from supervision.app import create_app
from supervision.people.models import Person
from supervision.store import adoption
from supervision.store.database import db, transaction, writing
from tests import factories
from tests.client import Browser
from tests.conftest import Clock, make_config

RELEASED = Path(__file__).parent / "released"
REVISIONS = sorted(path.stem for path in RELEASED.glob("*.json"))


@pytest.fixture(params=["sqlite", "postgres"])
def app(request, tmp_path: Path, clock: Clock) -> Iterator[Flask]:
    """An app on a database of its own, without tables."""
    name = f"released_{uuid.uuid4().hex[:12]}"
    server = request.getfixturevalue("postgres") if request.param == "postgres" else None
    if request.param == "postgres" and server is None:
        pytest.skip("no PostgreSQL found")
    url = server.create_database(name) if server else f"sqlite:///{tmp_path / 'old.sqlite'}"
    made = create_app(make_config(url, tmp_path), clock=clock)
    with made.app_context():
        writing.set(True)
        yield made
        db.session.remove()
        db.engine.dispose()
    if server:
        server.drop_database(name)


def typed(value: Any, kind: Any, dialect: str) -> Any:
    """Return a value of the file as the column's type wants it."""
    if value is None:
        return None
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    if isinstance(kind, Boolean):
        return bool(value)
    if isinstance(kind, DateTime):
        return datetime.fromisoformat(value).replace(tzinfo=UTC if dialect == "postgresql" else None)
    for one, read in ((Date, date.fromisoformat), (Time, time.fromisoformat), (JSON, json.loads), (Uuid, uuid.UUID)):
        if isinstance(kind, one):
            return read(value)
    return value


def fill(engine: Engine, tables: dict[str, list[dict[str, Any]]]) -> None:
    metadata = MetaData()
    metadata.reflect(engine)
    assert set(metadata.tables) - {"alembic_version"} == set(tables)
    with engine.begin() as connection:
        for table in metadata.sorted_tables:
            for row in tables.get(table.name, []):
                values = {name: typed(value, table.c[name].type, engine.dialect.name) for name, value in row.items()}
                connection.execute(insert(table).values(values))


def rows_of(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    metadata = MetaData()
    metadata.reflect(engine)
    with engine.connect() as connection:
        return {
            table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
            for table in metadata.sorted_tables
            if table.name != "alembic_version"
        }


def lost(before: dict[str, list[dict[str, Any]]], after: dict[str, list[dict[str, Any]]]) -> list[tuple[str, object]]:
    """Return each row of before that is not there afterwards with the same values in the columns that remain."""
    found: list[tuple[str, object]] = []
    for table, rows in before.items():
        left = after[table]
        for row in rows:
            same = [one for one in left if all(one[name] == value for name, value in row.items() if name in one)]
            if not same:
                found.append((table, row))
    return found


@pytest.mark.parametrize("revision", REVISIONS)
def test_what_a_release_wrote_lives_through_the_upgrade(app: Flask, revision: str) -> None:
    told = json.loads((RELEASED / f"{revision}.json").read_text())
    assert told["revision"] == revision
    assert all(told["tables"].values()), "every table has rows"
    upgrade(revision=revision)
    fill(db.engine, told["tables"])
    before = rows_of(db.engine)
    upgrade()
    after = rows_of(db.engine)
    assert lost(before, after) == []
    assert {name: len(rows) for name, rows in before.items()} == {name: len(after[name]) for name in before}
    dropped = {(table, name) for table, rows in before.items() for name in rows[0] if name not in after[table][0]}
    assert dropped == set()
    if db.engine.dialect.name == "sqlite":
        with db.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None


@pytest.mark.parametrize("revision", REVISIONS)
def test_texts_of_a_release_open_before_and_after_they_get_a_key(app: Flask, revision: str) -> None:
    told = json.loads((RELEASED / f"{revision}.json").read_text())
    upgrade(revision=revision)
    fill(db.engine, told["tables"])
    upgrade()
    with transaction() as session:
        first = list(adoption.check(session))
        assert [one for one in first if one is not None] == []
        assert len(first) >= 2
        assert adoption.unadopted(session) >= 2
    assert adoption.adopt(transaction).faulty == []
    with transaction() as session:
        assert [one for one in adoption.check(session) if one is not None] == []
        assert adoption.unadopted(session) == 0


@pytest.mark.parametrize("revision", REVISIONS)
def test_the_pages_answer_with_what_a_release_wrote(app: Flask, revision: str) -> None:
    told = json.loads((RELEASED / f"{revision}.json").read_text())
    upgrade(revision=revision)
    fill(db.engine, told["tables"])
    upgrade()
    with Session(db.engine) as session:
        supervisors = session.scalars(select(Person).where(Person.is_supervisor).order_by(Person.id)).all()
        browsers = [factories.sign_in(Browser(app), person, session) for person in supervisors]
    seen = set()
    for browser in browsers:
        browser.get("/")
        links = {link["href"].split("#")[0] for link in browser.soup.select("main a[href^='/']")}
        for path in sorted(links - seen)[:12]:
            assert browser.get(path).status == 200, path
            seen.add(path)
    assert len(seen) > 2
