"""A connection that the server has closed is lent to nobody."""

import pytest
from sqlalchemy import Engine, create_engine, text

from supervision.store import database


@pytest.fixture
def lending(database_url: str):
    """An engine as the app prepares it, and one of its own to end the other's connections with."""
    if not database_url.startswith("postgresql"):
        pytest.skip("only a server closes connections")
    engine, other = create_engine(database_url), create_engine(database_url)
    database.prepare(engine)
    yield engine, other
    engine.dispose()
    other.dispose()


def number_of(engine: Engine) -> int:
    with engine.connect() as lent:
        return int(lent.scalar(text("SELECT pg_backend_pid()")) or 0)


def end(other: Engine, number: int) -> None:
    """End a connection at the server, and wait until it is gone."""
    with other.connect() as asking:
        asking.execute(
            text("SELECT pg_terminate_backend(:number, 30000)"), {"number": number}
        )  # waits until it is gone


@pytest.mark.parametrize("idle_s", [0.0, 3600.0])
def test_a_connection_the_server_closed_is_replaced(lending, monkeypatch, idle_s):
    monkeypatch.setattr(database, "IDLE_S", idle_s)
    engine, other = lending
    first = number_of(engine)
    assert number_of(engine) == first
    end(other, first)
    assert number_of(engine) != first


def test_one_that_lay_for_long_is_asked_and_one_that_did_not_is_not(lending, monkeypatch):
    engine, _other = lending
    asked = []
    monkeypatch.setattr(engine.dialect, "do_ping", lambda _connection: asked.append(1))
    monkeypatch.setattr(database, "IDLE_S", 3600.0)
    number_of(engine)
    number_of(engine)
    assert not asked
    monkeypatch.setattr(database, "IDLE_S", 0.0)
    number_of(engine)
    assert asked == [1]
