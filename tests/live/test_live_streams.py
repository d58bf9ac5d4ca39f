"""The streams of a round: who gets what, for how long, and what an open one holds."""

import json
import socket
import time

import pytest
from sqlalchemy import select, update

from supervision.groups.models import Membership
from supervision.live import queries, room_routes, services
from supervision.live.hub import MOST_PER_PERSON
from supervision.live.models import LiveEvent
from supervision.live.room_message import message_of
from supervision.live.standing import standing, stood
from supervision.orgs import services as orgs
from supervision.orgs.models import Assignment, Organisation
from supervision.people import queries as people_queries
from supervision.people import services as people
from supervision.people.models import Person
from supervision.store import signals
from tests import factories as make
from tests.client import Browser
from tests.live.test_live_routes import act, begin, table, tap  # noqa: F401 - the same table

ALL_THERE_IS = {
    *("status", "seq", "now", "phase", "phase_index", "case_no", "cases", "phase_left_s", "phase_over_s"),
    *("phase_allotted_s", "ends_at", "places", "holder", "next_up", "order"),
}
BUSY_S = 8.0  # a second of work takes longer on a busy machine; the next beat comes after 15 s
OF_A_PLACE = {"person_id", "name", "place_no", "state", "is_lit"}
OF_A_LINE = {"person_id", "state", "note"}
OF_A_PHASE = {"key", "mode", "name", "case_no"}


class Reader:
    """An open stream, read message by message as it comes."""

    def __init__(self, browser, url, **headers):
        self.answer = browser.client.get(f"{url}/live/stream", headers=headers)
        self.status = self.answer.status_code
        self.chunks = iter(self.answer.response)
        self.text = b""

    def next(self):
        """Return the next message as (event, id, the bytes of its data); None when the stream has ended."""
        deadline = time.monotonic() + 20  # a beat comes every 15 s, so that a message that never comes fails
        while True:
            assert time.monotonic() < deadline, "nothing came down the stream"
            while b"\n\n" not in self.text:
                try:
                    self.text += next(self.chunks)  # at the latest the next beat
                except StopIteration:
                    return None
            block, _blank, self.text = self.text.partition(b"\n\n")
            fields = dict(line.split(b": ", 1) for line in block.splitlines() if b": " in line)
            if b"data" in fields:
                return fields.get(b"event", b"message").decode(), int(fields.get(b"id", -1)), fields[b"data"]

    def close(self):
        self.answer.close()


@pytest.fixture
def read():
    opened = []

    def open_stream(browser, url, **headers):
        opened.append(Reader(browser, url, **headers))
        return opened[-1]

    yield open_stream
    for one in opened:
        one.close()


def test_each_change_comes_down_every_stream_as_the_same_bytes(table, read, clock):  # noqa: F811
    begin(table)
    first, second = read(table.phone, table.url), read(table.screen, table.url)
    kind, seq, data = first.next()
    assert (kind, seq, json.loads(data)["status"]) == ("message", 1, "live")
    assert second.next()[1] == 1
    clock.forward(minutes=3)
    act(table, "next_phase")
    clock.forward(seconds=40)
    tap(table, "Birgitta")
    found = [first.next() for _ in range(2)]
    assert found == [second.next() for _ in range(2)]
    assert [seq for _kind, seq, _data in found] == [2, 3]
    told = json.loads(found[1][2])
    assert told["holder"] == str(table.people["Birgitta"].id)
    assert told["now"] == clock.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    assert told["order"][0] == {"person_id": told["holder"], "state": "now", "note": "has_floor"}


def test_nothing_of_others_is_ever_in_the_bytes(session, table, clock):  # noqa: F811
    begin(table)
    for what in ("next_phase", "floor", "pause", "resume", "interpose", "release", "pass", "away", "next_phase"):
        person = {"floor": "Birgitta", "interpose": "Elin", "pass": "Leyla", "away": "Amina"}.get(what)
        if what == "floor":
            tap(table, person)
        else:
            act(table, f"{what}:{table.people[person].id}" if person else what)
        clock.forward(seconds=333)
        session.rollback()
        told = json.loads(message_of(standing(session, table.meeting.id), clock.at))
        assert set(told) == ALL_THERE_IS
        assert set(told["phase"]) == OF_A_PHASE
        assert all(set(place) == OF_A_PLACE for place in told["places"])
        assert all(set(line) == OF_A_LINE for line in told["order"])
        assert "passed" not in {place["state"] for place in told["places"]}
    session.rollback()


def test_a_stream_that_was_cut_goes_on_where_it_was(table, read):  # noqa: F811
    begin(table)
    act(table, "next_phase")
    cut = read(table.phone, table.url, **{"Last-Event-ID": "2"})
    late = read(table.phone, table.url, **{"Last-Event-ID": "1"})
    assert late.next()[1] == 2
    tap(table, "Elin")
    assert cut.next()[1] == 3


def test_a_stream_that_waits_for_the_round_begins_with_it(table, read):  # noqa: F811
    waiting = read(table.phone, table.url)
    assert json.loads(waiting.next()[2])["status"] == "not_started"
    begin(table)
    assert json.loads(waiting.next()[2])["status"] == "live"


def test_the_end_comes_down_the_stream_and_closes_it(table, read):  # noqa: F811
    begin(table)
    phone = read(table.phone, table.url)
    phone.next()
    table.screen.get(f"{table.url}/live/end").submit("Avsluta träffen")
    assert json.loads(phone.next()[2])["status"] == "ended"
    assert phone.next()[0] == "ended"
    assert phone.next() is None
    assert read(table.phone, table.url).next()[0] == "ended"


def test_another_screen_taking_over_is_told(table, read, browser, session):  # noqa: F811
    begin(table)
    screen = read(table.screen, table.url)
    screen.next()
    other = make.sign_in(browser(), table.supervisor, session)
    other.get(f"{table.url}/live")
    other.post(f"{table.url}/live/control")
    assert screen.next()[0] == "control"


def leaves(session, table, clock):  # noqa: F811
    found = session.scalars(select(Membership).where(Membership.person_id == table.people["Elin"].id)).one()
    found.left_at = clock.at


def everyone_leaves(session, table, clock):  # noqa: F811
    session.execute(update(Membership).where(Membership.group_id == table.group.id).values(left_at=clock.at))


def is_signed_out_everywhere(session, table, clock):  # noqa: F811
    people.end_all_sessions(session, table.people["Elin"].id)


def signs_out(session, table, clock):  # noqa: F811
    table.phone.post("/sign-out")


def session_is_ended_from_the_list(session, table, clock):  # noqa: F811
    elin = table.people["Elin"].id
    theirs = people_queries.sessions_of(session, elin, clock.at)[0].id
    session.commit()
    elsewhere = make.sign_in(Browser(table.phone.client.application), session.get_one(Person, elin), session)
    elsewhere.get("/me/security").post(f"/me/security/sessions/{theirs}/end")
    assert elsewhere.status == 200


def gets_a_role(session, table, clock):  # noqa: F811
    elin, maria = table.people["Elin"], make.actor_of(table.supervisor)
    organisation = session.get_one(Organisation, session.get_one(Assignment, table.group.assignment_id).organisation_id)
    facts = {"name": elin.name, "email": elin.email, "role": "coordinator"}
    orgs.give_role(session, maria, organisation, **facts, now=clock.at)


def is_erased(session, table, clock):  # noqa: F811
    session.delete(table.people["Elin"])


GOING = [
    leaves,
    everyone_leaves,
    is_signed_out_everywhere,
    signs_out,
    session_is_ended_from_the_list,
    gets_a_role,
    is_erased,
]


@pytest.mark.parametrize("what", GOING)
def test_who_may_no_longer_follow_is_let_go_within_a_second(session, table, read, clock, what):  # noqa: F811
    begin(table)
    phone, screen = read(table.phone, table.url), read(table.screen, table.url)
    phone.next()
    screen.next()
    what(session, table, clock)
    session.commit()
    begun, work_begun = time.monotonic(), time.process_time()
    assert phone.next()[0] == "gone"
    assert time.process_time() - work_begun < 1.0
    assert time.monotonic() - begun < BUSY_S
    assert phone.next() is None
    act(table, "next_phase")
    assert screen.next()[1] == 2  # the others go on


def test_a_supervisor_who_hands_over_the_assignment_is_let_go(session, table, read):  # noqa: F811
    begin(table)
    screen, phone = read(table.screen, table.url), read(table.phone, table.url)
    screen.next()
    session.get_one(Assignment, table.group.assignment_id).supervisor_id = make.make_supervisor(session, "Jens Holm").id
    session.commit()
    assert screen.next()[0] == "gone"
    assert phone.next()[0] == "message"


def test_an_open_stream_holds_no_connection_to_the_database(app, session, table, read, engine):  # noqa: F811
    begin(table)
    session.commit()
    session.close()
    for _ in range(3):
        read(table.phone, table.url).next()
    read(table.screen, table.url).next()
    deadline = time.monotonic() + BUSY_S  # the thread that serves them lends one while it looks
    while engine.pool.checkedout():
        assert time.monotonic() < deadline, "a connection stays taken"
        time.sleep(0.05)
    assert app.extensions["live_hub"].count >= 4


def test_a_person_has_no_more_than_six_and_is_told_to_ask_instead(table, read):  # noqa: F811
    begin(table)
    opened = [read(table.phone, table.url) for _ in range(MOST_PER_PERSON + 1)]
    assert [one.status for one in opened] == [200] * MOST_PER_PERSON + [503]
    assert int(opened[-1].answer.headers["Retry-After"]) > 0
    opened[0].close()
    deadline = time.monotonic() + BUSY_S
    while read(table.phone, table.url).status == 503:
        assert time.monotonic() < deadline, "the place of a closed stream stays taken"
        time.sleep(0.2)


def test_a_stream_that_cannot_be_opened_gives_its_place_back(table, monkeypatch):  # noqa: F811
    begin(table)
    tried = []

    def no_more_files(held):
        tried.append(held)
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(room_routes, "take", no_more_files)
    near, far = socket.socketpair()
    for _ in range(MOST_PER_PERSON + 1):
        answer = table.phone.client.get(f"{table.url}/live/stream", environ_overrides={"gunicorn.socket": near})
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "30")
    assert len(tried) == MOST_PER_PERSON + 1  # none was refused because the person's places were taken
    near.close()
    far.close()


def test_asking_once_says_the_same(table):  # noqa: F811
    begin(table)
    told = table.phone.client.get(f"{table.url}/live/stream?once=1")
    assert told.mimetype == "application/json"
    assert told.json["status"] == "live"
    assert table.phone.client.head(f"{table.url}/live/stream").status_code == 200


def test_who_does_not_belong_has_no_stream(table, browser, session):  # noqa: F811
    begin(table)
    stranger = make.sign_in(browser(), make.make_person(session), session)
    assert stranger.client.get(f"{table.url}/live/stream").status_code == 404
    manager = make.sign_in(browser(), make.make_manager(session, table.organisation), session)
    assert manager.client.get(f"{table.url}/live/stream").status_code == 404
    assert browser().client.get(f"{table.url}/live/stream").status_code == 303


def test_a_rolled_back_transaction_tells_nothing(session, table, read):  # noqa: F811
    begin(table)
    phone = read(table.phone, table.url)
    phone.next()
    signals.tell(session, signals.CONTROL, table.meeting.id)
    session.rollback()
    signals.tell(session, signals.CONTROL, table.meeting.id)
    session.commit()
    act(table, "next_phase")
    assert [phone.next()[0], phone.next()[0]] == ["control", "message"]


def test_a_round_as_it_stands_is_its_whole_log_folded(session, table, clock):  # noqa: F811
    begin(table)
    names = ["Birgitta", "Elin", "Tomasz", "Leyla"]
    steps = ["next_phase", *names, "undo", "pause", "undo", "undo", *names, "next_phase", "undo", "pause", "resume"]
    for step in steps:
        clock.forward(seconds=37)
        if step in names:
            tap(table, step)
        else:
            act(table, step)
        session.rollback()
        whole = queries.state_of(session, table.meeting)
        found = stood(session, table.meeting.id)
        assert found.state == whole
        assert (found.state.last_seq, found.state.seen) == (whole.last_seq, whole.seen)
        assert (found.state.before is None) == (whole.before is None)
        session.rollback()


def test_what_is_rolled_back_does_not_stay_in_memory(session, table, clock):  # noqa: F811
    begin(table)

    def give(kind):
        with_id = f"try-{kind}"
        return services.give_command(
            session, table.meeting, kind, device_id=device, device_event_id=with_id, now=clock.at
        )

    device = session.scalars(select(LiveEvent.device_id)).first()
    give("pause")
    assert standing(session, table.meeting.id).status == "paused"
    session.rollback()
    assert standing(session, table.meeting.id).status == "live"
    session.rollback()
    clock.forward(seconds=5)
    give("next_phase")
    session.commit()
    assert standing(session, table.meeting.id) == queries.state_of(session, table.meeting)
    session.rollback()


def test_queries_of_a_tap_do_not_grow_with_the_log(session, table, clock, count_queries):  # noqa: F811
    begin(table)
    act(table, "next_phase")
    counts = []
    token = table.screen.soup.find("input", {"name": "csrf_token"})["value"]
    ids = [str(table.people[name].id) for name in ("Birgitta", "Elin", "Tomasz", "Leyla")]
    for number, person_id in enumerate(ids * 3):
        clock.forward(seconds=20)
        session.commit()
        count_queries.clear()
        ms = clock.at.timestamp() * 1000
        event = {"id": f"t{number}", "kind": "floor", "person_id": person_id, "data": {}, "at": ms}
        answer = table.screen.client.post(
            f"{table.url}/live/events",
            json={"sent_at": ms, "after": 2 + number, "events": [event]},
            headers={"X-CSRFToken": token},
        )
        assert answer.json["applied"] == [f"t{number}"]
        assert [one["seq"] for one in answer.json["events"]] == [3 + number]
        counts.append(len(count_queries))
    assert len(set(counts[1:])) == 1
    assert counts[-1] <= 7
