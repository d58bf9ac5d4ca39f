import json
import re
from datetime import timedelta

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import func, select, text

from supervision.audit.models import AuditEvent
from supervision.notes import services
from supervision.notes.models import Note
from supervision.notes.queries import PAGE
from supervision.notes.rules import TEXT_MOST, NoteText
from supervision.people.models import Person
from supervision.privacy import own_data
from supervision.privacy.services import purge
from supervision.store.forgetting import seal_of
from supervision.store.sealed import CannotOpen
from tests import factories as make
from tests.factories import NOW, actor_of

DAY = timedelta(days=1)
WORDS = "Tystare än sist. Fråga hur det känns i gruppen."


@pytest.fixture
def desk(session, browser):
    """A supervisor with two groups and a held meeting, a colleague of the same organisation, a member and a manager."""

    class Desk:
        pass

    made = Desk()
    organisation = make.make_organisation(session)
    made.maria = make.make_supervisor(session)
    made.colleague = make.make_supervisor(session, "Karin Berg")
    made.assignment = make.make_assignment(session, made.maria, organisation)
    make.make_assignment(session, made.colleague, organisation)
    made.group = make.make_group(session, made.assignment)
    made.other = make.make_group(session, made.assignment)
    made.member = make.make_member(session, made.group)
    made.manager = make.make_manager(session, organisation)
    made.coordinator = make.make_manager(session, organisation, "coordinator")
    made.met = make.make_meeting(session, made.group, NOW - DAY, status="held")
    session.commit()
    made.list = f"/groups/{made.group.id}/notes"
    made.page = make.sign_in(browser(), made.maria, session)
    return made


def write(session, person: Person, group, words: str = WORDS, *, meeting_id=None, now=NOW) -> Note:
    text = NoteText(text=words)
    actor = actor_of(person)
    note = services.write_note(session, seal_of(session), actor, group, text=text, meeting_id=meeting_id, now=now)
    session.commit()
    return note


def only(session) -> Note:
    return session.scalars(select(Note)).one()


def test_a_note_is_written_read_changed_and_deleted(desk, session):
    page = desk.page
    page.get(f"/meetings/{desk.met.id}")
    page.get(page.soup.find("a", string="Skriv en anteckning för dig själv")["href"])
    page.submit("Spara", text=f"  {WORDS}\r\nEn rad till. ")
    assert page.path == desk.list
    assert WORDS in page.text
    assert "Om träffen 23 november 2026" in page.text
    note = only(session)
    assert (note.author_id, note.group_id, note.meeting_id) == (desk.maria.id, desk.group.id, desk.met.id)
    assert services.open_text(seal_of(session), note).text == f"{WORDS}\nEn rad till."
    assert b"Tystare" not in bytes(session.execute(text("SELECT sealed_text FROM private_note")).scalar_one())

    page.get(f"/notes/{note.id}")
    assert "En rad till." in page.text
    page.get(f"/notes/{note.id}/edit").submit("Spara", text="Något annat.", meeting_id="")
    session.expire_all()
    assert services.open_text(seal_of(session), only(session)).text == "Något annat."
    assert only(session).meeting_id is None

    page.get(f"/notes/{note.id}/delete")
    assert "Något annat." in page.text
    assert session.scalar(select(func.count()).select_from(Note)) == 1  # asking deletes nothing
    page.submit("Ja, ta bort anteckningen")
    assert page.path == desk.list
    assert "Du har inte skrivit något än." in page.text
    assert session.scalars(select(Note)).all() == []
    said = session.scalars(select(AuditEvent.action).where(AuditEvent.object_kind == "note")).all()
    assert sorted(said) == ["note.changed", "note.deleted", "note.written"]


def test_nobody_else_finds_a_note_or_that_there_is_one(desk, session, browser):
    note = write(session, desk.maria, desk.group)
    others = {}
    for name in ("colleague", "member", "manager", "coordinator"):
        others[name] = other = make.sign_in(browser(), getattr(desk, name), session)
        for path in (f"/notes/{note.id}", f"/notes/{note.id}/edit", f"/notes/{note.id}/delete", desk.list):
            assert other.get(path).status == 404, (name, path)
        assert other.post(f"/notes/{note.id}/edit", {"text": "mitt"}).status == 404
        assert other.post(f"/notes/{note.id}/delete").status == 404
        assert other.post(f"{desk.list}/new", {"text": "mitt"}).status == 404
    assert services.open_text(seal_of(session), only(session)).text == WORDS
    for path in (f"/groups/{desk.group.id}", f"/meetings/{desk.met.id}", "/me"):
        assert others["member"].get(path).status == 200
        assert "/notes" not in others["member"].text
    assert others["member"].get("/notes").status == 403
    assert others["colleague"].get("/notes").status == 200
    assert desk.group.name not in others["colleague"].text


def test_who_takes_over_the_group_finds_nothing_and_who_had_it_keeps_their_own(desk, session, browser):
    note = write(session, desk.maria, desk.group)
    desk.assignment.supervisor_id = desk.colleague.id
    session.commit()
    new = make.sign_in(browser(), desk.colleague, session)
    assert new.get(f"/notes/{note.id}").status == 404
    assert new.get(desk.list).status == 200
    assert WORDS not in new.text
    new.get(f"{desk.list}/new").submit("Spara", text="Mitt intryck är gott.")
    assert "Mitt intryck är gott." in new.text

    old = desk.page
    assert WORDS in old.get(desk.list).text
    assert "Mitt intryck är gott." not in old.text
    assert not old.soup.find("a", string=re.compile("Skriv en anteckning"))
    assert not old.soup.find("a", href=f"/groups/{desk.group.id}")
    assert desk.group.name in old.get("/notes").text
    assert old.get(f"{desk.list}/new").status == 403
    assert old.post(f"{desk.list}/new", {"text": "mer"}).status == 403
    coming = make.make_meeting(session, desk.group, NOW + 9 * DAY)
    session.commit()
    page = old.get(f"/notes/{note.id}/edit")
    assert [one["value"] for one in page.soup.select("option")] == [""]  # when the group meets now is not theirs
    sent = {"text": "Nytt", "meeting_id": str(coming.id)}
    assert page.post(f"/notes/{note.id}/edit", sent).status == 422
    assert page.get(f"/notes/{note.id}/edit").submit("Spara", text=WORDS).status == 200
    old.get(f"/notes/{note.id}/delete").submit("Ja, ta bort anteckningen")
    assert old.path == "/notes"  # the last one is gone, and with it what they may know of the group
    assert "Anteckningen är borttagen." in old.text


def test_whose_session_has_not_earned_the_role_finds_nothing(desk, session):
    note = write(session, desk.maria, desk.group)
    desk.maria.is_supervisor = False
    session.commit()
    assert desk.page.get(f"/notes/{note.id}").status == 404
    assert desk.page.get(desk.list).status == 404
    assert desk.page.get("/notes").status == 403


def test_a_personal_number_is_refused_and_nothing_typed_is_lost(desk, session):
    page = desk.page.get(f"{desk.list}/new")
    page.submit("Spara", text="Ring om 811228-9874 i morgon.", meeting_id=str(desk.met.id))
    assert page.status == 422
    assert "Ring om 811228-9874 i morgon." in page.soup.find("textarea").get_text()
    assert page.soup.select_one("option[selected]")["value"] == str(desk.met.id)
    assert page.soup.find(id="text-error")
    page.submit("Spara", text="   ")
    assert (page.status, "Skriv något först." in page.text) == (422, True)
    page.submit("Spara", text="a" * (TEXT_MOST + 1))
    assert (page.status, "Högst 4000 tecken." in page.text) == (422, True)
    assert len(page.soup.find("textarea").get_text().strip()) == TEXT_MOST + 1
    assert session.scalars(select(Note)).all() == []


def test_a_name_is_marked_and_let_stand_or_changed(desk, session):
    page = desk.page.get(f"{desk.list}/new").submit("Spara", text="I dag var det Anna och Bo som bar gruppen.")
    assert page.path.endswith("/edit")
    assert [one.get_text() for one in page.soup.select("mark")] == ["Anna1", "Bo2"]
    page.submit("Ändra till ”någon” Anna")
    assert [one.get_text() for one in page.soup.select("mark")] == ["Bo1"]
    page.submit("Låt stå Bo")
    assert page.path == desk.list
    assert "I dag var det någon och Bo som bar gruppen." in page.text
    assert services.open_text(seal_of(session), only(session)).let_stand == ("Bo",)


def test_a_meeting_of_another_group_cannot_be_chosen(desk, session):
    foreign = make.make_meeting(session, desk.other, NOW - 2 * DAY, status="held")
    session.commit()
    page = desk.page.get(f"{desk.list}/new?meeting={foreign.id}")
    assert [one["value"] for one in page.soup.select("option")] == ["", str(desk.met.id)]
    assert page.post(f"{desk.list}/new", {"text": "x", "meeting_id": str(foreign.id)}).status == 422
    assert desk.page.get(f"{desk.list}/new?meeting=nonsense").status == 200
    assert session.scalars(select(Note)).all() == []


def test_the_list_has_twenty_a_page_newest_first_and_the_same_queries_however_many(desk, session, count_queries):
    def asked(path: str) -> int:
        desk.page.get(path)
        del count_queries[:]
        desk.page.get(path)
        return len([one for one in count_queries if one.startswith(("SELECT", "WITH"))])

    write(session, desk.maria, desk.group, "Nummer 0.")
    few = asked(desk.list), asked("/notes")
    for number in range(1, PAGE + 3):
        at = NOW + timedelta(minutes=number)
        write(session, desk.maria, desk.group, f"Nummer {number}.", meeting_id=desk.met.id, now=at)
    assert (asked(desk.list), asked("/notes")) == few
    assert "23 anteckningar" in desk.page.text
    shown = [one.get_text() for one in desk.page.get(desk.list).soup.select(".preview-text")]
    assert shown == [f"Nummer {number}." for number in range(PAGE + 2, 2, -1)]
    page = desk.page.get(desk.page.soup.find("a", string="Äldre")["href"])
    assert [one.get_text() for one in page.soup.select(".preview-text")] == ["Nummer 2.", "Nummer 1.", "Nummer 0."]
    assert not page.soup.find("a", string="Äldre")
    page.get(page.soup.find("a", string="Nyare")["href"])
    assert "Nummer 22." in page.text
    for odd in ("0", "-1", "x", "9" * 30):
        assert page.get(f"{desk.list}?page={odd}").status == 200


def test_the_keyring_is_asked_once_for_a_page_of_notes(desk, session, app, monkeypatch):
    for number in range(5):
        write(session, desk.maria, desk.group, f"Nummer {number}.")
    asked = []
    ring = type(app.extensions["keyring"])
    fetch = ring.fetch
    monkeypatch.setattr(ring, "fetch", lambda self, ids: (asked.append(len(ids)), fetch(self, ids))[1])
    desk.page.get(desk.list)
    assert asked == [5]


def test_a_text_moved_to_another_row_does_not_open(desk, session):
    first, second = (write(session, desk.maria, desk.group, one) for one in ("ett", "två"))
    with pytest.raises(CannotOpen):
        seal_of(session).open(first.sealed_text, "private_note", "sealed_text", second.id)


def test_notes_go_a_year_after_the_end_of_their_group_and_not_before(desk, session):
    kept, goes = write(session, desk.maria, desk.other).id, write(session, desk.maria, desk.group).id
    desk.group.status, desk.group.ended_at = "ended", NOW
    session.commit()
    assert "tas bort 24 november 2027" in desk.page.get(desk.list).text
    purge(session, now=NOW + 365 * DAY)
    assert set(session.scalars(select(Note.id))) == {kept, goes}
    purge(session, now=NOW + 365 * DAY + timedelta(seconds=1))
    assert set(session.scalars(select(Note.id))) == {kept}


def test_nothing_new_is_written_once_the_notes_have_gone(desk, session):
    desk.group.status, desk.group.ended_at = "ended", NOW - 366 * DAY
    session.commit()
    page = desk.page.get(f"{desk.list}/new").submit("Spara", text="För sent.")
    assert (page.status, "12 månader" in page.text) == (422, True)
    assert session.scalars(select(Note)).all() == []


def test_the_author_takes_out_their_notes_in_words_and_nobody_elses(desk, session):
    write(session, desk.maria, desk.group, meeting_id=desk.met.id)
    write(session, desk.colleague, desk.other, "Kollegans ord.")
    gathered = own_data.gather(session, seal_of(session), desk.maria)
    (given,) = json.loads(own_data.as_json(gathered, now=NOW))["data"]["private_note"]
    assert given["text"]["text"] == WORDS
    assert (given["group"], given["meeting"]["group"]) == (desk.group.name, desk.group.name)
    for person in (desk.member, desk.manager, desk.coordinator):
        assert own_data.gather(session, seal_of(session), person)["private_note"] == []
    file = desk.page.get("/me/data").submit("HTML").response.get_data(as_text=True)
    assert WORDS in {one.get_text() for one in BeautifulSoup(file, "html.parser").select("dd")}
    assert "Kollegans ord." not in file


def test_the_open_page_says_who_reads_notes_and_how_long(browser):
    line = browser().get("/privacy").soup.find(id="notes").parent.get_text(" ", strip=True)
    assert "12 månader efter att gruppen har avslutats" in line
    assert "Bara den som har skrivit läser" in line
