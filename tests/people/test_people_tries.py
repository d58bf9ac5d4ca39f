"""Tries are counted once over all connections and processes; nobody learns from a delay whether an account exists."""

import multiprocessing
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select
from sqlalchemy.orm import Session

from supervision.kernel.errors import RuleBroken
from supervision.people import queries, rules, services
from supervision.people.models import Attempt
from supervision.store.database import prepare, writing
from tests import factories

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
AT_ONCE = 40
IN_EACH_PROCESS = 20
WITHIN_S = 90


def _try(engine: Engine, account: str, network: str | None) -> bool:
    writing.set(True)
    with Session(engine) as session:
        try:
            services.count_try(session, account, network, now=AT)
        except RuleBroken:
            return False
        session.commit()
        return True


def _tries_of_a_process(url: str, begin: "multiprocessing.synchronize.Barrier", found: "multiprocessing.Queue") -> None:
    engine = create_engine(url)
    prepare(engine)
    with ThreadPoolExecutor(IN_EACH_PROCESS) as pool:
        begin.wait(WITHIN_S)
        let = list(pool.map(lambda _: _try(engine, "password a@example.se", "network x"), range(IN_EACH_PROCESS)))
    engine.dispose()
    found.put(sum(let))


def test_of_forty_at_once_in_two_processes_the_free_ones_are_let(app, engine, database_url) -> None:
    here = multiprocessing.get_context("spawn")
    begin, found = here.Barrier(2), here.Queue()
    both = [here.Process(target=_tries_of_a_process, args=(database_url, begin, found)) for _ in range(2)]
    for one in both:
        one.start()
    let = sum(found.get(timeout=2 * WITHIN_S) for _ in both)
    for one in both:
        one.join(WITHIN_S)
    assert let == rules.TRIES_FREE
    with Session(engine) as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 2 * rules.TRIES_FREE


def test_without_the_line_more_are_let(app, engine, monkeypatch) -> None:
    """The control: two that look before either notes are both let, which is what the line prevents."""
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite's writers stand in one line anyway")
    monkeypatch.setattr(services, "_stand_in_line", lambda *_keys: None)
    looked, all_have_looked = queries.recent_tries, threading.Barrier(12)

    def look_together(*args):
        found = looked(*args)
        all_have_looked.wait(WITHIN_S)
        return found

    monkeypatch.setattr(queries, "recent_tries", look_together)
    with ThreadPoolExecutor(12) as pool:
        let = list(pool.map(lambda _: _try(engine, "password a@example.se", None), range(12)))
    assert sum(let) > rules.TRIES_FREE


def test_two_accounts_do_not_wait_for_each_other(app, engine) -> None:
    writing.set(True)
    with Session(engine) as held:
        services.count_try(held, "password a@example.se", "network a", now=AT)
        if engine.dialect.name == "postgresql":
            assert _try(engine, "password b@example.se", "network b")
        held.commit()


def test_two_in_opposite_order_do_not_block_each_other(app, engine) -> None:
    keys = [("one", "other"), ("other", "one")]
    with ThreadPoolExecutor(4) as pool:
        assert len(list(pool.map(lambda n: _try(engine, *keys[n % 2]), range(20)))) == 20


def test_an_attacker_gets_some_three_hundred_codes_a_day() -> None:
    tries: list[datetime] = []
    for seconds in range(0, 24 * 3600, 5):
        at = AT + timedelta(seconds=seconds)
        if not rules.wait_s(tries, at, window=rules.FACTOR_WINDOW):
            tries.append(at)
    assert 280 < len(tries) < 310


def test_known_and_unknown_accounts_wait_alike(browser, session) -> None:
    known = factories.make_supervisor(session).email
    session.commit()
    said = []
    for email in (known, "nobody@example.se"):
        page = browser().get("/sign-in/password")
        for _ in range(rules.TRIES_FREE + 1):
            page.submit("", email=email, password="inte rätt lösenord")
        said.append((page.status, page.text))
    assert said[0] == said[1]
    assert "Vänta" in said[0][1]
