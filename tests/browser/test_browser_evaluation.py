"""Answering the year's evaluation on a phone takes under three minutes: taps counted, seconds measured."""

import time

import pytest
from playwright.sync_api import Page
from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision import jobs
from supervision.evaluations.models import Ballot, Campaign
from supervision.store.database import writing
from tests import factories
from tests.browser.conftest import PHONE, Site

pytestmark = pytest.mark.browser
MOST_S = 180.0
WORDS_PER_S = 238 / 60  # Brysbaert (2019): reading silently, in a language like ours
LOOK_S = 1.35  # Card, Moran & Newell (1980): mental preparation before an act
TAP_S = 1.3  # the same: pointing 1.1 s and pressing 0.2 s
THINK_S = 3.0  # our assumption: weighing one statement, beside reading it


def read_words(page: Page) -> int:
    """The words someone reads: all of the page, of each statement its text, and the scale once."""
    whole = len(page.locator("main").inner_text().split())
    asked = page.locator("main form fieldset")
    with_scales = sum(len(text.split()) for text in asked.all_inner_texts())
    texts = sum(len(text.split()) for text in page.locator("main form legend").all_inner_texts())
    scale = (with_scales - texts) // asked.count()
    return whole - with_scales + texts + scale


def test_answering_takes_less_than_three_minutes(app, browser, site: Site, session: Session, clock) -> None:
    writing.set(True)
    group = factories.make_group(session)
    members = [factories.make_member(session, group) for _ in range(5)]
    clock.set(factories.NOW.replace(month=12, day=2))
    session.commit()
    with app.app_context():
        jobs.plan_open_close(app)
    writing.set(True)
    session.expire_all()
    campaign_id = session.scalars(select(Campaign)).one().id
    clock.set(factories.NOW.replace(month=12, day=3))
    token = factories.people.start_session(session, members[0], is_own_device=True, now=clock.at)
    session.commit()
    person = browser()
    with person.client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    writing.set(False)
    signed = person.client.get_cookie("rundan")
    assert signed is not None
    page = site.visitor(PHONE)
    page.context.add_cookies([{"name": "rundan", "value": signed.value, "url": site.url}])
    begun = time.perf_counter()
    page.goto("/")
    page.locator(f'a[href="/evaluations/{campaign_id}/answer"]').click()
    page.wait_for_url("**/answer")
    statements = page.locator("main form fieldset")
    words = read_words(page)
    taps = 1
    for number in range(statements.count()):
        one = statements.nth(number)
        assert one.locator("label.tick").count() == 6  # 1 to 5, and "don't know" always there
        target = one.locator("label.tick").nth(5 if number == 3 else number % 5)
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= 44
        target.click()
        taps += 1
    page.get_by_role("button", name="Försegla").click()
    taps += 1
    page.wait_for_url("**/thanks")
    machine_s = time.perf_counter() - begun
    hand_s = taps * (LOOK_S + TAP_S) + words / WORDS_PER_S + THINK_S * 12
    measured = f"{taps} taps, {words} words, {machine_s:.1f} s of the machine and {hand_s:.1f} s of a person"
    assert taps == 14
    assert machine_s + hand_s < MOST_S, measured
    site.look(page, "evaluation-thanks")
    page.goto(f"/evaluations/{campaign_id}/answer")
    site.look(page, "evaluation-answered")
    assert page.get_by_role("heading", level=1).inner_text() == "Du har svarat"
    session.rollback()
    assert len(session.scalars(select(Ballot)).all()) == 1
    assert not site.findings
