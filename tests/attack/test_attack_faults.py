"""Submitting fails at each of its lines in turn: no answer stands in a log or an error page, and none is half kept."""

import logging
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import func, select

from supervision.evaluations import routes, wiping
from supervision.evaluations.models import Ballot, RegisterEntry
from supervision.store.database import writing
from tests import factories
from tests.attack import FULL
from tests.attack.conftest import KEYS, later
from tests.attack.crashing import Plug, lines_of

CANARY = "kanariefågel-7f3a"
LOUD = [f"q_{KEYS[0]}", f"'{KEYS[0]}'", f'"{KEYS[0]}"', CANARY, CANARY.encode("unicode_escape").decode()]
AFTERWARDS = "wiping.py"  # what is done once an answer is kept has its own test


class Fault(RuntimeError):
    pass


def fail() -> None:
    raise Fault("something broke")


@pytest.fixture
def production(app: Flask) -> Iterator[None]:
    """Errors become pages, as for a real reader."""
    before = app.config.get("PROPAGATE_EXCEPTIONS"), app.testing
    app.config["PROPAGATE_EXCEPTIONS"], app.testing = False, False
    yield
    app.config["PROPAGATE_EXCEPTIONS"], app.testing = before


@pytest.fixture
def reader(ground, session, browser, clock, monkeypatch):
    """The browser of somebody who may answer."""
    ground.settle(6)
    clock.set(later(0))
    monkeypatch.setattr(factories, "NOW", clock.at)
    return factories.sign_in(browser(), ground.members[0], session)


@pytest.fixture
def attempt(ground, session, reader, caplog, production):
    """Send answers with a canary among them; return what the reader and the log were told."""
    caplog.set_level(logging.DEBUG)
    answers = {f"q_{key}": "4" for key in KEYS[1:]} | {f"q_{KEYS[0]}": CANARY}

    def go(watch=None):
        ground.clear()
        path = f"/evaluations/{ground.open().id}/answer"
        reader.get(path)
        caplog.clear()
        if watch is None:
            reader.post(path, answers)
        else:
            with watch:
                reader.post(path, answers)
        writing.set(True)
        page = reader.response.get_data(as_text=True)
        log = "\n".join([caplog.text, *(str(one.__dict__) for one in caplog.records)])
        caplog.clear()  # a record keeps the frames of its fault, and they the cursor that was being read
        return reader.status, page, log

    return go


def heard(text: str) -> list[str]:
    return [word for word in LOUD if word in text]


def state(session) -> tuple[int, int]:
    ballots = session.scalar(select(func.count()).select_from(Ballot))
    done = session.scalar(select(func.count()).where(RegisterEntry.done))
    session.commit()
    return ballots, done


def lines(app: Flask) -> str:
    return app.root_path + "/evaluations"


def test_no_answer_is_told_when_submitting_fails_at_any_line(app, session, attempt, reader, say):
    plug = Plug()
    assert attempt(lines_of(plug, lines(app), AFTERWARDS))[0] == 200
    assert state(session) == (1, 1)
    assert plug.steps > 30
    say(f"submitting: {plug.steps} lines")
    failed = 0
    for at in range(plug.steps) if FULL else range(0, plug.steps, 7):
        status, page, log = attempt(lines_of(Plug(at, fail), lines(app), AFTERWARDS))
        kept = state(session)
        assert not heard(log), f"line {at}: the log tells"
        if status >= 500:
            failed += 1
            assert "Fault" in log, "the fault itself is told"
            assert not heard(page), f"line {at}: the error page tells"
            is_thanked = reader.path.endswith("/thanks")  # the answer is kept; it is the next page that broke
            assert kept == ((1, 1) if is_thanked else (0, 0)), f"line {at}: half kept"
        else:
            assert kept in {(0, 0), (1, 1)}, f"line {at}: half kept"
    assert failed > 3


def test_an_answer_that_is_kept_is_thanked_for_whatever_happens_then(session, attempt, monkeypatch):
    monkeypatch.setattr(wiping, "tidy", lambda _engine: fail())
    status, page, log = attempt()
    assert (status, state(session)) == (200, (1, 1))
    assert not heard(page + log)


def test_a_log_that_tells_is_heard(app, session, attempt, monkeypatch):
    """The control: an error that quotes what was sent."""

    def tell(form, questions):
        raise Fault(f"cannot read {form.data}")

    monkeypatch.setattr(routes.forms, "answers_in", tell)
    status, _page, log = attempt()
    assert status == 500
    assert CANARY in heard(log)
