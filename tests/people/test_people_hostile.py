from datetime import timedelta

from sqlalchemy import select

from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from supervision.outbox.services import Letter, post
from supervision.outbox.tasks import as_message
from supervision.people import services as people
from tests import factories


def test_a_role_counts_only_once_a_password_is_chosen(session, browser) -> None:
    organisation = factories.make_organisation(session)
    person = factories.make_person(session, is_supervisor=True)
    session.add(RoleHolding(person_id=person.id, organisation_id=organisation.id, role="coordinator"))
    someone = factories.sign_in(browser(), person, session)
    assert someone.get(f"/organisations/{organisation.id}").status == 404
    assert someone.get("/organisations/new").status == 403


def test_choosing_a_password_uses_up_every_invitation(session, browser) -> None:
    person = factories.make_person(session)
    tokens = [people.invite(session, factories.actor_of(person), person, now=factories.NOW) for _ in range(2)]
    browser().get(f"/invitation/{tokens[0]}").submit(password=factories.PASSWORD)
    assert browser().get(f"/invitation/{tokens[1]}").status == 409


def test_a_line_end_in_a_name_is_no_header_of_a_mail(session) -> None:
    letter = Letter("kind", "Hej Anna\r\nBcc: x@example.se" + "x" * 300, ("Hej",))
    post(session, to="a@example.se", language="sv", letter=letter, now=factories.NOW + timedelta(days=1))
    session.flush()
    message = as_message(session.scalars(select(Mail)).one(), "r@x.se")
    assert message["Bcc"] is None
    assert len(message["Subject"]) <= 200


def test_one_network_cannot_write_to_the_whole_world(session, browser) -> None:
    someone = browser()
    for number in range(61):
        page = someone.get("/sign-in").submit(email=f"someone{number}@example.se")
    assert page.status == 422
    assert len(session.scalars(select(Mail)).all()) == 60
