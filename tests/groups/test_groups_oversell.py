"""Five hundred people want seven seats at the same instant: seven sit, the others stand in one line."""

import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from flask import Flask
from sqlalchemy import event, insert, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from supervision.groups import seats
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id
from supervision.people.models import Person
from supervision.store import database
from tests import factories

PEOPLE = 500
SEATS = 7
AT_ONCE = 60  # twice the connections of the pool, which they share as web workers do; a slow machine gets through


def sign_up(app: Flask, group_id, person_id, *, writes: bool) -> str:
    with app.app_context():
        database.writing.set(writes)
        session = database.session()
        try:
            group = session.get_one(Group, group_id)
            seats.take_or_queue(session, Actor(person_id=person_id), group, factories.NOW)
            session.commit()
        except SQLAlchemyError as error:
            session.rollback()
            return type(error).__name__
        return "ok"


def rush(app: Flask, session: Session, people: int, *, writes: bool = True) -> tuple[Group, list[str]]:
    group = factories.make_group(session, seats=SEATS, status="forming")
    ids = [new_id() for _ in range(people)]
    row = {"name": "Någon", "language": "sv", "title": "", "is_supervisor": False, "is_operator": False}
    session.execute(
        insert(Person),
        [{**row, "id": one, "email": f"{one}@example.se", "created_at": factories.NOW} for one in ids],
    )
    group_id = group.id
    with app.app_context():
        if database.db.engine.dialect.name == "sqlite":  # it lets writers in by luck: long on a busy disk
            event.listen(database.db.engine, "checkout", lambda lent, *_: lent.execute("PRAGMA busy_timeout=120000"))
    session.commit()  # from here on nothing may read through this session: on SQLite it would hold the writers' lock
    with ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = list(pool.map(partial(sign_up, app, group_id, writes=writes), ids))
    session.expire_all()
    return group, outcomes


def seated(session: Session, group: Group) -> list[int]:
    return sorted(session.scalars(select(Membership.place_no).where(Membership.group_id == group.id)))


def in_line(session: Session, group: Group) -> list[int]:
    return sorted(session.scalars(select(QueuePlace.number).where(QueuePlace.group_id == group.id)))


@pytest.mark.slow
def test_five_hundred_sign_ups_for_seven_seats(app: Flask, session: Session) -> None:
    group, outcomes = rush(app, session, PEOPLE)
    assert set(outcomes) == {"ok"}
    assert seated(session, group) == list(range(SEATS))
    assert in_line(session, group) == list(range(1, PEOPLE - SEATS + 1))
    session.refresh(group)
    assert group.taken == SEATS


def test_without_the_lock_it_oversells_or_collides(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: with the lock off the same rush goes wrong, so the test above can fail."""

    def read_only(unlocked: Session, group: Group) -> None:
        unlocked.refresh(group, attribute_names=["taken", "seats", "status"])
        time.sleep(0.02)

    monkeypatch.setattr(seats, "lock_seats", read_only)
    group, outcomes = rush(app, session, 40, writes=False)
    went_well = set(outcomes) == {"ok"} and seated(session, group) == list(range(SEATS))
    assert not went_well
