"""Whoever has a role takes out and erases their own data with their second step only; a mailed code is not enough."""

import pytest
from sqlalchemy import select

from supervision.outbox.models import Mail
from supervision.people import services as people
from supervision.people.models import Person
from supervision.privacy.policy import may_take_out_or_erase
from tests import factories


@pytest.fixture
def manager(session) -> Person:
    """Someone with a role and no password: known by the organisation's provider, or with a passkey."""
    person = factories.make_person(session)
    factories.make_role(session, person, factories.make_organisation(session))
    return person


def with_code(browser, session, person):
    page = browser.get("/sign-in").submit("", email=person.email)
    page.submit(code=session.scalars(select(Mail).where(Mail.kind == "code")).one().subject.partition(": ")[2])
    assert page.path == "/"
    return page


def with_factor(browser, session, person, factor: str):
    token = people.start_session(session, person, is_own_device=False, factor=factor, now=factories.NOW)
    session.commit()
    with browser.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return browser


@pytest.mark.parametrize("path", ["/me/data", "/me/erase"])
def test_a_mailed_code_is_not_enough_for_someone_with_a_role(app, browser, session, manager, path) -> None:
    page = with_code(browser(), session, manager)
    for answer in (page.get(path), page.post(path, {"kind": "json", "email": manager.email})):
        assert answer.path == "/sign-in"
        assert "Du har en roll" in answer.text
    assert session.get(Person, manager.id) is not None
    assert page.client.get_cookie("rundan-device") is None


@pytest.mark.parametrize("factor", ["oidc", "passkey"])
def test_with_the_second_step_it_is_theirs(app, browser, session, manager, factor) -> None:
    page = with_factor(browser(), session, manager, factor)
    page.get("/me/data").submit("program")
    assert page.response.mimetype == "application/json"
    assert page.get("/me/erase").status == 200


def test_a_participant_needs_the_code_only(app, browser, session) -> None:
    page = with_code(browser(), session, factories.make_member(session, factories.make_group(session)))
    page.get("/me/data").submit("program")
    assert page.response.mimetype == "application/json"


def test_before_the_second_step_nobody_may(session, manager) -> None:
    actor = factories.actor_of(manager)
    assert may_take_out_or_erase(actor)
    for factor, has_key in (("none", True), ("none", False)):
        half = type(actor)(person_id=actor.id, is_supervisor=True, factor=factor, has_key=has_key).as_admitted()
        assert not may_take_out_or_erase(half)
