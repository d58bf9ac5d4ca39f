"""The edge: headers, where requests come from, where `next` leads, delays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.people import rules
from supervision.web.page import relative_only
from tests import factories


@pytest.mark.parametrize(
    "target", ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:x", "", None, "evil"]
)
def test_next_leads_nowhere_else(target) -> None:
    assert relative_only(target, "/") == "/"


@given(st.text())
def test_next_is_always_a_path_of_this_site(target: str) -> None:
    path = relative_only(target, "/")
    assert path.startswith("/")
    assert not path.startswith("//")
    assert "\\" not in path


def test_signing_in_does_not_lead_out(browser, session, clock) -> None:
    person = factories.make_supervisor(session)
    maria = browser().get("/sign-in/password?next=https://evil.example/")
    maria.submit("", email=person.email, password=factories.PASSWORD)
    factories.pass_second_step(maria, clock())
    assert maria.path == "/"


def test_a_post_from_elsewhere_is_refused(browser) -> None:
    maria = browser().get("/sign-in")
    maria.post("/sign-in", {"email": "a@example.se"}, headers={"Origin": "https://evil.example"})
    assert maria.status == 400


def test_a_post_without_its_token_is_refused(browser) -> None:
    answer = browser().client.post("/sign-in", data={"email": "a@example.se"})
    assert answer.status_code == 400


def test_only_signing_out_deletes_what_the_browser_keeps(browser, session) -> None:
    """A form of another site is sent without the cookie and refused, and the round of a supervisor stays."""
    forged = browser().client.post("/sign-out", headers={"Origin": "https://evil.example"})
    assert (forged.status_code, forged.headers.get("Clear-Site-Data")) == (400, None)
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session).get("/me")
    answer = maria.client.post("/sign-out", data={"csrf_token": maria.soup.find("input")["value"]})
    assert (answer.status_code, answer.headers["Clear-Site-Data"]) == (303, '"storage"')


def test_every_answer_has_the_headers(browser) -> None:
    answer = browser().get("/sign-in").response
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cache-Control"] == "no-store"
    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_known_and_unknown_addresses_are_answered_alike(browser, session) -> None:
    known = factories.make_person(session)
    answers = []
    for email in (known.email, "nobody@example.se"):
        someone = browser().get("/sign-in")
        someone.submit("", email=email)
        answers.append((someone.status, someone.path, someone.text))
    assert answers[0] == answers[1]


def test_many_tries_wait_but_nobody_is_locked_out(browser, session, clock) -> None:
    person = factories.make_supervisor(session)
    maria = browser().get("/sign-in/password")
    for _ in range(rules.TRIES_FREE + 1):
        maria.submit("", email=person.email, password="inte rätt lösenord")
    assert "Vänta" in maria.text
    clock.forward(minutes=16)
    maria.submit("", email=person.email, password=factories.PASSWORD)
    factories.pass_second_step(maria, clock())
    assert maria.path == "/"


def test_a_code_is_good_for_five_tries(browser, session) -> None:
    import re

    person = factories.make_person(session)
    leyla = browser().get("/sign-in")
    leyla.submit("", email=person.email)
    code = "".join(re.search(r"(\d{4}) (\d{4})", browser().get("/mailbox").text).groups())
    wrong = "00000000" if code != "00000000" else "11111111"
    for _ in range(rules.CODE_TRIES):
        leyla.submit("", code=wrong)
        assert leyla.status == 422
    leyla.submit("", code=code)
    assert leyla.status == 422


def test_a_code_works_only_in_the_browser_that_asked(browser, session) -> None:
    import re

    person = factories.make_person(session)
    browser().get("/sign-in").submit("", email=person.email)
    code = "".join(re.search(r"(\d{4}) (\d{4})", browser().get("/mailbox").text).groups())
    thief = browser().get("/sign-in/code")
    thief.submit("", code=code)
    assert thief.status == 422
    assert thief.get("/").path == "/sign-in"


def test_a_mailed_link_signs_nobody_in(browser, session) -> None:
    assert browser().get("/sign-in/code?code=12345678").path == "/sign-in/code"


@pytest.mark.parametrize(("accept", "word"), [("da", "Log ind"), ("en-GB", "Sign in"), ("fi", "Logga in")])
def test_the_language_is_the_browsers_else_swedish(browser, accept, word) -> None:
    assert word in browser().get("/sign-in", headers={"Accept-Language": accept}).text


def test_a_chosen_language_stays(browser) -> None:
    someone = browser().get("/sign-in?lang=da")
    assert "Log ind" in someone.get("/sign-in").text


def test_a_missing_page_is_designed(browser) -> None:
    someone = browser().get("/nothing/here")
    assert someone.status == 404
    assert "Här finns inget" in someone.text


def test_a_part_of_a_page_sends_the_whole_page_to_sign_in(browser) -> None:
    answer = browser().client.get("/", headers={"HX-Request": "true"})
    assert answer.status_code == 204
    assert answer.headers["HX-Redirect"] == "/sign-in"
