import re

from supervision.people import queries
from tests import factories


def test_a_participant_signs_in_with_the_code_of_a_mail(browser, session):
    person = factories.make_person(session, "Leyla")
    session.commit()
    leyla = browser().get("/sign-in")
    leyla.submit("", email=person.email)
    assert leyla.path == "/sign-in/code"
    code = re.search(r"(\d{4}) (\d{4})", browser().get("/mailbox").text)
    assert code
    leyla.submit("", code="".join(code.groups()))
    assert leyla.status == 200
    assert "Leyla" in leyla.text
    leyla.get("/me").submit("Logga ut")
    assert leyla.path == "/sign-in"
    assert leyla.get("/").path == "/sign-in"


def test_a_supervisor_signs_in_with_a_password(browser, session, clock):
    person = factories.make_supervisor(session)
    session.commit()
    maria = browser().get("/sign-in/password")
    maria.submit("", email=person.email, password="inte rätt lösenord")
    assert maria.status == 422
    maria.submit("", email=person.email, password=factories.PASSWORD)
    factories.pass_second_step(maria, clock())
    assert maria.path == "/"
    assert maria.status == 200


def test_a_copied_cookie_is_worth_nothing_after_signing_out(browser, session):
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session)
    assert maria.get("/").path == "/"
    kept = maria.client.get_cookie("rundan")
    assert kept is not None
    maria.get("/me").submit("Logga ut")
    thief = browser()
    thief.client.set_cookie("rundan", kept.value)
    assert thief.get("/").path == "/sign-in"


def test_a_session_idles_out(browser, session, clock):
    person = factories.make_supervisor(session)
    maria = factories.sign_in(browser(), person, session)
    clock.forward(hours=11)
    assert maria.get("/").path == "/"
    clock.forward(hours=11)
    assert maria.get("/").path == "/"
    clock.forward(hours=13)
    assert maria.get("/").path == "/sign-in"
    assert queries.find_person(session, person.email)
