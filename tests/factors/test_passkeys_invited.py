"""Whoever is invited makes a passkey in place of a password; a link alone makes none for who can sign in already."""

import json
import re

import pytest
from sqlalchemy import select

from supervision.factors.models import Passkey
from supervision.outbox.models import Mail
from supervision.people import services as people
from supervision.people.models import LoginSession, Person
from tests import factories
from tests.factors.authenticators import Key
from tests.factors.test_passkeys_routes import use


@pytest.fixture
def organisation(session):
    return factories.make_organisation(session)


@pytest.fixture
def karin(session, organisation) -> Person:
    """Someone who was made manager and has not come yet."""
    person = factories.make_person(session, "Karin Lund")
    factories.make_role(session, person, organisation)
    return person


def link_for(session, person: Person) -> str:
    token = people.invite(session, factories.actor_of(person), person, now=factories.NOW)
    session.commit()
    return f"/invitation/{token}"


def make(browser, link: str, key: Key):
    """Make a passkey through the link; returns the page that follows."""
    token = browser.get(f"{link}/passkey").soup.find("input", {"name": "csrf_token"})["value"]
    answer = browser.client.post(f"{link}/passkey/options", headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    options = json.loads(answer.get_data(as_text=True))
    return browser.get(f"{link}/passkey").submit(name="jobbmobilen", credential=key.make(options))


def test_an_invitation_offers_both_and_a_passkey_is_enough(browser, session, karin, organisation) -> None:
    link, older = link_for(session, karin), link_for(session, karin)
    page = browser().get(link)
    assert page.soup.h1.get_text() == "Välj hur du loggar in"
    assert page.soup.select_one(f'a[href="{link}/passkey"]') is not None
    assert page.soup.find("input", {"name": "password"}) is not None
    key = Key()
    page = make(page, link, key)
    assert page.status == 200
    assert len(page.soup.select("ol.recovery-codes li")) == 10
    assert page.get(f"/organisations/{organisation.id}").status == 200
    session.expire_all()
    assert session.get_one(Person, karin.id).password_hash is None
    assert session.scalars(select(LoginSession.factor)).all() == ["passkey"]
    assert session.scalars(select(Mail.kind)).all() == ["sign_in_changed"]
    for one in (link, older):  # each is used up
        assert browser().get(one).status == 409
        assert browser().get(f"{one}/passkey").status == 409
    again = use(browser(), key)
    assert again.get(f"/organisations/{organisation.id}").status == 200


def test_a_passkey_made_elsewhere_is_refused_and_the_link_stays_good(browser, session, karin) -> None:
    link = link_for(session, karin)
    page = make(browser(), link, Key(origin="https://evil.example"))
    assert page.status == 422
    assert session.scalars(select(Passkey)).all() == []
    assert page.get("/me").path == "/sign-in"
    assert make(browser(), link, Key()).status == 200


@pytest.mark.parametrize("has", ["password", "passkey", "authenticator"])
def test_a_link_makes_no_passkey_for_who_can_sign_in_already(app, browser, session, karin, has) -> None:
    if has == "password":
        karin.password_hash = factories._PASSWORD_HASH
    elif has == "authenticator":
        factories.give_authenticator(app, session, karin)
    else:
        make(browser(), link_for(session, karin), Key())
    link = link_for(session, karin)
    before = len(session.scalars(select(Passkey)).all())
    page = browser().get(link)
    assert page.soup.h1.get_text() == "Välj ett lösenord"
    assert page.soup.select_one(f'a[href="{link}/passkey"]') is None
    refused = page.get(f"{link}/passkey")
    assert refused.status == 409
    assert "Du kan redan logga in" in refused.text
    assert page.post(f"{link}/passkey/options").status == 409
    assert page.post(f"{link}/passkey", {"name": "x", "credential": "{}"}).status == 409
    assert len(session.scalars(select(Passkey)).all()) == before


def test_a_link_that_is_none_makes_nothing(browser) -> None:
    page = browser().get("/invitation/none/passkey")
    assert page.status == 409
    assert page.post("/invitation/none/passkey/options").status == 409


def test_a_password_can_still_be_chosen(browser, session, karin) -> None:
    page = browser().get(link_for(session, karin)).submit(password="en annan lång mening om te")
    assert re.match("/sign-in/factor", page.path)


def test_without_a_password_the_last_passkey_stays_although_there_is_an_authenticator(
    app, browser, session, karin
) -> None:
    page = make(browser(), link_for(session, karin), Key())
    factories.give_authenticator(app, session, karin)
    session.commit()
    page.get("/me/security")
    assert "Du har inget lösenord" in page.text
    assert page.soup.select('form[action$="/remove"][action*="passkeys"]') == []
    passkey = session.scalars(select(Passkey)).one()
    assert page.post(f"/me/security/passkeys/{passkey.id}/remove").status == 409
    session.expire_all()
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_a_recovery_code_after_a_code_by_mail_stands_in_for_a_lost_passkey(
    browser, session, karin, organisation
) -> None:
    page = make(browser(), link_for(session, karin), Key())
    kept = page.soup.select_one("ol.recovery-codes code").get_text()
    page = browser().get("/sign-in").submit(email=karin.email)
    session.expire_all()
    mailed = session.scalars(select(Mail.text).where(Mail.kind == "code")).one()
    page.submit(code=re.search(r"\d{4} \d{4}", mailed).group())
    assert page.get(f"/organisations/{organisation.id}").status == 404  # the code by mail alone opens no office
    page.get(page.get("/").soup.find("a", string="Använd en reservkod")["href"])
    assert page.submit(code="aaaa-bbbb-cccc").status == 422
    assert page.get(f"/organisations/{organisation.id}").status == 404
    page.get("/sign-in/factor/recovery").submit(code=kept)
    assert page.path == "/me/security"
    assert page.get(f"/organisations/{organisation.id}").status == 200
    assert page.get("/me/security/passkeys/new").path == "/me/security/passkeys/new"
    session.expire_all()
    kinds = session.scalars(select(Mail.kind)).all()
    assert sorted(kinds) == ["code", "sign_in_changed", "sign_in_changed"]  # they are told
