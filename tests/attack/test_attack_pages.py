"""What anyone can read while an evaluation is open: nothing that a ballot changes."""

import re
from collections import deque

import pytest

from supervision.orgs.models import Organisation
from supervision.people.models import Person
from supervision.store.database import writing
from tests import factories
from tests.attack import FULL, size
from tests.attack.conftest import KEYS, later

TOKEN = re.compile(rb'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"')
MOST_PAGES = size(12, 200)


def pages_of(browser, start: str = "/") -> dict[str, bytes]:
    """Every page a reader can get to by following links, without the token of its forms."""
    found: dict[str, bytes] = {}
    waiting = deque([start])
    while waiting and len(found) < MOST_PAGES:
        path = waiting.popleft()
        if path in found:
            continue
        browser.get(path)
        found[path] = TOKEN.sub(b"", browser.response.get_data())
        if browser.response.mimetype == "text/html":
            links = [str(one["href"]).split("#")[0] for one in browser.soup.select("a[href^='/']")]
            waiting += sorted({one for one in links if one and "sign-out" not in one and "lang=" not in one})
    return found


@pytest.fixture
def readers(ground, session, browser, clock, monkeypatch):
    """Everybody who could be curious: the supervisor, the managers' side, a member, and a member of another group."""
    clock.set(later(0))
    monkeypatch.setattr(factories, "NOW", clock.at)
    ground.settle(6, 5)
    organisation = session.get_one(Organisation, ground.assignment.organisation_id)
    people = {
        "supervisor": session.get_one(Person, ground.assignment.supervisor_id),
        "manager": factories.make_manager(session, organisation),
        "coordinator": factories.make_manager(session, organisation, "coordinator"),
        "member": ground.members[5],
        "other group": ground.members[-1],
    }
    return {name: factories.sign_in(browser(), person, session) for name, person in people.items()}


def look(readers) -> dict[str, dict[str, bytes]]:
    return {name: pages_of(reader) for name, reader in readers.items() if FULL or name in {"manager", "member"}}


def test_no_page_of_anybody_changes_with_a_ballot(ground, session, readers):
    campaign = ground.open()
    before = look(readers)
    assert f"/reports/{ground.assignment.id}" in before["manager"]
    assert all(len(pages) >= 3 for pages in before.values())
    for person in ground.members[:5]:
        ground.answer(campaign, person, dict.fromkeys(KEYS, 1))
    writing.set(True)
    after = look(readers)
    for name, pages in before.items():
        assert set(after[name]) == set(pages), name
        for path, page in pages.items():
            assert after[name][path] == page, f"{name} sees at {path} that somebody has answered"


def test_the_look_would_see_a_change(ground, session, readers):
    """The control: a reader's own answer does change the reader's own start page."""
    campaign = ground.open()
    before = pages_of(readers["member"])
    ground.answer(campaign, ground.members[5], dict.fromkeys(KEYS, 1))
    assert pages_of(readers["member"])["/"] != before["/"]
