"""What was typed is never lost to a session that ended meanwhile, and is shown to nobody but who typed it."""

import logging
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from supervision.cases.models import Case, FollowUp
from supervision.evaluations.models import GroupStatement, ManagerAnswer
from supervision.groups.models import Agreement
from supervision.notes.forms import NoteForm
from supervision.notes.models import Note
from supervision.orgs.models import Assignment
from supervision.people import services as people_services
from tests import factories as make
from tests.factories import NOW

WORDS = 'Första raden <b>"hej"</b> & så\nandra raden'
SHOWN = "Första raden &lt;b&gt;&#34;hej&#34;&lt;/b&gt; &amp; så\nandra raden"
PLACES = ("case", "note", "statement", "agreement", "assignment")


@pytest.fixture
def desk(session, browser):
    """A member and a supervisor of a group, signed in; and where each of them writes: path, field, what is sent."""
    maria = make.make_supervisor(session)
    assignment = make.make_assignment(session, maria)
    group = make.make_group(session, assignment)
    elin = make.make_member(session, group)
    make.make_meeting(session, group, NOW + timedelta(days=9))
    new = f"/groups/{group.id}"
    places = {
        "case": ("elin", f"{new}/cases/new", "situation", {"situation": WORDS, "wishes": ["listen", "ask"]}),
        "note": ("maria", f"{new}/notes/new", "text", {"text": WORDS}),
        "statement": ("maria", f"{new}/statement/write", "text", {"text": WORDS, "seen": "0"}),
        "agreement": ("maria", f"{new}/agreement/change", "text", {"text": WORDS}),
        "assignment": (
            "maria",
            f"/organisations/{assignment.organisation_id}/assignments/new",
            "aims",
            {"aims": WORDS},
        ),
    }
    people = {"elin": elin, "maria": maria}
    session.commit()
    return {"places": places, "people": people} | {
        name: as_browser(browser(), one, session) for name, one in people.items()
    }


def as_browser(browser, person, session):
    """Signed in, and telling where its forms come from, as every browser does."""
    browser.client.environ_base["HTTP_ORIGIN"] = "http://localhost"
    return make.sign_in(browser, person, session)


def sign_out_elsewhere(page) -> None:
    """Another tab of the same browser has signed out: nothing is left in the cookie."""
    with page.client.session_transaction() as cookie:
        cookie.clear()


def rows(session) -> int:
    tables = (Case, FollowUp, Note, GroupStatement, ManagerAnswer, Agreement, Assignment)
    count = sum(session.scalar(select(func.count()).select_from(one)) for one in tables)
    session.commit()  # on SQLite nobody else could write
    return count


def words_in(page, name: str) -> str:
    return page.soup.find("textarea", {"name": name}).get_text().lstrip("\r\n").replace("\r\n", "\n")


@pytest.mark.parametrize("place", PLACES)
def test_a_session_that_ends_while_writing_loses_nothing(desk, session, clock, caplog, place) -> None:
    caplog.set_level(logging.DEBUG)
    who, path, name, typed = desk["places"][place]
    page = desk[who].get(path)
    before = rows(session)
    clock.forward(days=40)
    answer = page.post(path, typed).response
    assert (answer.status_code, answer.headers["Cache-Control"]) == (403, "no-store")
    assert SHOWN in answer.get_data(as_text=True)
    assert page.soup.find("textarea", {"name": name}).has_attr("readonly")
    assert words_in(page, name) == WORDS
    assert not page.soup.select("[name=csrf_token]"), "the form saves nothing, it only opens again"
    way = page.soup.select_one("main a.btn-primary")
    assert (way["target"], way["href"].split("?")[0]) == ("_blank", "/sign-in")
    page.submit(**{name: WORDS})  # too early
    assert (page.status, words_in(page, name)) == (403, WORDS)
    assert rows(session) == before
    assert "andra raden" not in caplog.text


@pytest.mark.parametrize("place", PLACES)
def test_after_signing_in_beside_it_the_form_opens_with_everything_and_saves(desk, session, place) -> None:
    who, path, name, typed = desk["places"][place]
    page = desk[who].get(path)
    before = rows(session)
    sign_out_elsewhere(page)
    assert page.post(path, typed).status == 403
    as_browser(page, desk["people"][who], session)
    along: dict[str, list[str]] = {}
    for one in page.soup.select("main input[type=hidden]"):  # a name can stand there more than once
        along.setdefault(one["name"], []).append(one["value"])
    page.submit(**{name: WORDS}, **along)
    assert (page.status, words_in(page, name)) == (422, WORDS)
    assert rows(session) == before, "shown again, not saved"
    if place == "case":
        assert [one["value"] for one in page.soup.select("[name=wishes][checked]")] == ["listen", "ask"]
    more = {"title": "Nytt", "starts_on": "2027-01-11", "ends_on": "2028-01-11"} if place == "assignment" else {}
    page.submit(**{name: WORDS}, **more)
    assert page.status == 200
    assert rows(session) > before


@pytest.mark.parametrize("place", PLACES)
def test_a_page_from_an_earlier_sign_in_comes_back_with_a_token_that_works(desk, session, place) -> None:
    who, path, name, typed = desk["places"][place]
    page = desk[who].get(path)
    before = rows(session)
    sent = {"csrf_token": page.soup.find("input", {"name": "csrf_token"})["value"], **typed}
    sign_out_elsewhere(page)
    as_browser(page, desk["people"][who], session)
    page._send("post", path, data=sent)  # a token that the present page does not have
    assert (page.status, words_in(page, name)) == (422, WORDS)
    assert "öppen för länge" in page.text
    assert rows(session) == before


@pytest.mark.parametrize(
    "heads",
    [{}, {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}],
    ids=["a browser that says nothing", "elsewhere", "nowhere", "another site"],
)
@pytest.mark.parametrize("is_out", [True, False])
def test_no_other_site_can_make_a_page_show_words(desk, session, heads, is_out) -> None:
    who, path, _name, typed = desk["places"]["case"]
    page = desk[who]
    before = rows(session)
    if is_out:
        sign_out_elsewhere(page)
    page.client.environ_base.pop("HTTP_ORIGIN")
    answer = page.client.post(path, data={"csrf_token": "x", **typed}, headers=heads)
    assert answer.status_code == 400
    assert "andra raden" not in answer.get_data(as_text=True)
    assert rows(session) == before


def test_who_lacks_the_second_step_is_sent_to_it_beside_the_text(desk, session) -> None:
    _who, path, name, typed = desk["places"]["note"]
    page = desk["maria"].get(path)
    token = people_services.start_session(session, desk["people"]["maria"], is_own_device=True, now=NOW)
    session.commit()
    with page.client.session_transaction() as cookie:
        cookie["_user_id"] = token
    page.post(path, typed)
    assert (page.status, words_in(page, name)) == (403, WORDS)
    assert page.soup.select_one("main a.btn-primary")["href"].split("?")[0] == "/sign-in/factor"


def test_only_what_the_form_has_comes_back_and_an_empty_form_goes_to_sign_in(desk, clock) -> None:
    who, path, _name, typed = desk["places"]["case"]
    page = desk[who].get(path)
    clock.forward(days=40)
    page.post(path, {**typed, "password": "hemligt-1", "code": "482913", "q_1": "5", "next": "/dit"})
    text = page.response.get_data(as_text=True)
    assert WORDS.splitlines()[1] in text
    assert not [one for one in ("hemligt-1", "482913", 'name="q_1"', "/dit") if one in text]
    page.get("/sign-in").post(path, {"title": " ", "situation": ""})
    assert (page.status, page.path) == (200, "/sign-in")
    for heads in ({}, {"HX-Request": "true"}):
        bare = page.client.post(path, data={"csrf_token": "x", "title": " "} | (typed if heads else {}), headers=heads)
        assert bare.status_code == 400, "with no text, or within a page, a wrong token is a wrong token"


def test_forms_that_give_back_are_a_named_list_without_answers_or_secrets(app) -> None:
    """An answer to the evaluation would stand on a page after its session has ended; it is twelve taps, no text."""
    marked = {name for name, view in app.view_functions.items() if hasattr(view, "gives_back")}
    assert marked == {
        "cases.write",
        "cases.edit",
        "cases.follow_up",
        "notes.write",
        "notes.edit",
        "evaluations.write_statement",
        "evaluations.answer_report",
        "groups.change_agreement",
        "orgs.order_assignment",
    }


def test_a_view_that_acts_in_spite_of_a_wrong_token_is_undone(desk, session, monkeypatch) -> None:
    _who, path, _name, typed = desk["places"]["note"]
    page = desk["maria"].get(path)
    before = rows(session)
    monkeypatch.setattr(NoteForm, "validate_on_submit", lambda _form: True)
    assert page.client.post(path, data={"csrf_token": "x", **typed}).status_code == 400
    assert rows(session) == before
