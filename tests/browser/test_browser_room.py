"""The room's screen and a member's phone follow the round by themselves, and without the stream they ask."""

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from supervision.groups.models import Membership
from supervision.store.database import writing
from tests.browser.conftest import DESKTOP, PHONE
from tests.live.test_live_routes import act, begin, table, tap  # noqa: F401 - the same table

pytestmark = pytest.mark.browser


@pytest.fixture
def follow(site, table):  # noqa: F811
    """Open the room on a screen of its own: `follow(browser, viewport)`."""

    def opened(browser, viewport=None, **options):
        page = site.visitor(viewport or PHONE, **options)
        cookie = browser.client.get_cookie("rundan")
        page.context.add_cookies([{"name": "rundan", "value": cookie.value, "url": site.url}])
        page.goto(f"{table.url}/room")
        return page

    writing.set(True)
    return opened


def test_the_room_follows_by_itself(site, table, follow, clock, session):  # noqa: F811
    session.commit()
    phone = follow(table.phone)
    wall = follow(table.screen, DESKTOP)
    expect(phone.locator(".room-say")).to_contain_text("Vi börjar")
    begin(table)
    expect(phone.locator("h1")).to_have_text("Inramning")
    clock.forward(minutes=3)
    act(table, "next_phase")
    for page in (phone, wall):
        expect(page.locator("h1")).to_have_text("Incheckning")
        expect(page).to_have_title("Incheckning – Rundan")
    tap(table, "Birgitta")
    for page in (phone, wall):
        expect(page.locator(".place.is-speaking .place-name")).to_have_text("Birgitta")
        expect(page.locator(".place.is-speaking .place-state")).to_have_text("Har ordet")
        expect(page.locator(".room-order .is-now")).to_contain_text("Birgitta")
        expect(page.locator("#announce")).to_have_text("Incheckning. Birgitta har ordet.")
    tap(table, "Elin")
    expect(phone.locator(".place.is-speaking .place-name")).to_have_text("Du")
    expect(phone.locator("#announce")).to_have_text("Incheckning. Du har ordet.")
    expect(wall.locator(".place.is-speaking .place-name")).to_have_text("Elin")
    expect(wall.locator(".room-order .is-done")).to_contain_text("Birgitta")
    time_before = wall.locator(".hub-time").inner_text()
    expect(wall.locator(".hub-time")).not_to_have_text(time_before)  # it counts by itself
    site.look(phone, "room-phone")
    site.look_again(phone, "room-phone")
    site.look(wall, "room-wall")
    act(table, "pause")
    expect(wall.locator(".room-say")).to_contain_text("paus")
    stood = wall.locator(".hub-time").inner_text()
    wall.wait_for_timeout(1500)
    assert wall.locator(".hub-time").inner_text() == stood
    table.screen.get(f"{table.url}/live/end").submit("Avsluta träffen")
    expect(phone.locator(".room-say")).to_contain_text("slut")
    assert not site.findings


def test_without_the_stream_the_page_asks(site, table, follow, session):  # noqa: F811
    begin(table)
    session.commit()
    phone = site.visitor(PHONE)
    cookie = table.phone.client.get_cookie("rundan")
    phone.context.add_cookies([{"name": "rundan", "value": cookie.value, "url": site.url}])
    phone.route("**/live/stream", lambda route: route.fulfill(status=503))
    phone.goto(f"{table.url}/room")
    act(table, "next_phase")
    expect(phone.locator("h1")).to_have_text("Incheckning")
    tap(table, "Tomasz")
    expect(phone.locator(".place.is-speaking .place-name")).to_have_text("Tomasz")


def test_who_has_left_the_group_is_sent_to_their_start_page(site, table, follow, clock, session):  # noqa: F811
    begin(table)
    session.commit()
    phone = follow(table.phone)
    expect(phone.locator("h1")).to_have_text("Inramning")
    seat = session.scalars(select(Membership).where(Membership.person_id == table.people["Elin"].id)).one()
    seat.left_at = clock.at
    session.commit()
    expect(phone).to_have_url(f"{site.url}/")


def test_without_scripts_the_page_is_asked_for_anew(site, table, follow, session):  # noqa: F811
    begin(table)
    session.commit()
    phone = follow(table.phone, java_script_enabled=False)
    act(table, "next_phase")
    expect(phone.locator("h1")).to_have_text("Incheckning")
