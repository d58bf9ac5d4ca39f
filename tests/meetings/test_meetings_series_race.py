"""Two groups opened for one supervisor at the same instant: one of them is refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import date, time

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from supervision.kernel.errors import RuleBroken
from supervision.meetings import queries, services
from supervision.meetings.models import Meeting
from supervision.orgs.queries import get_assignment
from supervision.store import database
from tests import factories


def open_one(app: Flask, gate: threading.Barrier, actor, assignment_id, name: str, *, writes: bool) -> str:
    gate.wait()
    with app.app_context():
        database.writing.set(writes)
        session = database.session()
        try:
            services.open_group(
                session,
                actor,
                get_assignment(session, actor, assignment_id),
                name=name,
                first_on=date(2026, 12, 1),
                at_local=time(14),
                seats=7,
                place="",
                online_link="",
                now=factories.NOW,
            )
            session.commit()
        except RuleBroken as broken:
            session.rollback()
            return broken.code
        except SQLAlchemyError as error:
            session.rollback()
            return type(error).__name__
        return "ok"


def open_many(app, session, how_many=2, *, writes=True) -> tuple[list[str], int]:
    """In as many organisations; returns what became of each, and how many meetings share a start."""
    supervisor = factories.make_supervisor(session)
    assignments = [factories.make_assignment(session, supervisor) for _ in range(how_many)]
    actor = factories.actor_of(supervisor, supervises=frozenset(one.id for one in assignments))
    ids = [one.id for one in assignments]
    session.commit()
    gate = threading.Barrier(how_many)
    with ThreadPoolExecutor(how_many) as pool:
        found = [pool.submit(open_one, app, gate, actor, one, f"Grupp {n}", writes=writes) for n, one in enumerate(ids)]
        outcomes = sorted(one.result() for one in found)
    session.rollback()
    starts = session.scalars(select(Meeting.starts_at)).all()
    session.rollback()
    return outcomes, len(starts) - len(set(starts))


def test_parallel_openings_never_book_twice(app, session):
    outcomes, twice = open_many(app, session, 4)
    assert outcomes == ["dates_taken", "dates_taken", "dates_taken", "ok"]
    assert twice == 0


def test_without_the_lock_they_do_or_collide(app, session, monkeypatch: pytest.MonkeyPatch):
    """The control: with the lock off both believe they are alone, so the test above can fail."""
    monkeypatch.setattr(queries, "lock_supervisor", lambda *_args: None)
    planned = services.plan_series

    both_have_planned = threading.Barrier(2)

    def plan_together(*args, **kwargs):
        lines = planned(*args, **kwargs)
        both_have_planned.wait(60)
        return lines

    monkeypatch.setattr(services, "plan_series", plan_together)
    outcomes, twice = open_many(app, session, writes=False)
    assert twice > 0 or "OperationalError" in outcomes
