"""A passkey is made and used in a real browser with a virtual authenticator (WebAuthn over the debugging protocol)."""

from typing import Any

import pytest
from playwright.sync_api import CDPSession, Page

from supervision.factors.models import Passkey
from tests import factories
from tests.browser.conftest import DESKTOP, Site

pytestmark = pytest.mark.browser


def hold_key(page: Page, **options: Any) -> tuple[CDPSession, str]:
    """Give a browser a device that makes passkeys and always recognises its owner."""
    cdp = page.context.new_cdp_session(page)
    cdp.send("WebAuthn.enable")
    told = {
        "protocol": "ctap2",
        "transport": "internal",
        "hasResidentKey": True,
        "hasUserVerification": True,
        "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": told | options})
    return cdp, made["authenticatorId"]


@pytest.fixture
def here(site: Site) -> Site:
    """The site at a name: no passkey belongs to a bare number."""
    site.url = site.url.replace("127.0.0.1", "localhost")
    return site


def enter(page: Page, email: str) -> None:
    page.goto("/sign-in/password")
    page.get_by_label("E-post").fill(email)
    page.get_by_label("Lösenord").fill(factories.PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    page.wait_for_url("**/sign-in/factor**")


def leave(page: Page) -> None:
    page.goto("/me")
    page.get_by_role("button", name="Logga ut").click()
    page.wait_for_url("**/sign-in")


def test_a_passkey_from_the_password_to_the_next_sign_in(here: Site, session: Any) -> None:
    maria = factories.make_supervisor(session)
    session.commit()
    page = here.visitor()
    cdp, device = hold_key(page)
    enter(page, maria.email)
    here.look(page, "passkey-set-up")
    page.get_by_role("link", name="Skapa en passnyckel").click()
    page.get_by_label("Enhetens namn").wait_for()
    here.look(page, "passkey-new")
    here.look_again(page, "passkey-new")
    page.get_by_label("Enhetens namn").fill("jobbmobilen")
    page.get_by_role("button", name="Skapa passnyckeln").click()
    page.locator("ol.recovery-codes").wait_for()
    held = cdp.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [one["rpId"] for one in held] == ["localhost"]
    assert [one["isResidentCredential"] for one in held] == [True]
    page.goto("/me/security")
    assert page.get_by_text("jobbmobilen", exact=True).is_visible()
    here.look(page, "passkey-security")
    here.look_again(page, "passkey-security")

    leave(page)
    here.look(page, "passkey-sign-in")
    page.get_by_role("button", name="Logga in med en passnyckel").click()
    page.wait_for_url(f"{here.url}/")
    assert page.get_by_role("heading", level=1).is_visible()
    session.rollback()
    assert session.query(Passkey).one().used_at is not None
    session.rollback()

    leave(page)
    enter(page, maria.email)
    page.get_by_role("heading", name="Andra steget").wait_for()
    here.look(page, "passkey-second-step")
    page.get_by_role("button", name="Logga in med en passnyckel").click()
    page.wait_for_url(f"{here.url}/")
    assert not here.findings


def test_who_says_no_and_who_has_no_key_are_told_so(here: Site, session: Any) -> None:
    maria = factories.make_supervisor(session)
    session.commit()
    page = here.visitor(DESKTOP)
    cdp, device = hold_key(page, isUserVerified=False)
    enter(page, maria.email)
    page.get_by_role("link", name="Skapa en passnyckel").click()
    page.get_by_role("button", name="Skapa passnyckeln").click()
    assert page.get_by_label("Enhetens namn").evaluate("field => field.matches(':focus')")
    page.get_by_label("Enhetens namn").fill("jobbmobilen")
    page.get_by_role("button", name="Skapa passnyckeln").click()
    page.get_by_text("Inget hände. Du kan försöka en gång till.").wait_for()
    cdp.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    page.get_by_role("button", name="Skapa passnyckeln").click()
    page.locator("ol.recovery-codes").wait_for()
    page.goto("/me/security/passkeys/new")
    page.get_by_label("Enhetens namn").fill("en till")
    page.get_by_role("button", name="Skapa passnyckeln").click()
    page.get_by_text("Den här enheten har redan en passnyckel till ditt konto.").wait_for()

    session.rollback()
    session.query(Passkey).delete()
    session.commit()
    other = here.visitor()
    other.goto("/sign-in")
    hold_key(other)
    other.get_by_role("button", name="Logga in med en passnyckel").click()
    other.get_by_text("Inget hände. Du kan försöka en gång till eller logga in på ett annat sätt.").wait_for()
    leave(page)
    page.get_by_role("button", name="Logga in med en passnyckel").click()
    page.get_by_text("Vi känner inte igen passnyckeln.").wait_for()
    here.look(page, "passkey-refused")
    assert [found for found in here.findings if "422" not in found] == []


def test_at_a_bare_number_there_is_no_button(site: Site, session: Any) -> None:
    session.commit()
    page = site.visitor()
    page.goto("/sign-in")
    assert page.get_by_role("button", name="Logga in med en passnyckel").count() == 0
    page.goto("/sign-in/passkey")
    assert page.get_by_text("http://localhost").is_visible()
    site.look(page, "passkey-elsewhere")
    assert not site.findings


def test_without_script_the_button_is_hidden_and_a_sentence_says_why(here: Site, session: Any) -> None:
    session.commit()
    page = here.visitor(java_script_enabled=False)
    page.goto("/sign-in/passkey")
    assert page.get_by_role("button", name="Logga in med en passnyckel").count() == 0
    assert page.get_by_text("Passnycklar behöver en nyare webbläsare").is_visible()
