"""The way to the provider and back in a real browser: content policy, cookies between sites, the pages people meet."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from config import Oidc
from tests import factories
from tests.browser.conftest import Site
from tests.single_sign_on.conftest import BACK, Start

pytestmark = pytest.mark.browser


@pytest.fixture
def here(site: Site, start_provider: Start, connect: Callable[..., Oidc]) -> Site:
    """The site at a name, so that the provider at its number is another site."""
    site.url = site.url.replace("127.0.0.1", "localhost")
    connect(start_provider(f"{site.url}{BACK}"))
    return site


def sign_in_there(page: Page, login: str) -> None:
    page.get_by_role("link", name="Logga in med Norrhamns kommun").click()
    page.get_by_placeholder("Enter any login").fill(login)
    page.get_by_placeholder("and password").fill("x")
    page.get_by_role("button", name="Sign-in").click()
    page.get_by_role("button", name="Continue").wait_for()


def test_there_and_back(here: Site, session: Any) -> None:
    factories.make_supervisor(session, email="karin@example.se")
    session.commit()
    page = here.visitor()
    page.goto("/sign-in?next=/me/security")
    here.look(page, "provider-sign-in")
    here.look_again(page, "provider-sign-in")
    sign_in_there(page, "karin")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url(f"{here.url}/me/security")
    assert page.get_by_role("heading", name="Norrhamns kommun").is_visible()
    here.look(page, "provider-connected")

    stranger = here.visitor()
    stranger.goto("/sign-in")
    sign_in_there(stranger, "nobody")
    stranger.get_by_role("button", name="Continue").click()
    stranger.get_by_role("heading", name="Du är inte inloggad").wait_for()
    here.look(stranger, "provider-refused")
    here.look_again(stranger, "provider-refused")
    stranger.get_by_role("link", name="Logga in med Norrhamns kommun").click()
    stranger.get_by_role("link", name="Logga in på ett annat sätt").wait_for()
    ours = [found for found in here.findings if here.url in found and "409" not in found]
    assert not ours
