import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from supervision.orgs import services as orgs
from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from supervision.people import rules
from supervision.people.models import LoginSession
from tests import factories

NEW = "en annan lång mening om te"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        ("(Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0", "Firefox, Android"),
        ("(Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", "Edge, Windows"),
        ("(iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605 Version/18.1 Safari/604.1", "Safari, iPhone"),
        ("(Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 Chrome/131.0 Safari/537.36", "Chrome, Mac"),
        ("", ""),
        ("curl/8", ""),
    ],
)
def test_a_device_in_words(agent: str, words: str) -> None:
    assert rules.device_words(agent) == words


@pytest.mark.parametrize(("is_own", "idle_h", "whole_h"), [(False, 0.5, 12), (True, 12, 30 * 24)])
def test_a_session_ends_by_idling_and_by_age(is_own, idle_h, whole_h) -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)

    def over(started_h: float, seen_h: float) -> bool:
        ago = [at - timedelta(hours=hours) for hours in (started_h, seen_h)]
        return rules.is_session_over(*ago, is_own_device=is_own, now=at)

    assert not over(whole_h, idle_h)
    assert over(whole_h, idle_h + 0.01)
    assert over(whole_h + 0.01, 0)


def test_ending_one_session_and_all_others(browser, session) -> None:
    person = factories.make_person(session)
    pages = [factories.sign_in(browser(), person, session) for _ in range(3)]
    first = pages[0].get("/me/security")
    assert len(first.soup.select('form[action*="/sessions/"][action$="/end"]')) == 2
    action = first.soup.select_one('form[action$="/end"]')["action"]
    first.post(action)
    assert sorted(page.get("/me").path for page in pages) == ["/me", "/me", "/sign-in"]
    first.get("/me/security").submit("Logga ut överallt annars")
    assert [page.get("/me").path for page in pages] == ["/me", "/sign-in", "/sign-in"]


def test_nobody_ends_another_s_session(browser, session) -> None:
    victim = factories.make_person(session)
    factories.sign_in(browser(), victim, session)
    theirs = session.scalars(select(LoginSession)).one().id
    thief = factories.sign_in(browser(), factories.make_person(session), session).get("/me/security")
    assert thief.post(f"/me/security/sessions/{theirs}/end").status == 404


def test_a_new_role_ends_the_sessions(browser, session) -> None:
    supervisor = factories.make_supervisor(session)
    organisation = factories.make_organisation(session)
    person = factories.make_person(session)
    page = factories.sign_in(browser(), person, session)
    assert page.get("/me").path == "/me"
    facts = {"name": person.name, "email": person.email, "role": "coordinator"}
    orgs.give_role(session, factories.actor_of(supervisor), organisation, **facts, now=factories.NOW)
    assert page.get("/me").path == "/sign-in"
    page = factories.sign_in(browser(), person, session)
    orgs.give_role(session, factories.actor_of(supervisor), organisation, **facts, now=factories.NOW)
    assert page.get("/me").path == "/me"  # nothing new was given


def test_a_role_taken_away_ends_the_sessions(browser, session) -> None:
    maria = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=maria.id)
    person = factories.make_manager(session, organisation)
    theirs = factories.sign_in(browser(), person, session)
    path = f"/organisations/{organisation.id}"
    assert theirs.get(path).status == 200
    holding = session.scalars(select(RoleHolding)).one()
    factories.sign_in(browser(), maria, session).get(f"{path}/roles/{holding.id}/take").submit("Ta bort rollen")
    assert theirs.get(path).path == "/sign-in"
    assert factories.sign_in(browser(), person, session).get(path).status == 404


def test_changing_the_password(app, browser, session) -> None:
    person = factories.make_supervisor(session)
    page, elsewhere = (factories.sign_in(browser(), person, session) for _ in range(2))
    page.get("/me/security/password").submit(present="inte rätt", password=NEW)
    assert page.status == 422
    page.submit(present=factories.PASSWORD, password="för kort")
    assert page.status == 422
    page.submit(present=factories.PASSWORD, password=NEW)
    assert page.path == "/me/security"
    assert elsewhere.get("/me").path == "/sign-in"
    assert session.scalars(select(Mail)).one().kind == "sign_in_changed"
    again = browser().get("/sign-in/password")
    again.submit("", email=person.email, password=factories.PASSWORD)
    assert again.status == 422
    again.submit("", email=person.email, password=NEW)
    assert again.status == 200


def test_a_forgotten_password_does_not_skip_the_second_step(app, browser, session, clock) -> None:
    person = factories.make_supervisor(session)
    factories.give_authenticator(app, session, person)
    page = browser().get("/sign-in/forgotten")
    page.submit(email=person.email)
    mail = session.scalars(select(Mail)).one()
    link = re.search(r"/invitation/\S+", mail.text).group()
    assert mail.kind == "new_password"
    clock.forward(minutes=59)
    page.get(link).submit(password=NEW)
    assert page.path == "/sign-in/factor"
    assert page.get("/me").path == "/sign-in/factor"
    assert browser().get(link).status == 409


def test_the_link_of_a_forgotten_password_is_good_for_an_hour(browser, session, clock) -> None:
    person = factories.make_supervisor(session)
    browser().get("/sign-in/forgotten").submit(email=person.email)
    link = re.search(r"/invitation/\S+", session.scalars(select(Mail)).one().text).group()
    clock.forward(minutes=61)
    assert browser().get(link).status == 409


def test_a_changed_password_ends_the_links_for_choosing_one(browser, session) -> None:
    person = factories.make_supervisor(session)
    browser().get("/sign-in/forgotten").submit(email=person.email)
    link = re.search(r"/invitation/\S+", session.scalars(select(Mail)).one().text).group()
    own = factories.sign_in(browser(), person, session)
    own.get("/me/security/password").submit(present=factories.PASSWORD, password=NEW)
    assert own.path == "/me/security"
    assert browser().get(link).status == 409


def test_participants_get_no_password_that_way(browser, session) -> None:
    person = factories.make_person(session)
    answers = []
    for email in (person.email, factories.make_supervisor(session).email, "nobody@example.se"):
        page = browser().get("/sign-in/forgotten").submit(email=email)
        answers.append((page.status, page.path, page.text))
    assert len(set(answers)) == 1
    kinds = session.scalars(select(Mail.kind)).all()
    assert sorted(kinds) == ["new_password", "no_password", "no_password"]


@pytest.mark.parametrize(
    ("address", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8::1", "2001:db8::/64"), ("2001:db8::ffff:1", "2001:db8::/64"), (None, "")],
)
def test_one_customer_s_addresses_are_one_network(address, network) -> None:
    assert rules.network_of(address) == network
