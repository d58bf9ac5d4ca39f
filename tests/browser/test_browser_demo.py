"""The demonstration page: a recorded meeting played to its end by the page's own engine."""

import dataclasses

import pytest
from playwright.sync_api import Page, expect

from supervision.demo import recorded, rttm
from tests.browser.conftest import DESKTOP, PHONE
from tests.live.test_live_real_meetings import painted

pytestmark = pytest.mark.browser
PLAYED_AT = 120  # times as fast, the highest of the page


def minutes(page: Page) -> dict[str, str]:
    rows = page.locator("#balance-panel tbody tr").all()
    return {row.locator("th").inner_text(): row.locator("td").nth(1).inner_text() for row in rows}


def as_minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_recorded_meeting_is_played_to_its_end(site):
    page = site.visitor(DESKTOP, "en-GB")
    page.clock.install(time=recorded.STARTS_AT)
    page.clock.pause_at(recorded.STARTS_AT)  # or a second of a slow machine would be two minutes
    page.goto("/demo")
    play = page.locator("#play")
    expect(play).to_have_text("Play")  # less motion is wished: it waits to be started
    page.get_by_role("button", name=f"{PLAYED_AT}×").click()
    play.click()
    expect(play).to_have_text("Pause")
    end_ms = rttm.ends_ms(rttm.recording(recorded.NAME))
    page.clock.run_for(end_ms // 2 // PLAYED_AT)
    assert 0.45 < int(page.locator("#where").input_value()) * 1000 / end_ms < 0.55
    assert page.locator(".place.is-speaking, .place.is-done").count() > 2
    page.clock.run_for(end_ms // 2 // PLAYED_AT + 1000)
    expect(play).to_have_text("Play from the beginning")

    seconds, index = painted(recorded.NAME)
    people = {person.id: person.name for person in recorded.start().participants}
    assert minutes(page) == {people[speaker]: as_minutes(one + 1e-6) for speaker, one in seconds.items()}
    expect(page.locator(".balance b")).to_have_text(f"{index:.2f}")
    page.clock.resume()
    site.look(page, "demo-desktop")

    page.locator("#where").fill("600")  # back: folded anew
    assert minutes(page) != {people[speaker]: as_minutes(one) for speaker, one in seconds.items()}
    page.locator("#where").fill(str(end_ms // 1000 + 1))
    assert minutes(page) == {people[speaker]: as_minutes(one + 1e-6) for speaker, one in seconds.items()}
    assert site.findings == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("language", "title"), [("sv-SE", "Ett inspelat möte"), ("da-DK", "Et optaget møde")])
def test_it_speaks_the_visitors_language_and_is_found_from_sign_in(site, language, title):
    page = site.visitor(PHONE, language)
    page.goto("/sign-in")
    page.locator('a[href="/demo"]').click()
    expect(page.locator("#play")).to_be_enabled()
    assert page.title().startswith(title)
    assert page.locator("h1").inner_text() == title
    site.look(page, f"demo-{language}")
    site.look_again(page, f"demo-{language}")
    assert site.findings == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_it_does_not_exist_in_production(app, browser, monkeypatch):
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], env="production"))
    for path in ("/demo", "/demo/timeline"):
        assert browser().get(path).status == 404
