import uuid

import pytest
from sqlalchemy import select

from supervision.formats.models import OwnFormat
from supervision.formats.rules import own_key
from supervision.people import services as people
from supervision.people.models import Person
from tests import factories as make


@pytest.fixture
def desk(session, browser):
    return make.sign_in(browser(), make.make_supervisor(session), session)


def only(session):
    return session.scalars(select(OwnFormat)).one()


def test_every_format_is_shown_with_who_speaks_its_minutes_and_source(desk):
    desk.get("/formats")
    assert len(desk.soup.select("#ready ~ ul > li")) == 13
    assert "Gruppen frågar, ärendegivaren svarar" in desk.text
    assert "Tietze" in desk.text
    assert "Inga än" in desk.text


def test_a_format_is_copied_changed_renamed_and_deleted(desk, session):
    desk.get("/formats/new?from=classic_two")
    assert desk.soup.find("input", {"name": "name"})["value"] == "Två ärenden (egen)"
    desk.submit("Spara samtalsordningen", **{"name": "Min runda", "phases-1-minutes": "9", "phases-9-minutes": "1"})
    assert desk.path == "/formats"
    own = only(session)
    made = own.format
    assert made.key == own_key(own.id)
    assert len(made.key) <= 40
    assert made.name == {"sv": "Min runda", "da": "Min runda", "en": "Min runda"}
    assert [phase.planned_s // 60 for phase in made.opening] == [3, 9, 4]
    assert made.opening[1].name["da"] == "Tjek ind"  # an unchanged name keeps its other languages
    desk.get(f"/formats/{own.id}/edit").submit("Spara samtalsordningen", name="Vår runda")
    assert "Vår runda" in desk.text
    desk.get(f"/formats/{own.id}/delete").submit("Ja, ta bort den")
    assert session.scalars(select(OwnFormat)).all() == []


def test_a_wrong_sum_is_refused_and_nothing_typed_is_lost(desk, session):
    desk.get("/formats/new").submit("Spara samtalsordningen", **{"phases-0-minutes": "5", "phases-0-name": "Start"})
    assert desk.status == 422
    assert "Faserna är 92 minuter tillsammans, träffen är 90." in desk.text
    assert desk.soup.find("input", {"name": "phases-0-name"})["value"] == "Start"
    assert session.scalars(select(OwnFormat)).all() == []


def test_a_minimum_above_the_minutes_and_a_missing_name_are_said_at_the_phase(desk):
    desk.get("/formats/new").submit("Spara samtalsordningen", **{"phases-0-least": "4", "phases-1-name": ""})
    assert desk.status == 422
    assert desk.soup.find(id="phases-0-least-error")
    assert "Ge fasen ett namn." in desk.soup.find(id="phases-1-name-error").get_text()


def values(desk, column):
    return [one["value"] for one in desk.soup.select(f'input[name$="-{column}"]')]


def test_phases_are_moved_added_and_removed_without_script(desk):
    desk.get("/formats/new")
    names = values(desk, "name")
    desk.submit("Ner Inramning", **{"phases-0-minutes": "4"})
    assert values(desk, "name") == [names[1], names[0], *names[2:]]
    assert "Faserna är 91 minuter, 1 fler än träffen." in desk.text
    desk.submit("Ner Uppföljning")  # past the last of its part: into the next one
    assert values(desk, "block").count("case") == 6
    assert values(desk, "name") == [names[1], names[0], *names[2:]]
    desk.submit("Lägg till en fas Slutet")
    assert values(desk, "name")[-1] == ""
    desk.submit("Ta bort Avrundning")
    assert len(values(desk, "name")) == len(names)
    desk.post("/formats/new", {"do": "up:99", "phases-0-block": "nowhere", "cases": "x"})
    assert desk.status == 200


def test_an_own_format_is_its_makers_alone(desk, session, browser):
    desk.get("/formats/new").submit("Spara samtalsordningen")
    own = only(session)
    other = make.sign_in(browser(), make.make_supervisor(session, "Jens Holm"), session)
    member = make.sign_in(browser(), make.make_member(session, make.make_group(session)), session)
    for someone in (other, member):
        assert someone.get(f"/formats/{own.id}/edit").status == 404
        assert someone.get(f"/formats/{own.id}/delete").status == 404
    assert own.format.name["sv"] not in other.get("/formats").text
    assert member.get("/formats").status == 403
    assert desk.get(f"/formats/{uuid.uuid4()}/edit").status == 404


def test_a_supervisor_without_a_key_of_their_own_changes_no_format(desk, session, browser):
    desk.get("/formats/new").submit("Spara samtalsordningen")
    own = only(session)
    maker = session.get_one(Person, own.supervisor_id)
    maker.password_hash = None  # known to the provider only
    with_code = browser()
    token = people.start_session(session, maker, is_own_device=False, now=make.NOW)
    session.commit()
    with with_code.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    assert with_code.get("/me").status == 200
    assert with_code.get(f"/formats/{own.id}/edit").status == 403
    assert with_code.get(f"/formats/{own.id}/delete").status == 403
