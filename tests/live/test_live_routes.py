import json
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from supervision import live
from supervision.cases.models import Case
from supervision.jobs import transaction
from supervision.live import queries, services, tasks
from supervision.live.models import LiveControl, LiveEvent, LiveSummary
from supervision.live.rules import Participant, view_at
from supervision.meetings.models import Answer
from tests import factories as make

NAMES = ["Tomasz Kowalski", "Amina Hassan", "Birgitta Svensson", "Elin Jansson", "Leyla Demir"]


@pytest.fixture
def table(session, browser, clock):
    """A group with a meeting now, its supervisor and a member signed in."""

    class Table:
        pass

    made = Table()
    made.organisation = make.make_organisation(session)
    made.supervisor = make.make_supervisor(session)
    made.group = make.make_group(session, make.make_assignment(session, made.supervisor, made.organisation))
    made.people = {
        name.split()[0]: make.make_member(session, made.group, make.make_person(session, name)) for name in NAMES
    }
    made.meeting = make.make_meeting(session, made.group)
    clock.set(made.meeting.starts_at)
    made.url = f"/meetings/{made.meeting.id}"
    made.screen = make.sign_in(browser(), made.supervisor, session)
    made.phone = make.sign_in(browser(), made.people["Elin"], session)
    return made


def begin(table, **values):
    table.screen.get(f"{table.url}/live/prepare")
    table.screen.submit("Börja", **values)
    assert table.screen.path == f"{table.url}/live"


def tap(table, name, button=None):
    """Press a place, as the form of the table does."""
    place = table.screen.soup.find("button", class_="place", value=str(table.people[name].id))
    form = table.screen.soup.find("form", id=place["form"])
    data = {one["name"]: one["value"] for one in form.select("input")}
    return table.screen.post(f"{table.url}/live/command", {**data, place["name"]: place["value"]})


def act(table, what):
    form = table.screen.soup.find("form", id="act")
    data = {one["name"]: one["value"] for one in form.select("input")}
    return table.screen.post(f"{table.url}/live/command", {**data, "act": what})


def kinds(session, table):
    rows = session.scalars(select(LiveEvent).where(LiveEvent.meeting_id == table.meeting.id).order_by(LiveEvent.seq))
    return [row.kind for row in rows]


def key(person):
    return person.id.hex


def test_a_whole_meeting(session, table, clock):
    people = table.people
    session.add(
        Answer(meeting_id=table.meeting.id, person_id=people["Amina"].id, is_coming=False, answered_at=clock.at)
    )
    case = Case(
        group_id=table.group.id,
        author_id=people["Leyla"].id,
        kind="case",
        status="chosen",
        meeting_id=table.meeting.id,
        wishes=["advise"],
        created_at=clock.at,
        changed_at=clock.at,
        offered_at=clock.at,
    )
    session.add(case)
    session.commit()
    begin(table, presenter_2=str(people["Tomasz"].id))
    assert table.meeting.status == "live"
    assert table.meeting.format_key == "classic_two"
    assert "Amina" not in table.screen.text
    assert "Ärende" in table.screen.text
    assert "Inramning" in table.screen.soup.h1.get_text()

    clock.forward(minutes=3)
    act(table, "next_phase")
    assert "Incheckning" in table.screen.soup.h1.get_text()
    tap(table, "Birgitta")
    clock.forward(seconds=50)
    act(table, f"interpose:{people['Elin'].id}")
    clock.forward(seconds=20)
    act(table, "release")
    act(table, "pause")
    assert "Klockan är pausad" in table.screen.text
    clock.forward(minutes=5)
    act(table, "resume")
    clock.forward(seconds=10)
    tap(table, "Tomasz")
    act(table, "undo")
    session.expire_all()
    state = queries.state_of(session, table.meeting)
    assert state.holder == str(people["Birgitta"].id)
    seen = {place.person_id: place.used_s for place in view_at(state, clock.at).places}
    assert seen[str(people["Birgitta"].id)] == pytest.approx(60)

    before = table.screen.text
    assert table.screen.get(f"{table.url}/live").text == before  # a reload in the middle loses nothing

    act(table, f"pass:{people['Leyla'].id}")
    assert "frågas en gång till" in table.screen.text
    while "Nästa fas" in table.screen.text:
        clock.forward(minutes=4)
        act(table, "next_phase")
    table.screen.get(f"{table.url}/live/end").submit("Avsluta träffen")
    assert table.screen.path == f"{table.url}/attendance"
    session.expire_all()
    assert table.meeting.status == "held"
    assert session.get(LiveSummary, table.meeting.id).length_s > 0
    assert case.status == "presented"
    its_summary(table)


def its_summary(table):
    people = table.people
    table.screen.get(f"{table.url}/summary")
    assert "Birgitta" in table.screen.text
    assert "Elin" in table.screen.text
    names = [one.get_text().split()[0] for one in table.screen.soup.select("#spoken ~ table tbody th")]
    assert names == ["Tomasz", "Birgitta", "Elin", "Leyla"]  # the order of places, no ranking
    table.phone.get(f"{table.url}/summary")
    assert "0:20" in table.phone.text
    assert "Birgitta" not in table.phone.text

    table.screen.get(f"{table.url}/live/correct").submit(
        "Spara", person_id=str(people["Birgitta"].id), phase="1", minutes="1", seconds="30"
    )
    assert "1:30" in table.screen.text


def test_the_same_form_twice_is_one_event(session, table, clock):
    begin(table)
    clock.forward(minutes=1)
    form = table.screen.soup.find("form", id="act")
    data = {one["name"]: one["value"] for one in form.select("input")} | {"act": "next_phase"}
    for _ in range(2):
        table.screen.post(f"{table.url}/live/command", data)
        assert table.screen.status == 200
    assert kinds(session, table) == ["start", "next_phase"]


def test_another_device_is_refused_until_it_takes_over(session, table, browser, clock):
    begin(table)
    other = make.sign_in(browser(), table.supervisor, session)
    other.get(f"{table.url}/live")
    assert "En annan skärm har styrt sedan" in other.text
    assert "Lämna över" not in other.text
    assert not other.soup.select("button.place")
    other.post(f"{table.url}/live/command", {"act": "next_phase", "device_event_id": "abc", "from": "0"})
    assert kinds(session, table) == ["start"]
    assert "En annan skärm har styrt sedan 14.00. Därför är inget ändrat." in other.text
    other.get(other.soup.find("a", string="Ta över här")["href"])
    assert "En annan skärm har styrt sedan 14.00" in other.text
    other.submit("Ja, ta över här")
    assert other.soup.select("button.place")
    act(table, "next_phase")
    assert kinds(session, table) == ["start"]
    assert session.get(LiveControl, table.meeting.id) is not None
    with other.client.session_transaction() as cookie:
        assert session.get(LiveControl, table.meeting.id).device_id == cookie["device"]


def test_the_room_shows_no_minutes(table, clock):
    table.phone.get(f"{table.url}/room")
    assert "Rundan" in table.phone.soup.h1.get_text()
    begin(table)
    act(table, "next_phase")
    tap(table, "Birgitta")
    clock.forward(minutes=2, seconds=17)
    table.phone.get(f"{table.url}/room")
    text = str(table.phone.soup)
    assert "Incheckning" in table.phone.text
    assert "Har ordet" in table.phone.text
    assert "2:17" not in text
    assert "data-share" not in text
    assert "data-used" not in text
    assert "pair-bar" not in text
    assert 'class="ring"' not in text
    assert "påminnelsen" not in text
    times = re.findall(r"\d+:\d\d", table.phone.text)
    assert len(times) == 1  # what is left of the phase


def test_reminders_are_the_supervisors(table, clock):
    begin(table)
    act(table, "next_phase")
    tap(table, "Birgitta")
    assert "Bara du ser" not in table.screen.text
    clock.forward(seconds=85)
    assert "Birgitta har" in table.screen.get(f"{table.url}/live").text
    assert "Bara du ser" in table.screen.text


def test_the_page_goes_on_by_itself_in_the_readers_language(table, clock):
    begin(table)
    words = json.loads(table.screen.soup.find(id="round")["data-words"])
    assert words["says"]["waits"] == [
        "%(num)s tryck väntar på att skickas.",
        "%(num)s tryck väntar på att skickas.",
    ]
    assert words["undo"]["floor"] == "Ordet till %(name)s"
    assert words["refusals"]["round_paused"] == "Klockan är pausad. Tryck på Fortsätt först."
    assert table.screen.client.get(f"{table.url}/live").headers["Keep-Offline"] == "1"
    worker = table.screen.client.get("/sw.js")
    assert worker.mimetype == "text/javascript"
    worker.close()


def test_someone_away_is_shown_with_since_when_to_the_supervisor_only(table, clock):
    begin(table)
    clock.forward(minutes=7)
    act(table, f"away:{table.people['Elin'].id}")
    assert "Elin sedan 14.07" in table.screen.text
    assert "14.07" not in table.phone.get(f"{table.url}/room").text.replace("14.07 ", "", 1)


def test_who_may_see_what(session, table, browser, clock):
    manager = make.sign_in(browser(), make.make_manager(session, table.organisation), session)
    begin(table)
    for path in ("live", "live/prepare", "live/end", "room", "summary"):
        assert manager.get(f"{table.url}/{path}").status == 404
    for path in ("live", "live/prepare", "live/correct", "live/end"):
        assert table.phone.get(f"{table.url}/{path}").status == 403
    assert table.phone.post(f"{table.url}/live/command", {"act": "pause", "device_event_id": "x"}).status == 403


def test_a_table_needs_two(table):
    table.screen.get(f"{table.url}/live/prepare")
    values = {f"how_{key(person)}": "not" for person in table.people.values()}
    table.screen.submit("Börja", **values)
    assert table.screen.status == 422
    assert "Minst två" in table.screen.text
    table.screen.submit("Börja", **{f"place_{key(table.people['Elin'])}": "99"})
    assert table.screen.status == 422


def test_every_format_can_be_begun_and_shown(session, table, clock):
    table.screen.get(f"{table.url}/live/prepare")
    keys = [one["value"] for one in table.screen.soup.select("input[name=format_key]")]
    assert len(keys) == 13
    setting = services.Setting(keys[9], queries_participants(session, table), (), (None,) * 3, (False,) * 3)
    actor = make.actor_of(table.supervisor)
    services.start_round(session, actor, table.meeting, setting, device_id="d", now=clock.at)
    session.commit()
    for _ in range(3):
        services.give_command(session, table.meeting, "next_phase", device_id="d", device_event_id=str(_), now=clock.at)
    session.commit()
    assert table.screen.get(f"{table.url}/live").status == 200
    assert table.screen.get(f"{table.url}/room").status == 200


def queries_participants(session, table):
    seats = queries.seats_of(session, table.meeting)
    return tuple(Participant(str(seat.person_id), seat.person.name, n) for n, seat in enumerate(seats, start=1))


def test_queries_do_not_grow(table, clock, count_queries):
    begin(table)
    count_queries.clear()
    table.screen.get(f"{table.url}/live")
    few = len(count_queries)
    for _step in range(4):
        act(table, "next_phase")
    count_queries.clear()
    table.screen.get(f"{table.url}/live")
    assert len(count_queries) == few <= 12


def test_the_log_goes_after_30_days(session, table, clock, app):
    begin(table)
    session.commit()
    ends_at = table.meeting.ends_at
    session.commit()
    with app.app_context():
        assert tasks.purge_log(transaction, ends_at + timedelta(days=29)) == 0
        assert tasks.purge_log(transaction, ends_at + timedelta(days=30)) == 1
    session.expire_all()
    assert kinds(session, table) == []
    assert table.screen.get(f"{table.url}/live").status == 200


def test_the_page_names_every_module_it_needs_without_a_connection(table):
    begin(table)
    folder = Path(live.__file__).parents[1] / "static" / "js" / "live"
    needed, asked = set(), ["controller.js"]
    while asked:
        name = asked.pop()
        needed.add(name)
        found = re.findall(r'from "\./([\w.]+)"', (folder / name).read_text())
        asked += [one for one in found if one not in needed]
    named = {Path(one["href"]).name for one in table.screen.soup.select("link[rel=modulepreload]")}
    assert named == needed - {"controller.js"}


def test_who_corrects_a_time_sees_what_stands(table, clock):
    begin(table)
    clock.forward(minutes=1)
    act(table, "next_phase")
    tap(table, "Birgitta")
    clock.forward(seconds=75)
    page = table.screen.get(f"{table.url}/live/correct")
    lines = [" ".join(one.get_text(" ").split()) for one in page.soup.select("#person_id .tick")]
    assert lines == ["Tomasz nu 0:00", "Amina nu 0:00", "Birgitta nu 1:15", "Elin nu 0:00", "Leyla nu 0:00"]
    assert "1:15" not in page.get(f"{table.url}/live/correct?phase=0").text
    assert page.submit("Spara", minutes="1").status == 422
    assert "Välj vem det gäller." in page.text
    for odd in ("99", "-1", "x"):
        assert "1:15" in page.get(f"{table.url}/live/correct?phase={odd}").text


def test_attendance_waits_for_the_round_and_is_then_filled_in(table, clock):
    begin(table)
    page = table.screen.get(f"{table.url}/attendance")
    assert "Rundan pågår. Avsluta den först." in page.text
    assert page.soup.find("form", class_="panel") is None
    page.get(table.url)
    assert [one.get_text(strip=True) for one in page.soup.select("main .buttons .btn")] == ["Till rundan"]
    clock.forward(minutes=90)
    page.get(f"{table.url}/live/end").submit("Avsluta")
    assert page.path == f"{table.url}/attendance"
    assert len(page.soup.select("fieldset input[checked]")) == len(NAMES)
    page.submit("Spara")
    assert page.path == table.url
    assert [one.get_text(strip=True) for one in page.soup.select("main .btn-primary")] == ["Se hur rundan blev"]
