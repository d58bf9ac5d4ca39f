from datetime import timedelta

from sqlalchemy import select

from supervision.groups.models import SignUp
from supervision.outbox.models import Mail
from supervision.outbox.services import Letter, post
from supervision.people.models import LoginSession
from supervision.privacy.services import purge
from tests import factories


def test_what_is_past_its_time_goes_and_the_rest_stays(session) -> None:
    person = factories.make_person(session)
    session.add(LoginSession(token_hash="x", person_id=person.id, started_at=factories.NOW, seen_at=factories.NOW))
    post(session, to="a@example.se", language="sv", letter=Letter("code", "s", ("hemligt",)), now=factories.NOW)
    session.flush()
    mail = session.scalars(select(Mail)).one()
    mail.sent_at = factories.NOW
    assignment = factories.make_assignment(session)
    session.add(SignUp(assignment_id=assignment.id, person_id=person.id, slots=[], needs=[], created_at=factories.NOW))
    session.flush()

    purge(session, now=factories.NOW + timedelta(days=6))
    assert session.scalars(select(Mail.text)).one() != ""
    assert session.scalars(select(LoginSession)).all()

    purge(session, now=factories.NOW + timedelta(days=31))
    session.expire_all()
    assert session.scalars(select(Mail.text)).one() == ""
    assert session.scalars(select(LoginSession)).all() == []
    assert session.scalars(select(SignUp)).all()

    purge(session, now=factories.NOW + timedelta(days=366))
    assert session.scalars(select(SignUp)).all() == []


def test_mail_that_was_given_up_is_blanked_and_mail_that_waits_is_not(session) -> None:
    for address in ("gone@example.se", "waits@example.se"):
        post(session, to=address, language="sv", letter=Letter("code", "s", ("hemligt",)), now=factories.NOW)
    session.flush()
    gone = session.scalars(select(Mail).where(Mail.to_email == "gone@example.se")).one()
    gone.given_up_at = factories.NOW
    gone.text = gone.html = gone.subject = (
        ""  # what opens an account is forgotten sooner; the address goes with the rest
    )

    purge(session, now=factories.NOW + timedelta(days=8))
    session.expire_all()
    assert sorted(session.scalars(select(Mail.to_email))) == ["", "waits@example.se"]
