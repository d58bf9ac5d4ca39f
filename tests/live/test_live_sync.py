import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.live.models import LiveControl, LiveEvent, LiveSummary
from supervision.live.rules.device_time import instants
from tests import factories as make
from tests.live.test_live_routes import begin, kinds, table  # noqa: F401 - the same table

NOW = datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
ages = st.lists(st.floats(-1e13, 1e13), max_size=20)
lasts = st.none() | st.integers(-10_000_000, 10_000_000).map(lambda ms: NOW + timedelta(milliseconds=ms))


@given(ages, lasts)
def test_instants_keep_the_order_and_are_never_in_the_future(ages_ms, last_at):
    found = instants(ages_ms, last_at, NOW)
    assert list(found) == sorted(found)
    assert len(found) == len(ages_ms)
    assert all(at <= NOW for at in found)
    if last_at is not None:
        assert all(at >= min(last_at, NOW) for at in found)


@given(st.lists(st.integers(0, 3_600_000), min_size=1, max_size=20), st.integers(-(10**12), 10**12))
def test_a_wrong_device_clock_does_no_harm(since_start_ms, wrong_ms):
    """Whatever the device believes the time is, taps land where they happened."""
    taps = sorted(since_start_ms)
    started_at = NOW - timedelta(milliseconds=3_600_000)
    device_now = 10**12 + wrong_ms
    device_taps = [device_now - 3_600_000 + at for at in taps]
    found = instants([device_now - at for at in device_taps], started_at, NOW)
    assert list(found) == [started_at + timedelta(milliseconds=at) for at in taps]


def test_a_clock_set_back_meanwhile_moves_a_tap_but_not_the_order():
    found = instants([5_000, 90_000, -4_000, 1_000], NOW - timedelta(minutes=1), NOW)
    assert [(NOW - at).total_seconds() for at in found] == [5, 5, 0, 0]


class Device:
    """A controlling device with a clock of its own that may be wrong."""

    def __init__(self, session, table, clock, wrong_ms=0.0):  # noqa: F811 - the fixture's name is the right one
        self.session, self.browser, self.table = session, table.screen, table
        self.clock, self.wrong_ms, self.no = clock, wrong_ms, 0

    def ms(self):
        return self.clock.at.timestamp() * 1000 + self.wrong_ms

    def tap(self, kind, person=None, **data):
        self.no += 1
        person_id = str(self.table.people[person].id) if person else None
        return {"id": f"d{self.no}", "kind": kind, "person_id": person_id, "data": data, "at": self.ms(), "no": self.no}

    def send(self, *taps, after=0, status=200, **more):
        token = self.browser.soup.find("input", {"name": "csrf_token"})["value"]
        body = {"sent_at": self.ms(), "after": after, "events": list(taps)} | more
        url = f"{self.table.url}/live/events"
        self.session.commit()
        answer = self.browser.client.post(
            url, data=json.dumps(body), content_type="application/json", headers={"X-CSRFToken": token}
        )
        assert answer.status_code == status, answer.get_data(as_text=True)
        return answer.get_json()


@pytest.fixture
def device(session, table, clock):  # noqa: F811
    begin(table)
    return Device(session, table, clock, wrong_ms=-86_400_000.0 * 400)


def log(session, table):  # noqa: F811
    session.rollback()
    return session.scalars(
        select(LiveEvent).where(LiveEvent.meeting_id == table.meeting.id).order_by(LiveEvent.seq)
    ).all()


def test_a_queue_is_applied_once_and_in_order(session, table, clock, device):  # noqa: F811
    clock.forward(minutes=1)
    taps = [device.tap("next_phase", **{"from": 0})]
    clock.forward(seconds=10)
    taps.append(device.tap("floor", "Birgitta"))
    clock.forward(minutes=10)
    answer = device.send(*taps)
    assert answer["applied"] == ["d1", "d2"]
    assert answer["refused"] == []
    assert answer["seq"] == 3
    assert [one["kind"] for one in answer["events"]] == ["start", "next_phase", "floor"]
    assert answer["events"][2]["person_id"] == str(table.people["Birgitta"].id)
    assert answer["control"] == {"is_mine": True, "who": answer["control"]["who"]}
    assert "Den här skärmen" in answer["control"]["who"]
    rows = log(session, table)
    begun_at = rows[0].at
    assert [(row.at - begun_at).total_seconds() for row in rows] == [0, 60, 70]
    assert rows[2].device_no == 2
    assert rows[2].device_at < begun_at - timedelta(days=399)

    again = device.send(*taps, after=3)
    assert again["applied"] == ["d1", "d2"]
    assert again["events"] == []
    assert len(log(session, table)) == 3


def test_a_refused_tap_does_not_stop_the_next(table, clock, device):  # noqa: F811
    clock.forward(minutes=1)
    taps = [device.tap("resume"), device.tap("start"), device.tap("next_phase"), device.tap("floor", "Elin")]
    answer = device.send(*taps)
    assert answer["applied"] == ["d3", "d4"]
    assert [(one["id"], one["code"]) for one in answer["refused"]] == [
        ("d1", "round_not_paused"),
        ("d2", "unknown_command"),
    ]
    assert answer["refused"][0]["sentence"] == "Klockan går redan."
    later = table.screen.client.get(f"{table.url}/live/log?after=1").get_json()
    assert [one["kind"] for one in later["events"]] == ["refused", "refused", "next_phase", "floor"]
    assert later["status"] == "live"
    for after in (2**31, 2**63, 10**30):
        assert table.screen.client.get(f"{table.url}/live/log?after={after}").get_json()["events"] == []


def test_a_refused_tap_stays_refused_when_the_answer_was_lost(session, table, clock, device):  # noqa: F811
    """Judged anew, the early "go on" would end the pause that came after it."""
    clock.forward(minutes=1)
    early = device.tap("resume")
    device.send(early)
    clock.forward(minutes=1)
    device.send(device.tap("pause"))
    clock.forward(minutes=1)
    again = device.send(early, device.tap("undo"))
    assert again["applied"] == ["d3"]
    assert [(one["id"], one["code"]) for one in again["refused"]] == [("d1", "round_not_paused")]
    assert [row.kind for row in log(session, table)] == ["start", "refused", "pause", "undo"]


def test_stale_taps_are_refused_with_who_has_the_control(session, table, browser, clock, device):  # noqa: F811
    known = device.tap("next_phase")
    device.send(known)
    clock.forward(minutes=5)
    other = make.sign_in(browser(), table.supervisor, session)
    other.get(f"{table.url}/live/hand-over").submit("Ja, ta över här")
    since = session.get(LiveControl, table.meeting.id).since_at
    session.commit()
    assert since == clock.at
    clock.forward(minutes=3)
    answer = device.send(known, device.tap("floor", "Elin"))
    assert answer["applied"] == ["d1"]
    assert answer["refused"][0]["code"] == "control_elsewhere"
    assert "En annan skärm har styrt sedan 14.05" in answer["refused"][0]["sentence"]
    assert answer["control"]["is_mine"] is False
    assert kinds(session, table) == ["start", "next_phase", "refused"]


def test_a_round_that_ended_without_a_connection(session, table, clock, device):  # noqa: F811
    clock.forward(minutes=30)
    taps = [device.tap("end"), device.tap("floor", "Elin")]
    clock.forward(minutes=60)
    answer = device.send(*taps)
    assert answer["applied"] == ["d1"]
    assert answer["refused"][0]["code"] == "round_ended"
    assert answer["status"] == "held"
    session.rollback()
    assert session.get(LiveSummary, table.meeting.id).length_s == 1800
    assert device.send(taps[0])["applied"] == ["d1"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"sent_at": "now"},
        {"sent_at": 10**400},
        {"sent_at": float("nan")},
        {"after": -1},
        {"events": {}},
        {"events": ["floor"]},
        {"events": [{"id": "å" * 3, "kind": "floor", "at": 1}]},
        {"events": [{"id": "x" * 65, "kind": "floor", "at": 1}]},
        {"events": [{"id": "x", "kind": "floor", "at": None}]},
        {"events": [{"id": "x", "kind": "floor", "at": 1, "no": 2**40}]},
        {"events": [{"id": "x", "kind": "floor", "at": 1e300}]},
        {"events": [{"id": "x", "kind": "floor", "at": 1, "data": []}] * 501},
    ],
)
def test_what_cannot_be_read_is_refused_whole(session, table, device, wrong):  # noqa: F811
    assert device.send(status=400, **wrong)["code"] == "command_incomplete"
    assert kinds(session, table) == ["start"]


def test_only_numbers_are_kept_of_what_a_device_tells(session, table, device):  # noqa: F811
    tap = device.tap("floor", "Elin") | {"data": {"note": "about a client", "from": "0", "phase": 3, "case_no": True}}
    device.send(device.tap("next_phase"), tap)
    assert set(log(session, table)[2].data) == {"person_id", "phase"}


def test_a_post_without_its_token_and_from_a_member(table, device):  # noqa: F811
    url = f"{table.url}/live/events"
    body = {"sent_at": 1, "after": 0, "events": []}
    assert table.screen.client.post(url, json=body).status_code == 400
    assert table.phone.client.get(f"{table.url}/live/log").status_code == 403
