"""The feed: times and places, for who has the token and a seat, and nothing in it that tells more."""

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from supervision.calendar.models import CalendarFeed
from supervision.groups.models import Group, Membership
from supervision.kernel.ids import fingerprint
from supervision.kernel.walltime import to_wall
from supervision.meetings import services
from supervision.meetings.models import Meeting
from tests import factories
from tests.calendar.conftest import read_in_python

NOW = factories.NOW
FIRST = date(2027, 1, 12)


@pytest.fixture
def assignment(session):
    organisation = factories.make_organisation(session, "Norrhamns kommun")
    return factories.make_assignment(
        session, None, organisation, title="Personlig assistans", ends_on=date(2027, 6, 30)
    )


@pytest.fixture
def actor(assignment):
    return factories.actor_of(assignment.supervisor)


@pytest.fixture
def group(session, assignment, actor):
    made = services.open_group(
        session,
        actor,
        assignment,
        name="Grupp Linden",
        first_on=FIRST,
        at_local=time(14),
        seats=7,
        place="Gamla apoteket; sal 2, Hörnet",
        online_link="https://meet.example.org/secret-room",
        now=NOW - timedelta(days=30),
    )
    made.status = "running"
    return made


@pytest.fixture
def leyla(session, group):
    return factories.make_member(session, group, factories.make_person(session, "Leyla Kanarie"))


@pytest.fixture
def phone(browser, session, leyla):
    return factories.sign_in(browser(), leyla, session)


def make_address(browser) -> str:
    """Make an address through the page and return its path."""
    page = browser.get("/me/calendar").submit("Gör en")
    assert page.status == 200
    return "/calendar/" + page.soup.find(id="feed-address")["value"].split("/calendar/")[1]


def entries(answer):
    assert answer.status_code == 200
    return read_in_python(answer.get_data(as_text=True))[1]


def test_the_feed_holds_times_and_places_and_nothing_else(phone, app, session, group):
    path = make_address(phone)
    answer = app.test_client().get(path)
    text = answer.get_data(as_text=True)
    dates = session.scalars(select(Meeting).order_by(Meeting.starts_at)).all()
    found = entries(answer)
    assert [(one.starts_at, one.ends_at) for one in found] == [(one.starts_at, one.ends_at) for one in dates]
    assert {one.summary for one in found} == {"Träff"}
    assert {one.place for one in found} == {"Gamla apoteket; sal 2, Hörnet"}
    for secret in (
        "Linden",
        "Leyla",
        "Kanarie",
        "Maria",
        "Norrhamn",
        "assistans",
        "andledning",
        "meet.example",
        "http",
    ):
        assert secret not in text
    names = {line.split(":")[0].split(";")[0] for line in text.replace("\r\n ", "").split("\r\n") if line}
    assert names <= {
        *("BEGIN", "END", "VERSION", "PRODID", "CALSCALE", "X-WR-CALNAME", "REFRESH-INTERVAL", "X-PUBLISHED-TTL"),
        *("UID", "DTSTAMP", "DTSTART", "DTEND", "SEQUENCE", "LAST-MODIFIED", "SUMMARY", "LOCATION", "STATUS"),
        *("TRANSP", "CLASS"),
    }


def test_an_online_group_shows_no_link(phone, app, session, group):
    for one in session.scalars(select(Meeting)):
        one.place = ""
    found = entries(app.test_client().get(make_address(phone)))
    assert {one.place for one in found} == {"På distans"}


@pytest.mark.parametrize(("language", "word"), [("sv", "Träff"), ("da", "Møde"), ("en", "Meeting")])
def test_the_word_is_neutral_in_the_reader_s_language(phone, app, session, leyla, language, word):
    path = make_address(phone)
    leyla.language = language
    session.commit()
    assert {one.summary for one in entries(app.test_client().get(path))} == {word}


def test_both_readers_see_the_same_over_daylight_saving_and_changes(phone, app, session, group, actor, read_by_both):
    """Made, moved, cancelled, added: one UID each, a rising SEQUENCE, 14.00 on the wall on both sides of the change."""
    client = app.test_client()
    path = make_address(phone)
    _, before = read_by_both(client.get(path).get_data(as_text=True))
    assert {to_wall(one.starts_at, "Europe/Stockholm").time() for one in before} == {time(14)}
    assert {one.starts_at.hour for one in before} == {12, 13}  # both sides of 28 March
    whole = select(Meeting).options(joinedload(Meeting.group).joinedload(Group.assignment))
    dates = session.scalars(whole.order_by(Meeting.starts_at)).all()
    later = NOW + timedelta(hours=3)
    services.move(session, actor, dates[0], on=date(2027, 1, 13), at_local=time(9), place="Biblioteket", now=later)
    services.cancel(session, actor, dates[1], by_supervisor=True, now=later)
    extra = services.add_date(session, actor, group, on=date(2027, 3, 28), at_local=time(1, 30), place="", now=later)
    services.move(session, actor, dates[0], on=date(2027, 1, 14), at_local=time(9), place="Biblioteket", now=later)
    session.commit()
    method, after = read_by_both(client.get(path).get_data(as_text=True))
    assert method is None
    was, now = ({one.uid: one for one in seen} for seen in (before, after))
    assert set(now) == set(was) | {f"{extra.id}@rundan"}
    moved, cancelled = now[f"{dates[0].id}@rundan"], now[f"{dates[1].id}@rundan"]
    assert (moved.sequence, moved.status, moved.place) == (2, "CONFIRMED", "Biblioteket")
    assert (moved.starts_at, moved.stamped_at) == (datetime(2027, 1, 14, 8, 0, tzinfo=UTC), later)
    assert (cancelled.sequence, cancelled.status) == (1, "CANCELLED")
    assert now[f"{extra.id}@rundan"].starts_at == datetime(2027, 3, 28, 0, 30, tzinfo=UTC)
    untouched = set(was) - {moved.uid, cancelled.uid}
    assert all(was[uid] == now[uid] for uid in untouched)


def test_the_same_dates_are_the_same_bytes_and_answered_304(phone, app, clock, session, actor):
    client, path = app.test_client(), make_address(phone)
    first = client.get(path)
    clock.forward(hours=5)
    assert client.get(path).data == first.data
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    one = session.scalars(select(Meeting).options(joinedload(Meeting.group).joinedload(Group.assignment))).first()
    services.cancel(session, actor, one, by_supervisor=True, now=clock.at)
    session.commit()
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_answer_needs_no_cookie_and_sets_none(phone, app):
    answer = app.test_client().get(make_address(phone))
    assert answer.headers.getlist("Set-Cookie") == []
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_a_left_group_is_gone_and_with_the_last_one_the_feed(phone, app, clock, session, group, leyla, assignment):
    client = app.test_client()
    other = factories.make_group(session, assignment)
    kept = factories.make_meeting(session, other, NOW + timedelta(days=2))
    factories.make_member(session, other, leyla)
    path = make_address(phone)
    assert len(entries(client.get(path))) > 1
    seats = {
        seat.group_id: seat for seat in session.scalars(select(Membership).where(Membership.person_id == leyla.id))
    }
    seats[group.id].left_at = NOW
    session.commit()
    assert [one.uid for one in entries(client.get(path))] == [f"{kept.id}@rundan"]
    seats[other.id].left_at = NOW
    session.commit()
    assert client.get(path).status_code == 404
    seats[other.id].left_at = None
    other.status = "ended"
    session.commit()
    assert client.get(path).status_code == 404


def test_a_supervisor_s_feed_holds_all_their_groups(browser, app, session, group, assignment):
    supervisor = assignment.supervisor
    elsewhere = factories.make_assignment(session, supervisor, factories.make_organisation(session, "Ängsviken"))
    factories.make_meeting(session, factories.make_group(session, elsewhere))
    theirs = factories.make_meeting(session, factories.make_group(session))
    found = entries(app.test_client().get(make_address(factories.sign_in(browser(), supervisor, session))))
    assert len(found) == len(session.scalars(select(Meeting)).all()) - 1
    assert f"{theirs.id}@rundan" not in {one.uid for one in found}


def test_a_new_address_ends_the_old_and_ending_ends_it(phone, app, session):
    client = app.test_client()
    old = make_address(phone)
    new = make_address(phone)
    assert (client.get(old).status_code, client.get(new).status_code) == (404, 200)
    phone.get("/me/calendar").submit("Avsluta adressen")
    assert "Adressen har slutat gälla" in phone.text
    assert client.get(new).status_code == 404
    assert not session.scalars(select(CalendarFeed)).all()


def test_a_button_pressed_four_times_at_once_makes_one_address(browser, session, leyla):
    windows = [factories.sign_in(browser(), leyla, session).get("/me/calendar") for _ in range(4)]
    session.commit()
    session.close()

    def press(window):
        token = window.soup.find("input", {"name": "csrf_token"})["value"]
        return window.client.post("/me/calendar/make", data={"csrf_token": token}).status_code

    with ThreadPoolExecutor(4) as at_once:
        assert list(at_once.map(press, windows)) == [200] * 4
    assert len(session.scalars(select(CalendarFeed)).all()) == 1


def test_the_token_is_shown_once_and_kept_only_as_a_hash(phone, session):
    path = make_address(phone)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    assert session.scalars(select(CalendarFeed.token_hash)).all() == [fingerprint(token)]
    assert token not in phone.get("/me/calendar").response.get_data(as_text=True)


def test_no_log_holds_the_token(phone, app, caplog, monkeypatch):
    path = make_address(phone)
    token = path.removeprefix("/calendar/").removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        app.test_client().get(path)
        app.test_client().get(path.replace(token[:5], "aaaaa"))
    assert token[5:] not in caplog.text


def test_guessing_and_hammering_have_to_wait(phone, app, clock):
    client, path = app.test_client(), make_address(phone)
    answers = [client.get(path).status_code for _ in range(40)]
    assert answers[:30] == [200] * 30
    assert answers[-1] == 429
    assert int(client.get(path).headers["Retry-After"]) > 0
    guesses = [client.get(f"/calendar/{'x' * 42}{n}.ics").status_code for n in range(30)]
    assert guesses[:20] == [404] * 20
    assert guesses[-1] == 429
    clock.forward(minutes=16)
    assert client.get(path).status_code == 200


def test_a_feed_asks_as_often_for_ten_groups_as_for_one(phone, app, session, count_queries, leyla, assignment):
    client, path = app.test_client(), make_address(phone)
    client.get(path)
    asked = []
    for _ in range(2):
        session.commit()
        count_queries.clear()
        assert client.get(path).status_code == 200
        asked.append(len(count_queries))
        for n in range(9):
            group = factories.make_group(session, assignment)
            factories.make_member(session, group, leyla)
            for m in range(5):
                factories.make_meeting(session, group, NOW + timedelta(days=n + 14 * m))
    assert asked[0] == asked[1] <= 7


def test_without_a_seat_there_is_nothing_to_make(browser, session):
    someone = factories.sign_in(browser(), factories.make_person(session), session)
    assert "Du har inga datum än" in someone.get("/me/calendar").text
    assert someone.soup.find("form", action="/me/calendar/make") is None
