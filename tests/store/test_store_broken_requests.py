"""What breaks while it reads leaves nothing behind that keeps the next one from writing."""

import pytest
from sqlalchemy import select, text

from supervision.people.models import Person
from supervision.store.database import give_up, transaction, writing
from supervision.store.database import session as of_the_app
from tests import factories


def test_a_cursor_left_open_by_a_fault_locks_nobody_out(app, session):
    person, *_others = [factories.make_person(session) for _ in range(3)]
    session.commit()
    with app.app_context():
        writing.set(False)
        broken = of_the_app().connection()
        lent = broken.connection.dbapi_connection
        left_open = broken.execute(select(Person.id))  # held, as the frames of a fault hold it
        left_open.fetchone()
        give_up()
        writing.set(True)
        person.name = "Someone else"
        session.commit()
        assert of_the_app().connection().connection.dbapi_connection is not lent
        of_the_app().execute(text("UPDATE person SET title = ''"))
        of_the_app().rollback()


def test_who_gives_up_after_the_server_did_hides_no_other_fault(app, engine, session):
    if engine.dialect.name != "postgresql":
        pytest.skip("only a server closes connections")
    with app.app_context():
        number = of_the_app().scalar(text("SELECT pg_backend_pid()"))
        session.execute(text("SELECT pg_terminate_backend(:number, 30000)"), {"number": number})  # until it is gone
        give_up()
        assert of_the_app().scalar(text("SELECT pg_backend_pid()")) != number
        of_the_app().rollback()


def test_a_job_that_breaks_writes_nothing(app, session):
    person = factories.make_person(session)
    session.commit()
    with app.app_context(), pytest.raises(LookupError), transaction() as broken:  # noqa: PT012 - breaks where it writes
        broken.execute(text("UPDATE person SET title = 'x'"))
        raise LookupError
    session.refresh(person)
    assert person.title != "x"
