"""The whole life of a supervision group, walked in a real browser on phone and desktop width."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Page
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from supervision import jobs
from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease, RegisterEntry
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.live.models import LiveEvent
from supervision.meetings.models import Attendance, Meeting
from supervision.orgs.models import Assignment
from supervision.store.database import writing
from tests import factories
from tests.browser.conftest import DESKTOP, NARROW, PHONE, Site, pass_second_step

pytestmark = pytest.mark.browser
ENGLISH = "en-GB"
NAMES = ["Amina Hassan", "Birgitta Sjöberg", "Elin Johansson", "Johan Nyström", "Leyla Demir", "Tomasz Kowalski"]
MORE = ["Nadia Karimi", "Peter Öhman"]
FIRST_ON = "2026-12-08"
LAST_ON = "2027-12-31"


def first_name(name: str) -> str:
    return name.partition(" ")[0]


class Walk:
    """One person's browser, and the words of the steps."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page

    def open(self, path: str, look: str = "") -> None:
        self.page.goto(path)
        if look:
            self.site.look(self.page, look)

    def press(self, name: str, *, exact: bool = False) -> None:
        self.page.get_by_role("button", name=name, exact=exact).first.click()
        self.page.wait_for_load_state()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=name).first.click()
        self.page.wait_for_load_state()

    def fill(self, **values: str) -> None:
        for name, value in values.items():
            self.page.locator(f'[name="{name}"]').first.fill(value)

    def tick(self, name: str, value: str) -> None:
        self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    @property
    def text(self) -> str:
        return " ".join(self.page.inner_text("body").split())


@pytest.fixture
def walk(site: Site) -> Callable[..., Walk]:
    return lambda viewport=PHONE: Walk(site, site.visitor(viewport, ENGLISH))


def sign_in_with_password(person: Walk, email: str) -> None:
    person.open("/sign-in/password")
    person.fill(email=email, password=factories.PASSWORD)
    person.page.locator('[name="is_own_device"]').check()
    person.press("Sign in", exact=True)
    pass_second_step(person.page, person.site.clock())


def sign_up(person: Walk, token: str, name: str, code_from_mail: Callable[[str], str], look: str = "") -> None:
    email = f"{first_name(name).lower()}@example.org"
    person.open(f"/join/{token}", look)
    person.fill(name=name, email=email)
    person.tick("slots", person.page.locator('input[name="slots"]').first.get_attribute("value") or "")
    person.press("Send my sign-up")
    assert "code" in person.page.url
    person.fill(code=code_from_mail(email))
    person.page.locator('[name="is_own_device"]').check()
    person.press("Confirm my sign-up")


def test_the_whole_life_of_a_group(
    site: Site, walk: Callable[..., Walk], session: Session, code_from_mail: Callable[[str], str], app: Flask
) -> None:
    site.clock.set(datetime(2026, 11, 24, 8, 0, tzinfo=UTC))
    supervisor = factories.make_supervisor(session, language="en", email="maria@example.org")
    factories.give_authenticator(app, session, supervisor)
    session.commit()

    # 1. The supervisor brings an organisation and an assignment, and opens a group with its dates.
    maria = walk(DESKTOP)
    sign_in_with_password(maria, supervisor.email)
    maria.site.look(maria.page, "01-start-supervisor-empty")
    maria.follow("New client organisation")
    maria.fill(name="Norrhamns kommun")
    maria.tick("country", "SE")
    maria.press("Save", exact=True)
    maria.site.look(maria.page, "02-organisation")
    organisation = maria.page.url
    maria.follow("Write up an assignment")
    maria.fill(title="Personal assistance", starts_on="2026-12-01", ends_on=LAST_ON, place="The old pharmacy")
    maria.site.look(maria.page, "03-assignment")
    maria.press("Save the assignment")
    assignment_page = maria.page.url
    maria.follow("Open a group")
    maria.fill(name="Linden", first_on=FIRST_ON, at_local="14:00", seats="7")
    maria.press("Show the dates")
    maria.site.look(maria.page, "04-dates")
    maria.press("Open the group")
    maria.site.look(maria.page, "05-group")
    session.rollback()
    group = session.scalars(select(Group)).one()
    assignment = session.scalars(select(Assignment)).one()
    dates = session.scalars(select(Meeting).order_by(Meeting.starts_at)).all()
    zone = ZoneInfo("Europe/Stockholm")
    wall = [one.starts_at.astimezone(zone) for one in dates]
    assert {(one.hour, one.minute) for one in wall} == {(14, 0)}
    assert all((b.date() - a.date()).days % 14 == 0 for a, b in pairwise(wall))
    assert all(not 26 <= one.isocalendar().week <= 32 and one.isocalendar().week not in {51, 52, 53, 1} for one in wall)
    token, group_id = assignment.join_token, group.id
    session.rollback()

    # 2. Six sign up, a seventh takes the last seat, an eighth waits; one leaves and the first in line is asked.
    maria.open(f"{assignment_page}/poster", "06-poster")
    assert len(re.findall(rb"/Type\s*/Page[^s]", maria.page.pdf(format="A4"))) == 1
    people: dict[str, Walk] = {}
    for number, name in enumerate([*NAMES, *MORE]):
        people[name] = person = walk(NARROW if number == 0 else PHONE)
        sign_up(person, token, name, code_from_mail, "07-join" if number == 0 else "")
        if number == 0:
            person.site.look(person.page, "08-choose-group")
        person.press("Take a seat" if number < 7 else "Join the waiting list")
    session.rollback()
    assert session.scalar(select(func.count()).where(Membership.left_at.is_(None))) == 7
    assert session.scalar(select(QueuePlace.status)) == "waiting"
    session.rollback()
    nadia, peter = people[MORE[0]], people[MORE[1]]
    nadia.open(f"/groups/{group_id}/leave")
    nadia.press("Yes, leave")
    session.rollback()
    assert session.scalar(select(QueuePlace.status)) == "offered"
    session.rollback()
    peter.open("/", "09-offer")
    peter.follow("Answer the offer")
    peter.press("No thanks, let the seat go to someone else")
    session.rollback()
    assert session.scalar(select(func.count()).where(Membership.left_at.is_(None))) == 6
    session.rollback()

    # 3. Each accepts the agreement; one can't come.
    for number, name in enumerate(NAMES):
        person = people[name]
        person.open(f"/groups/{group_id}/agreement", "10-agreement" if number == 0 else "")
        person.press("I accept the agreement")
    maria.open(f"/groups/{group_id}/roster", "11-roster")
    maria.follow("Let the group run")
    maria.press("Yes, let it run")
    johan = people["Johan Nyström"]
    johan.open("/", "12-start-participant")
    johan.press("I can't come")
    johan.open("/")
    assert "You have said that you can't come." in johan.text

    # 4. Three propose; a personal number is refused; nobody else sees a draft; the page says whose turn it is.
    leyla = people["Leyla Demir"]
    leyla.open(f"/groups/{group_id}/cases/new", "13-case")
    leyla.fill(title="One more cup", situation="She, 19121212-1212, asks me to stay.", question="How do I leave?")
    leyla.press("Save draft")
    assert "personal identity number" in leyla.text
    assert "One more cup" in leyla.page.locator('[name="title"]').input_value()
    leyla.site.look(leyla.page, "14-case-refused")
    leyla.fill(situation="A lonely person, Gunnar, always asks me to stay for one more cup.")
    leyla.press("Save draft")
    leyla.site.look(leyla.page, "15-case-marked")
    site.look_again(leyla.page, "15-case-marked")
    draft = leyla.page.url.removesuffix("/edit")
    for stranger in (maria, people["Elin Johansson"]):
        assert stranger.page.goto(draft).status == 404  # type: ignore[union-attr]
    site.findings[:] = [one for one in site.findings if "404" not in one and "422" not in one]
    site.clock.set(datetime(2026, 12, 6, 9, 0, tzinfo=UTC))
    for number, name in enumerate(["Leyla Demir", "Elin Johansson", "Tomasz Kowalski"]):
        person = people[name]
        sign_up_again(person, name, code_from_mail)
        person.open(f"/groups/{group_id}/cases/new" if number else f"{draft}/edit")
        if number:
            person.fill(title=f"Case {number}", situation="Something that goes on.", question="What do I do?")
            person.tick("kind", "dilemma" if number == 1 else "case")
        person.press("Show to the supervisor")
    sweep(app)
    leyla.open(f"/groups/{group_id}/cases", "16-cases-and-turn")
    assert "next" in leyla.text.lower()

    # 5. The meeting: chosen format, phases, floor by tapping a place, reloading, the end, attendance.
    site.clock.set(datetime(2026, 12, 8, 12, 30, tzinfo=UTC))
    maria.page.context.close()
    maria = walk(PHONE)
    sign_in_with_password(maria, supervisor.email)
    maria.site.look(maria.page, "17-start-supervisor")
    site.look_again(maria.page, "17-start-supervisor")
    maria.open(f"/groups/{group_id}/cases")
    session.rollback()
    meeting_id = session.scalars(select(Meeting.id).order_by(Meeting.starts_at)).first()
    session.rollback()
    site.clock.set(datetime(2026, 12, 8, 13, 0, tzinfo=UTC))
    maria.open(f"/meetings/{meeting_id}/live/prepare", "18-prepare")
    site.look_again(maria.page, "18-prepare")
    maria.press("Begin the meeting")
    maria.open(f"/meetings/{meeting_id}/live", "19-live-start")
    run_the_round(site, maria, str(meeting_id), session)
    watcher = people["Elin Johansson"]
    sign_up_again(watcher, "Elin Johansson", code_from_mail)
    watcher.open(f"/meetings/{meeting_id}/room", "21-room")
    maria.open(f"/meetings/{meeting_id}/live/end")
    maria.press("End the meeting")
    maria.open(f"/meetings/{meeting_id}/attendance", "22-attendance")
    maria.press("Save", exact=True)
    maria.open(f"/meetings/{meeting_id}/summary", "23-summary")
    session.rollback()
    assert session.scalar(select(Meeting.status).where(Meeting.id == meeting_id)) == "held"
    assert session.scalar(select(func.count()).where(Attendance.kind == "present")) == 5
    session.rollback()

    # 6. The yearly evaluation opens by itself, six answer, it closes, bands are released, the answers are gone.
    site.clock.set(datetime(2027, 10, 28, 9, 0, tzinfo=UTC))
    sweep(app)
    session.rollback()
    campaign = session.scalars(select(Campaign).where(Campaign.status == "open")).one()
    campaign_id, closes_at = campaign.id, campaign.closes_at
    session.rollback()
    for number, name in enumerate(NAMES):
        person = people[name]
        sign_up_again(person, name, code_from_mail)
        person.open("/", "24-start-evaluation" if number == 0 else "")
        person.follow("Read and answer")
        if number == 0:
            person.site.look(person.page, "25-evaluation")
            site.look_again(person.page, "25-evaluation")
        answer_everything(person, 5 if number else 4)
        if number == 0:
            person.site.look(person.page, "26-thanks")
    site.clock.set(closes_at + timedelta(minutes=1))
    sweep(app)
    session.rollback()
    assert session.scalar(select(func.count()).select_from(EvaluationRelease)) == 1
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0
    assert session.scalar(select(func.count()).select_from(RegisterEntry)) == 0
    assert session.get_one(Campaign, campaign_id).status == "released"
    session.rollback()

    # 7. A manager sees the assignment, dates, the evaluation, and nothing else.
    maria.page.context.close()
    maria = walk(DESKTOP)
    sign_in_with_password(maria, supervisor.email)
    maria.open(f"{organisation}/roles/new", "27-invite")
    maria.fill(name="Karin Lund", email="karin@example.org")
    maria.press("Send the invitation")
    karin = walk(DESKTOP)
    karin.open("/mailbox")
    karin.page.locator("article a").first.click()
    karin.fill(password=factories.PASSWORD)
    karin.press("Set password and sign in")
    pass_second_step(karin.page, site.clock())
    karin.open("/?lang=en", "28-start-manager")
    karin.follow("Personal assistance")
    karin.site.look(karin.page, "29-report")
    site.look_again(karin.page, "29-report")
    report = karin.page.content()
    assert "high" in karin.text
    for name in [*NAMES, *MORE]:
        assert name not in report
        assert first_name(name) not in report
    assert "One more cup" not in report
    for path in (
        f"/groups/{group_id}",
        f"/groups/{group_id}/roster",
        f"/meetings/{meeting_id}",
        draft,
        f"/meetings/{meeting_id}/attendance",
        f"/meetings/{meeting_id}/summary",
    ):
        assert karin.page.goto(path).status == 404, path  # type: ignore[union-attr]
    site.findings[:] = [one for one in site.findings if "404" not in one]
    phone = site.visitor(NARROW, ENGLISH)
    phone.context.add_cookies(karin.page.context.cookies())  # type: ignore[arg-type]
    phone.goto(f"/reports/{assignment.id}")
    site.look(phone, "30-report-phone")

    assert not site.findings, "\n".join(site.findings)


def sweep(app: Flask) -> None:
    """Do what the jobs process would do now."""
    jobs.sweep_all(app)
    writing.set(False)


def sign_up_again(person: Walk, name: str, code_from_mail: Callable[[str], str]) -> None:
    """Sign in again by code, as sessions end between the steps."""
    email = f"{first_name(name).lower()}@example.org"
    person.open("/sign-in")
    person.fill(email=email)
    person.press("Send me a code")
    person.fill(code=code_from_mail(email))
    person.page.locator('[name="is_own_device"]').check()
    person.press("Sign in", exact=True)


def the_table(maria: Walk) -> str:
    """The round table in words, without the times, which go on by themselves."""
    maria.page.wait_for_function("() => document.getElementById('round').dataset.waits === '0'")
    return re.sub(r"\+?\d+[:.]\d\d", "", maria.page.locator(".roundtable").inner_text())


def run_the_round(site: Site, maria: Walk, meeting_id: str, session: Session) -> None:
    """Walk every phase; in each, two people get the floor where the mode allows it; reload in the middle."""
    for phase in range(40):
        for _ in range(2):
            places = maria.page.locator("button.place:not([disabled]):not(.is-away)")
            if places.count() > phase % 4:
                places.nth(phase % 4).click()
                maria.page.wait_for_load_state()
            site.clock.forward(seconds=70)
        if phase == 3:
            maria.page.reload()
            before = the_table(maria)
            maria.page.reload()
            assert the_table(maria) == before
        if phase == 5:
            site.look(maria.page, "20-live-middle")
            site.look_again(maria.page, "20-live-middle")
        onward = maria.page.locator('#deck-next_phase, button[name="act"][value="next_phase"]')
        if not onward.count() or onward.first.is_disabled():
            break
        onward.first.click()
        maria.page.wait_for_load_state()
        maria.page.wait_for_timeout(60)
    session.rollback()
    assert session.scalar(select(func.count()).where(LiveEvent.kind == "floor")) >= 5
    session.rollback()


def answer_everything(person: Walk, value: int) -> None:
    """Give every statement the same answer and send."""
    for radio in person.page.locator(f'input[type="radio"][value="{value}"]').all():
        radio.check()
    person.page.locator("main form button[type=submit]").last.click()
    person.page.wait_for_load_state()
