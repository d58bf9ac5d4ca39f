"""A text whose key is gone has its place marked on the page, and takes nothing else down with it."""

import logging

import pytest
from sqlalchemy import select

from supervision.cases import services as cases
from supervision.cases.models import Case, FollowUp
from supervision.cases.rules.text import CaseText
from supervision.notes import services as notes
from supervision.notes.rules import NoteText
from supervision.people.models import Person
from supervision.store.forgetting import seal_of
from supervision.store.sealed import key_id_of
from tests import factories
from tests.factories import NOW
from tests.keys.test_keys_reading import noted

LOST = {
    "sv": "Den här texten går inte längre att läsa",
    "da": "Denne tekst kan ikke læses længere",
    "en": "This text can't be read any more",
}


@pytest.fixture
def two(session, keyring) -> list[Case]:
    """Two drafts of one author; the key of the first is destroyed."""
    group = factories.make_group(session)
    author = factories.make_member(session, group, factories.make_person(session, "Elin"))
    written = [
        cases.write(
            session,
            seal_of(session),
            factories.actor_of(author, member_of=frozenset({group.id})),
            group,
            text=CaseText(title=title, situation="Det som händer"),
            facts=cases.CaseFacts(),
            now=NOW,
        )
        for title in ("Nyckeln som försvann", "Den andra texten")
    ]
    session.commit()
    keyring.destroy([key_id_of(written[0].sealed_text)])
    session.info.clear()
    return written


@pytest.fixture
def elin(browser, session, two):
    return factories.sign_in(browser(), session.get_one(Person, two[0].author_id), session)


def test_where_several_texts_stand_the_lost_one_is_marked_and_the_others_are_read(elin, two, caplog) -> None:
    with caplog.at_level(logging.WARNING):
        page = elin.get(f"/groups/{two[0].group_id}/cases")
    assert page.status == 200
    assert LOST["sv"] in page.text
    assert "Den andra texten" in page.text
    (line,) = [one.getMessage() for one in caplog.records if "cannot be opened" in one.getMessage()]
    assert line == f"a text cannot be opened: case_item|sealed_text|{two[0].id}"


@pytest.mark.parametrize("language", list(LOST))
def test_its_own_page_says_so_in_three_languages(elin, two, language) -> None:
    page = elin.get(f"/cases/{two[0].id}?lang={language}")
    assert page.status == 200
    assert page.soup.h1.get_text(strip=True) == LOST[language]


@pytest.mark.parametrize("language", list(LOST))
def test_nothing_is_written_over_it(elin, session, two, language, caplog) -> None:
    before = two[0].sealed_text
    with caplog.at_level(logging.WARNING):
        assert elin.get(f"/cases/{two[0].id}/edit?lang={language}").status == 410  # nobody types what cannot be saved
        page = elin.post(f"/cases/{two[0].id}/edit", {"title": "Ny"})
    assert page.status == 410
    assert page.soup.h1.get_text(strip=True) == LOST[language]
    assert session.get(Case, two[0].id).sealed_text == before
    assert str(two[0].id) in caplog.text
    assert "Nyckeln" not in caplog.text


def test_a_lost_note_is_no_form_either(browser, session, keyring) -> None:
    group = factories.make_group(session)
    author = group.assignment.supervisor
    actor = factories.actor_of(author, supervises=frozenset({group.assignment_id}))
    note = notes.write_note(
        session, seal_of(session), actor, group, text=NoteText(text="Vänta längre"), meeting_id=None, now=NOW
    )
    session.commit()
    keyring.destroy([key_id_of(note.sealed_text)])
    session.info.clear()
    maria = factories.sign_in(browser(), author, session)
    assert LOST["sv"] in maria.get(f"/notes/{note.id}").text
    assert maria.get(f"/notes/{note.id}/edit").status == 410


def test_the_follow_ups_of_others_are_read_beside_it(app, browser, session, keyring) -> None:
    group = factories.make_group(session)
    people = [factories.make_member(session, group) for _ in range(2)]
    noted(session, group, people, days=1)
    rows = session.scalars(select(FollowUp)).all()
    keyring.destroy([key_id_of(rows[0].sealed_text)])
    page = factories.sign_in(browser(), people[1], session).get(f"/groups/{group.id}/follow-ups")
    assert page.status == 200
    assert page.text.count(LOST["sv"]) == 1
    assert page.text.count("kanariefågel") == 1
