"""One's own data: every table and column is decided, own texts are opened, others' stay away."""

import html
import json

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import select

from supervision.audit.models import AuditEvent
from supervision.cases.rules.states import CaseState
from supervision.cover.rules import Status as CoverStatus
from supervision.groups.models import Membership, SignUp
from supervision.live.rules import KINDS as ROUND
from supervision.people.models import LoginSession, Person
from supervision.privacy import labels, own_data, values, words
from supervision.privacy.rules import RETENTION
from supervision.store.base import Base
from supervision.store.forgetting import seal_of
from tests import factories
from tests.factories import NOW
from tests.privacy.world import World, make_world

NAME, EMAIL, MARK = "Kvast Kanarifågel", "kvast.kanarie@example.se", "kanarietext"


@pytest.fixture
def world(app, session) -> World:
    return make_world(session, name=NAME, email=EMAIL, mark=MARK)


def test_every_table_has_its_words() -> None:
    assert set(words.TABLES) == set(RETENTION)
    assert {theme for theme, _what in words.TABLES.values()} == set(words.THEMES)
    assert {kept.since for kept in RETENTION.values() if kept.lifetime} == set(words.AFTER)
    assert {kept.since for kept in RETENTION.values() if not kept.lifetime} == set(words.AS_LONG_AS)


def test_every_table_and_column_is_decided() -> None:
    tables = Base.metadata.tables
    given = {part.table for part in own_data.PARTS}
    assert given | set(own_data.NOT_INCLUDED) == set(tables)
    assert not given & set(own_data.NOT_INCLUDED)
    for name in given:
        parts = [part for part in own_data.PARTS if part.table == name]
        decided = {"id"}.union(*({*part.columns, *part.left_out, part.named_by} for part in parts))
        assert all(set(part.columns) <= set(tables[name].columns.keys()) for part in parts), name
        if not any(part.rest for part in parts):
            assert set(tables[name].columns.keys()) <= decided, name


def test_every_column_that_names_a_person_is_decided() -> None:
    decided = {(part.table, column) for part in own_data.PARTS for column in (part.named_by, *part.left_out)}
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                assert table.name in own_data.NOT_INCLUDED or (table.name, column.name) in decided, column


def test_every_column_has_its_word() -> None:
    for part in own_data.PARTS:
        assert labels.title(part.key)
        for column in part.columns:
            key = own_data.called(column)
            assert labels.label(key), (part.key, column)


def test_own_texts_are_opened_and_others_are_not_there(app, session, world) -> None:
    session.add(Membership(group_id=world.group.id, person_id=world.visitor.id, place_no=3, joined_at=NOW))
    session.commit()
    gathered = own_data.gather(session, seal_of(session), world.person)
    data = json.loads(own_data.as_json(gathered, now=NOW))
    assert (data["format"], data["version"]) == ("rundan-own-data", 1)
    assert data["data"]["person"][0]["email"] == EMAIL
    assert data["data"]["sign_up"][0]["not_with"] == f"{MARK} Nilsson"
    assert {one["text"]["title"] for one in data["data"]["case_item"]} == {f"{MARK} ärende"}
    assert data["data"]["follow_up"][0]["text"] == {"what": f"{MARK} pröva"}
    assert data["data"]["attendance"][0]["meeting"] == {"group": world.group.name, "starts_at": NOW.isoformat()}
    assert data["data"]["mail"][0]["text"].startswith(f"Hej {NAME}")
    assert len(data["data"]["live_event"]) == 2
    assert data["not_included"]["tables"]["ballot"].startswith("answers of an evaluation")
    text = json.dumps(data, ensure_ascii=False)
    for foreign in (world.visitor.name, world.leaver.name, "Bo Ek", "mer tid", "t" * 64, str(world.person.id)):
        assert foreign not in text, foreign
    empty = {key for key, rows in gathered.items() if not rows}
    assert empty == {
        "role_holding", "assignment_led", "organisation_opened", "own_format", "supervisor_times", "formation_asked",
        "manager_answer", "staff_list", "private_note",
    }  # fmt: skip


def test_every_code_has_its_words(app, session, world) -> None:
    columns = {(part.key, own_data.called(column)) for part in own_data.PARTS for column in part.columns}
    assert set(values.SAY) <= columns
    assert set(values.ROUND) == set(ROUND)
    assert set(values.COVER) == set(CoverStatus)
    gathered = own_data.gather(session, seal_of(session), world.person)
    with app.test_request_context(headers={"Accept-Language": "sv"}):
        assert {values.in_words("case_item", "status", state) for state in CaseState}.isdisjoint(CaseState)
        for part, name in values.SAY:
            for row in gathered[part]:
                if row[name] and (part, name) != ("mail", "kind"):
                    assert values.in_words(part, name, row[name]) != row[name], (part, name)
        told = values.in_words("sign_up", "slots", ["A2-13", "B4-8"])
        assert told == "Vecka A: tis 13–16 · Vecka B: tors 8–10"
        assert values.in_words("sign_up", "ways_km", {"Norrhamn": 12}) == "Norrhamn: 12"
        assert values.in_words("sign_up", "experience", None) is None
        assert values.in_words("assignment_led", "ends_on", "2027-08-29") == "29 augusti 2027"


def test_the_readable_file_is_in_words_from_the_oldest_and_keeps_lines(app, browser, session, world) -> None:
    phone = factories.sign_in(browser(), world.person, session)
    phone.get("/me/data").submit("HTML")
    soup = BeautifulSoup(phone.response.get_data(as_text=True), "html.parser")
    said = {one.get_text() for one in soup.select("dd")}
    assert "Svenska" in said
    assert "Loggade in" in said
    assert not said & {"sv", "present", "case", "person.signed_in", "offered", "under2", "none"}
    assert soup.select("dd br") != []
    rows = [{"at": "2026-02-01T10:00:00+00:00"}, {"meeting": {"starts_at": "2026-01-01T10:00:00+00:00"}}, {"name": "x"}]
    assert values.in_order(rows) == [rows[2], rows[1], rows[0]]


@pytest.mark.parametrize("words", ["9999-12-31T23:59:59+00:00", "[" * 5000, '{"a":' * 5000])
def test_words_that_look_like_something_else_are_handed_over_as_they_are(app, browser, session, words) -> None:
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    sign_up = SignUp(assignment_id=group.assignment_id, person_id=person.id, slots=[], needs=[], created_at=NOW)
    sign_up.not_with = words
    session.add(sign_up)
    phone = factories.sign_in(browser(), person, session)
    for kind in ("program", "HTML"):
        phone.get("/me/data").submit(kind)
        assert phone.status == 200
        body = phone.response.get_data(as_text=True)
        assert words in html.unescape(body).replace('\\"', '"')
    assert phone.get("/me/erase").status == 200


def test_a_code_in_a_mail_is_no_part_of_the_file(session, world) -> None:
    world.rows["own_mail"].kind = "code"
    session.flush()
    rows = own_data.gather(session, seal_of(session), world.person)["mail"]
    assert [(row["kind"], row["subject"], row["text"]) for row in rows] == [("code", None, None)]


def test_it_is_taken_out_from_the_profile(app, browser, session, clock) -> None:
    person = factories.make_member(session, factories.make_group(session))
    phone = factories.sign_in(browser(), person, session)
    phone.get("/me")
    assert phone.soup.select_one('a[href="/me/data"]') is not None
    phone.get("/me/data").submit("program")
    assert phone.response.mimetype == "application/json"
    assert "attachment" in phone.response.headers["Content-Disposition"]
    assert phone.response.headers["Cache-Control"] == "no-store"
    assert json.loads(phone.response.get_data())["data"]["person"][0]["name"] == person.name

    phone.get("/me/data").submit("HTML")
    soup = BeautifulSoup(phone.response.get_data(as_text=True), "html.parser")
    assert person.email in soup.get_text()
    assert soup.select("link, script, img") == []
    assert session.scalars(select(AuditEvent.action).where(AuditEvent.action == "person.exported")).all() != []


def test_an_older_session_signs_in_once_more(app, browser, session, clock) -> None:
    person = factories.make_member(session, factories.make_group(session))
    phone = factories.sign_in(browser(), person, session)
    clock.forward(minutes=16)
    phone.get("/me/data").submit("program")
    assert phone.path == "/sign-in"
    phone.get("/me/erase").submit(email=person.email)
    assert phone.path == "/sign-in"
    assert session.get(Person, person.id) is not None


def test_who_erases_themselves_is_signed_out_everywhere(app, browser, session) -> None:
    person = factories.make_member(session, factories.make_group(session))
    person_id, email = person.id, person.email
    phone, other = (factories.sign_in(browser(), person, session) for _ in range(2))
    assert "Anmälan och platser (1)" in phone.get("/me/erase").text
    phone.submit(email="fel@example.se")
    assert phone.status == 422
    assert session.get(Person, person_id) is not None
    session.commit()
    phone.get("/me/erase").submit(email=f" {email.upper()} ")
    assert phone.path == "/sign-in"
    assert "raderad" in phone.text
    assert session.get(Person, person_id) is None
    assert session.scalars(select(LoginSession)).all() == []
    session.commit()
    assert other.get("/me").path == "/sign-in"
    assert phone.get("/me").path == "/sign-in"


def test_a_supervisor_reads_what_comes_first(app, browser, session) -> None:
    group = factories.make_group(session)
    desk = factories.sign_in(browser(), group.assignment.supervisor, session)
    desk.get("/me/erase")
    assert "Avsluta dem först" in desk.text
    assert desk.soup.select("form input[name=email]") == []


@pytest.mark.parametrize("language", ["sv", "da", "en"])
def test_what_is_kept_how_long_is_open_to_all(app, browser, language) -> None:
    page = browser().get(f"/privacy?lang={language}")
    assert page.status == 200
    assert len(page.soup.select("dl.kept dt")) == len(RETENTION)
    assert {"sv": "14 dagar efter träffen", "da": "14 dage efter mødet", "en": "14 days after the meeting"}[
        language
    ] in page.text
    assert browser().get("/sign-in").soup.select_one('footer a[href="/privacy"]') is not None
