"""The round without a connection: no tap is lost, and nobody's time becomes another."""

import contextlib
import re

import pytest
from playwright.sync_api import Error as PageLeft
from sqlalchemy import select

from supervision.live import queries
from supervision.live.models import LiveEvent
from supervision.live.rules import spoken_s
from supervision.meetings.models import Meeting
from tests import factories as make
from tests.browser.conftest import DESKTOP, PHONE, pass_second_step

pytestmark = pytest.mark.browser

NAMES = ["Tomasz Kowalski", "Amina Hassan", "Birgitta Svensson", "Elin Jansson"]
FIRST_KEPT = "() => document.documentElement.dataset.kept === '1'"
READY = "() => document.getElementById('round').dataset.ready === '1'"
SENT = "() => document.getElementById('round').dataset.waits === '0'"

# Seconds to wait, then what is tapped: a part of a name at the table, or the button with that id.
ROUND = [
    (90, "#deck-next_phase"),
    (5, "Amina"),
    (70, "Birgitta"),
    (45, "#deck-pause"),
    (60, "#deck-main"),
    (30, "Elin"),
    (100, "#deck-undo"),
    (20, "Tomasz"),
    (90, "Elin"),
    (75, "#deck-next_phase"),
    (30, "Birgitta"),
    (40, "Amina"),
    (25, "#deck-pause"),
]
CUT = range(3, 11)  # the taps made without a connection: ten minutes


@pytest.fixture
def round_here(app, site, session):
    """A meeting that begins now, and its supervisor's phone with the round running."""

    class Here:
        def __init__(self):
            self.supervisor = make.make_supervisor(session)
            make.give_authenticator(app, session, self.supervisor)
            organisation = make.make_organisation(session)
            self.group = make.make_group(session, make.make_assignment(session, self.supervisor, organisation))
            self.people = {
                n.split()[0]: make.make_member(session, self.group, make.make_person(session, n)) for n in NAMES
            }
            self.meeting = make.make_meeting(session, self.group)
            site.clock.set(self.meeting.starts_at)
            self.meeting_id, self.email = self.meeting.id, self.supervisor.email
            session.commit()
            self.page = self.opened()
            self.page.goto(f"/meetings/{self.meeting_id}/live/prepare")
            self.page.get_by_role("button", name=re.compile("Börja")).click()
            self.page.wait_for_function(FIRST_KEPT)

        def opened(self, viewport=None):
            page = site.visitor(viewport or PHONE)
            page.clock.install(time=site.clock.at)
            page.clock.pause_at(site.clock.at)
            page.goto("/sign-in/password")
            page.get_by_label("E-post").fill(self.email)
            page.get_by_label("Lösenord").fill(make.PASSWORD)
            page.get_by_role("button", name="Logga in", exact=True).click()
            pass_second_step(page, site.clock())
            return page

        def wait(self, seconds):
            site.clock.forward(seconds=seconds)
            self.page.clock.fast_forward(seconds * 1000)

        def tap(self, what):
            if what.startswith("#"):
                self.page.locator(what).click()
            else:
                self.page.locator("button.place", has_text=what).click()

        def sent(self):
            """Wait until nothing waits to be sent, then return everyone's seconds from the server's log."""
            self.page.wait_for_function(SENT)
            session.rollback()
            state = queries.state_of(session, session.get(Meeting, self.meeting_id))
            kinds = session.scalars(
                select(LiveEvent.kind).where(LiveEvent.meeting_id == self.meeting_id).order_by(LiveEvent.seq)
            ).all()
            total = spoken_s(state)
            found = {name: round(total[str(person.id)], 1) for name, person in self.people.items()}
            session.rollback()
            return found, list(kinds)

        def whole(self, cut=()):
            for number, (seconds, what) in enumerate(ROUND):
                if number in cut and number - 1 not in cut:
                    self.page.context.set_offline(True)
                self.wait(seconds)
                if number == 7 and cut:  # in the middle of it the page is loaded again
                    self.page.reload()
                    self.page.wait_for_function(READY)
                self.tap(what)
                if number not in cut:
                    self.page.wait_for_function(SENT)
                if number in cut and number + 1 not in cut:
                    banner = self.page.locator("#connection").inner_text()
                    assert "Ingen uppkoppling. Rundan går vidare här." in banner
                    assert f"{len(cut)} tryck väntar på att skickas." in banner
                    shown = self.page.locator(".hub-time").inner_text()
                    self.page.context.set_offline(False)
                    self.page.evaluate("window.dispatchEvent(new Event('online'))")
                    self.page.wait_for_function(SENT)
                    assert self.page.locator("#connection").is_hidden()
                    assert self.page.locator(".hub-time").inner_text() == shown  # the clock does not jump
            return self.sent()

    return Here()


def expected():
    """Everyone's seconds, counted by hand from the list above."""
    return {"Tomasz": 90.0, "Amina": 70.0 + 25.0, "Birgitta": 45.0 + 30.0 + 100.0 + 20.0 + 40.0, "Elin": 75.0}


def test_ten_minutes_without_a_connection(round_here, site):
    found, kinds = round_here.whole(cut=CUT)
    assert kinds.count("floor") == 7
    assert kinds[0] == "start"
    assert len(kinds) == 1 + len(ROUND)
    assert found == expected()
    assert [one for one in site.findings if "ERR_INTERNET_DISCONNECTED" not in one] == []


def test_a_page_that_was_killed_with_taps_waiting(round_here, site):
    """The battery dies with taps unsent; the next page in the same browser sends them, at their own times."""
    first = round_here.page
    first.context.set_offline(True)
    round_here.wait(30)
    round_here.tap("#deck-next_phase")
    round_here.wait(10)
    round_here.tap("Amina")
    round_here.wait(50)
    round_here.tap("Elin")
    round_here.wait(320)
    first.wait_for_function("() => document.getElementById('round').dataset.waits === '3'")
    first.close()
    round_here.page = page = first.context.new_page()
    first.context.set_offline(False)
    page.goto(f"/meetings/{round_here.meeting_id}/live")
    page.wait_for_function(READY)
    round_here.tap("#deck-pause")
    found, kinds = round_here.sent()
    assert kinds == ["start", "next_phase", "floor", "floor", "pause"]
    assert found == {"Tomasz": 0.0, "Amina": 50.0, "Birgitta": 0.0, "Elin": 320.0}


def test_signed_out_while_away_and_back_in_the_same_browser(round_here, site, session):
    page = round_here.page
    page.context.set_offline(True)
    round_here.wait(30)
    round_here.tap("#deck-next_phase")
    round_here.wait(40)
    round_here.tap("Amina")
    site.clock.forward(hours=2)  # the session has run out meanwhile
    page.clock.fast_forward(2 * 3600 * 1000)
    round_here.tap("#deck-pause")
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator("#connection").get_by_text("Du är utloggad.").wait_for()
    assert "3 tryck väntar på att skickas." in page.locator("#connection").inner_text()
    page.get_by_role("link", name="Logga in igen i samma webbläsare").click()
    page.goto(f"/sign-in/password?next=/meetings/{round_here.meeting_id}/live")
    page.get_by_label("E-post").fill(round_here.email)
    page.get_by_label("Lösenord").fill(make.PASSWORD)
    page.get_by_role("button", name="Logga in", exact=True).click()
    pass_second_step(page, site.clock())
    page.wait_for_url(f"**/meetings/{round_here.meeting_id}/live")
    page.wait_for_function(READY)
    found, kinds = round_here.sent()
    assert kinds == ["start", "next_phase", "floor", "pause"]
    assert found["Amina"] == 2 * 3600


def test_another_screen_takes_over(round_here, site):
    """The screen that had the control becomes a follower by itself, and says which taps were not counted."""
    phone = round_here.page
    phone.context.set_offline(True)
    round_here.wait(60)
    round_here.tap("#deck-next_phase")
    other = round_here.opened(DESKTOP)
    other.goto(f"/meetings/{round_here.meeting_id}/live")
    assert other.locator("button.place").count() == 0
    other.get_by_role("link", name="Ta över här").click()
    other.get_by_role("button", name="Ja, ta över här").click()
    other.wait_for_function(READY)
    other.keyboard.press("n")
    other.keyboard.press("2")
    other.locator(".place.is-speaking", has_text="Amina").wait_for()
    other.wait_for_function(SENT)
    phone.context.set_offline(False)
    with contextlib.suppress(PageLeft):  # it may have heard of the connection by itself and be on its way
        phone.evaluate("window.dispatchEvent(new Event('online'))")
    phone.get_by_text("1 tryck från den här skärmen räknades inte.").wait_for()
    said = phone.locator("#main").inner_text()
    assert "En annan skärm har styrt sedan 14.01." in said
    assert phone.locator("button.place").count() == 0
    phone.locator(".place.is-speaking", has_text="Amina").wait_for()
    assert round_here.sent()[1] == ["start", "next_phase", "floor", "refused"]


def test_a_screen_that_loses_the_control_is_told_at_once(round_here, site):
    """The page's own clock stands still here, so that it does not ask by itself: only the stream can tell it."""
    phone = round_here.page
    phone.wait_for_function(READY)
    other = round_here.opened(DESKTOP)
    other.goto(f"/meetings/{round_here.meeting_id}/live/hand-over")
    other.get_by_role("button", name="Ja, ta över här").click()
    other.wait_for_function(READY)
    phone.get_by_role("link", name="Ta över här").wait_for()
    assert phone.locator("button.place").count() == 0


def test_the_same_round_with_a_connection(round_here, site):
    found, kinds = round_here.whole()
    assert len(kinds) == 1 + len(ROUND)
    assert found == expected()
    assert site.findings == []
