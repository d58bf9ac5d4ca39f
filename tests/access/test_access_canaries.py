"""A word of its own stands in each confidential field; nobody finds one not meant for them (PRIVACY: who may do what).

Searched are pages, tables, papers, calendars, headers, mails, pages of errors, and the log.
"""

import logging
from collections.abc import Iterator, Sized
from dataclasses import replace
from datetime import timedelta
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from sqlalchemy import JSON, LargeBinary, String, create_engine, select

from supervision import jobs
from supervision.app import create_app
from supervision.outbox.models import Mail
from supervision.store.base import Base
from supervision.store.database import db
from supervision.web import errors
from tests.access.asking import House
from tests.access.crawl import crawl
from tests.access.matrix import EVERYONE, NOBODY, WHOLE, columns, is_denied, read, uses
from tests.access.reading import mail_text, text_of, words_in
from tests.access.world import NOW

OFFICE = ("participant own", "supervisor own", "manager own", "coordinator own")
"""Whose every right is used: they must find all that is for them, or the search would find nothing anywhere."""
SENDERS = EVERYONE if WHOLE else (*OFFICE, "operator stranger", NOBODY)
"""Whose forms are sent."""
OWN_DATA = "/me/data"
OF_THEIR_OWN = {
    "participant other organisation": "assignment.title / elsewhere",
    "participant ex-member": "* / who left*",
}
"""What of someone stands in what they take out for themselves, besides what carries their name -> the places."""
INVITED = {"invitation.token_hash / own", "person.name / manager stranger", "person.email / manager stranger"}
"""What the link of the invitation in the world opens to whoever has it."""
IN_MAILS = {"filler one": "participant same group", "filler two": "participant other group"}


@pytest.fixture(autouse=True)
def log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Whatever else is searched: no canary stands in the log."""
    caplog.set_level(logging.INFO)
    yield caplog
    assert not words_in(caplog.text), "a canary stands in the log"


@cache
def rows() -> tuple[tuple[str, tuple[str, ...]], ...]:
    sets = read("matrix.yaml")["sets"]
    special = {"oneself", "everyone"}
    return tuple(
        (
            pattern,
            tuple(
                one
                for name in who
                for one in ([name] if name in special or name.startswith("filler") else columns([name], sets))
            ),
        )
        for pattern, who in read("canaries.yaml")["who"]
    )


def may_read(place: str, who: str) -> bool:
    """Whether canaries.yaml lets one column read what stands in a place."""
    whose = place.split(" / ")[1].removesuffix(", elsewhere")
    for pattern, readers in rows():
        if fnmatchcase(place, pattern):
            return (
                "everyone" in readers
                or (who == whose and "oneself" in readers)
                or any(fnmatchcase(who, one) for one in readers)
            )
    return False


def test_every_column_of_texts_has_a_decision() -> None:
    decided = read("canaries.yaml")["columns"]
    found = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, String | LargeBinary | JSON)
    }
    assert not found - decided.keys(), "say in tests/access/canaries.yaml whose words are in these columns"
    assert not decided.keys() - found, "tests/access/canaries.yaml knows columns that do not exist"


def test_every_canary_of_the_list_is_in_the_world(house: House) -> None:
    planned = {name for name, said in read("canaries.yaml")["columns"].items() if said == "canary"}
    assert planned == {place.split(" / ")[0] for place in house.world.canaries.values()}


def test_every_row_says_something_of_a_canary(house: House) -> None:
    places = house.world.canaries.values()
    unused = [pattern for pattern, _who in rows() if not any(fnmatchcase(place, pattern) for place in places)]
    assert not unused


@pytest.mark.parametrize("who", EVERYONE)
def test_nobody_reads_what_is_not_for_them(house: House, who: str, figures: dict[str, Any]) -> None:
    found: set[str] = set()
    wrong = set()
    for path, text in crawl(house, who):
        figures["pages read"] = figures.get("pages read", 0) + 1
        for word in words_in(text):
            place = house.world.canaries[word]
            found.add(place)
            if not may_read(place, who):
                wrong.add(f"{place} on {path}")
    count(figures, planted=house.world.canaries, wrong=wrong)
    assert not sorted(wrong), f"{who} reads what is not theirs"
    if who in OFFICE:
        missed = {place for place in house.world.canaries.values() if may_read(place, who)} - found
        assert not sorted(missed), f"{who} finds nowhere what they may read: the search or the list is wrong"
    else:
        assert found or who == NOBODY


def readers_of(mails: list[Mail], house: House) -> Iterator[str]:
    """Return what stands in a mail that its reader may not know."""
    for mail in mails:
        column = house.world.emails.get(mail.to_email, NOBODY)
        for word in words_in(mail_text(mail)):
            place = house.world.canaries[word]
            as_who = next((one for begins, one in IN_MAILS.items() if column.startswith(begins)), column)
            own = {f"person.{one} / {column}" for one in ("name", "email")}
            if mail.kind == "staff_invitation":  # to whom the list names
                own.add("staff_list.read_sealed / name")
            if not may_read(place, as_who) and place not in own:
                yield f"{place} to {column} in {mail.kind}"


def new_mails(house: House) -> list[Mail]:
    with house.app.app_context():
        found = db.session.scalars(select(Mail).where(Mail.kind != "code of the world")).all()
        db.session.expunge_all()
        db.session.remove()
    return [mail for mail in found if not words_in(mail.message_id)]


@pytest.mark.parametrize("who", SENDERS)
def test_every_form_sends_mail_only_to_those_who_may_read_it(house: House, who: str, figures: dict[str, Any]) -> None:
    """Each form of each page one may see is sent as the page offers it, and each request of the matrix as it says."""
    wrong: set[str] = set()
    kinds = figures.setdefault("mails of forms", {})
    sent = 0

    def look() -> None:
        nonlocal sent
        mails = new_mails(house)
        sent += len(mails)
        for mail in mails:
            kinds[mail.kind] = kinds.get(mail.kind, 0) + 1
        wrong.update(readers_of(mails, house))

    house.before_put_back = look
    try:
        for path, data in sendings(house, who):
            answer = house.send(who, "POST", path, data)
            figures["forms sent"] = figures.get("forms sent", 0) + 1
            wrong.update(
                f"{place} answering {path}"
                for place in map(house.world.canaries.get, words_in(text_of(answer.response)))
                if place
                and not may_read(place, who)
                and not (path == OWN_DATA and is_ones_own(place, who))
                and not is_opened_by(place, path, house)
            )
    finally:
        house.before_put_back = lambda: None
    count(figures, wrong=wrong)
    assert not sorted(wrong)
    assert sent or who not in OFFICE


def is_opened_by(place: str, path: str, house: House) -> bool:
    """Whether a path holds the key of an invitation: whoever has that reads the key there, and whom it is for."""
    return path.startswith(f"/invitation/{house.world.things['invitation token']}") and place in INVITED


def is_ones_own(place: str, who: str) -> bool:
    """Whether something is said of or by the person of this column, as their own data tells it."""
    return place.endswith(f" / {who}") or fnmatchcase(place, OF_THEIR_OWN.get(who, ""))


def sendings(house: House, who: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return address and fields of everything one can send."""
    seen = set()
    for use in uses():
        if is_denied(use, who) or use.method not in {"GET", "POST"}:
            continue
        path = house.path(use.endpoint, use.method, {k: house.named(v) for k, v in use.things.items()}, use.query)
        if use.method == "POST":
            yield path, {k: house.sent(v) for k, v in use.send.items()}
            continue
        for form in forms_on(house.send(who, "GET", path).response, path):
            if repr(form) not in seen:
                seen.add(repr(form))
                yield form


def count(figures: dict[str, Any], planted: Sized = (), wrong: Sized = ()) -> None:
    """Note how many canaries there are, and how many were read by those they are not for."""
    figures["canaries"] = max(figures.get("canaries", 0), len(planted))
    figures["canaries found by others"] = figures.get("canaries found by others", 0) + len(wrong)


def forms_on(response: Any, path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return address and fields of each form of a page, filled as the page offers it, once for each of its buttons."""
    if response.mimetype != "text/html":
        return
    for form in BeautifulSoup(response.get_data(as_text=True), "html.parser").select("form[method=post]"):
        data: dict[str, Any] = {}
        for control in form.select("input[name], textarea[name], select[name]"):
            name = str(control["name"])
            if control.name == "select":
                chosen = control.select_one("option[selected]") or control.select_one("option")
                data[name] = chosen["value"] if chosen else ""
            elif control.name == "textarea":
                data[name] = control.get_text().lstrip("\n")
            elif control.get("type") in {"checkbox", "radio"}:
                if control.has_attr("checked") or (control.get("type") == "radio" and name not in data):
                    data[name] = control.get("value", "y")
            elif control.get("type") not in {"submit", "file"} and name != "csrf_token":
                data[name] = control.get("value", "")
        for button in form.select("button"):
            pressed = {str(button["name"]): button.get("value", "")} if button.get("name") else {}
            yield str(button.get("formaction") or form.get("action") or path), data | pressed


@pytest.mark.parametrize("days", [0, 11, 27])
def test_the_jobs_write_only_to_those_who_may_read_it(house: House, days: int) -> None:
    edge = house.app.extensions["edge"]
    clock = edge.clock
    edge.clock = lambda: NOW + timedelta(days=days, hours=1)
    try:
        jobs.sweep_all(house.app)
        mails = new_mails(house)
        wrong = sorted(readers_of(mails, house))
    finally:
        edge.clock = clock
        house.put_back()
    assert mails
    assert not wrong


def test_no_page_of_an_error_and_no_log_of_one_holds_what_was_sent_or_shown(
    house: House, log: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    secret = next(word for word, place in house.world.canaries.items() if place.endswith("draft title"))
    own, things = "participant own", house.world.things
    sent = {"kind": "case", "title": secret, "situation": secret, "question": secret}
    write = f"/groups/{things['group one']}/cases/new"

    def fault(*_args: object, **shown: Any) -> None:
        raise ValueError(f"{len(shown)} things to show")

    app = create_app(replace(house.app.config["SETTINGS"], testing=False))
    app.extensions["edge"].clock = lambda: NOW
    broken = House(app, house.world, house.restore)
    try:
        answers = {
            404: broken.send(own, "POST", f"/cases/{secret}", sent),
            405: broken.send(own, "POST", "/health", sent),
            400: broken.send(own, "POST", write, sent | {"csrf_token": secret}),
            403: broken.send(own, "POST", f"/groups/{things['group one']}/seats", sent),
            413: broken.send(own, "POST", write, sent | {"situation": secret * 200_000}),
        }
        with monkeypatch.context() as patch:
            patch.setattr("supervision.cases.routes.page", fault)
            answers[500] = broken.send(own, "GET", f"/cases/{things['case draft']}")
        engine = create_engine(house.app.config["SETTINGS"].database_url)
        with engine.begin() as connection:
            connection.exec_driver_sql("ALTER TABLE case_item RENAME COLUMN tags TO tags_of_old")
        engine.dispose()
        answers[503] = broken.send(own, "POST", write, sent)
    finally:
        broken.close()
        house.put_back()
        with app.app_context():
            db.engine.dispose()
    assert {code: answer.response.status_code for code, answer in answers.items()} == {code: code for code in answers}
    # of the others 410 is of keys/test_keys_lost.py, and four are answered before anything is read
    assert set(answers) | {409, 410, 414, 429, 431} == set(errors.PAGES)
    assert not {code for code, answer in answers.items() if words_in(text_of(answer.response))}
    assert "Traceback" in log.text
