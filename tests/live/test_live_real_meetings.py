"""Eleven recorded meetings through the rules and through a running server: everyone's time to the tenth of a second."""

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from supervision.demo import rttm
from supervision.formats.rules import PlannedPhase
from supervision.live import queries
from supervision.live.rules import Event, Participant, Start, decide, fold, spoken_s, view_at
from supervision.live.rules.view import balance
from supervision.store.database import writing
from tests import factories as make

T0 = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
NEAR_S = 0.1
FRAME_S = 0.01  # the files count in hundredths of a second
TAPPED = "IS1001a"  # driven tap by tap; the others are sent as a device does that was without a connection
IN_ONE_REQUEST = 500


def painted(name: str) -> tuple[dict[str, float], float]:
    """Everyone's seconds and the balance, found in another way than `rttm`'s: who starts later paints over.

    A row of frames of a hundredth of a second; each line of the file, in the order of starts, colours its frames.
    """
    lines = [line.split() for line in (rttm.FOLDER / f"{name}.rttm").read_text().splitlines()]
    people = sorted({words[7] for words in lines})
    last = max(float(words[3]) + float(words[4]) for words in lines)
    frames = bytearray(round(last / FRAME_S) + 1)
    for words in sorted(lines, key=lambda words: float(words[3])):
        first, end = round(float(words[3]) / FRAME_S), round((float(words[3]) + float(words[4])) / FRAME_S)
        frames[first:end] = bytes([people.index(words[7]) + 1]) * (end - first)
    seconds = {person: frames.count(number) * FRAME_S for number, person in enumerate(people, start=1)}
    squares = sum(one * one for one in seconds.values())
    return seconds, sum(seconds.values()) ** 2 / (len(people) * squares)


def played(name: str, phases_end_ms: tuple[int, ...] = ()) -> tuple[rttm.Tap, ...]:
    speech = rttm.recording(name)
    return rttm.taps(rttm.floor_changes(speech), phases_end_ms, rttm.ends_ms(speech))


def test_overlaps_go_to_who_started_last_and_back():
    lines = [(0, 10, "a"), (2, 5, "b"), (3, 1, "a"), (6.5, 0.5, "c"), (12, 1, "c"), (12, 2, "a"), (13, 0, "b")]
    text = "\n".join(f"SPEAKER m 1 {start} {length} <NA> <NA> {who} <NA> <NA>" for start, length, who in lines)
    changes = rttm.floor_changes(rttm.read(f";; a note\n{text}\n"))
    assert [(one.at_ms / 1000, one.speaker) for one in changes] == [
        (0, "a"),
        (2, "b"),
        (3, "a"),
        (4, "b"),
        (6.5, "c"),
        (7, "a"),
        (10, None),
        (12, "a"),
        (14, None),
    ]


def test_the_next_phase_gives_the_floor_back():
    changes = (rttm.Change(0, "a"), rttm.Change(500, None), rttm.Change(1000, "b"))
    assert [(tap.at_ms, tap.kind, tap.speaker) for tap in rttm.taps(changes, (700, 1500), 2000)] == [
        (0, "floor", "a"),
        (500, "release", None),
        (700, "next_phase", None),
        (1000, "floor", "b"),
        (1500, "next_phase", None),
        (1500, "floor", "b"),
        (2000, "end", None),
    ]


@pytest.mark.parametrize(
    ("name", "phases_end_ms"), [*((name, ()) for name in rttm.names()), ("IS1001d", (120_000, 400_010))]
)
def test_the_rules_count_what_was_said(name: str, phases_end_ms: tuple[int, ...]) -> None:
    people = rttm.speakers(rttm.recording(name))
    phases = [PlannedPhase("talk", "A", 1200, 600, {"sv": "Samtal"}, "opening")] * (len(phases_end_ms) + 1)
    table = tuple(Participant(person, person, number) for number, person in enumerate(people))
    log = [Event(1, "start", T0, "tablet", "0", None, Start("real", tuple(phases), 5400, table, ()).to_data())]
    state = fold(log)
    for number, tap in enumerate(played(name, phases_end_ms), start=1):
        event = Event(
            number + 1, tap.kind, T0 + timedelta(milliseconds=tap.at_ms), "tablet", str(number), tap.speaker, {}
        )
        decide(state, event.command)  # nothing of it is refused
        state = fold([event], state)
        log.append(event)
    seconds, index = painted(name)
    assert spoken_s(state) == pytest.approx(seconds, abs=NEAR_S)
    assert balance(state) == pytest.approx(index, abs=1e-3)
    view = view_at(fold(log), T0)
    assert view is not None
    assert {place.person_id: place.total_s for place in view.places} == pytest.approx(seconds, abs=NEAR_S)


class Line:
    """An HTTP connection of the supervisor's device to a running server."""

    def __init__(self, port: int, cookie: str) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        self.headers = {"Cookie": cookie}

    def get(self, path: str) -> str:
        self.connection.request("GET", path, headers=self.headers)
        return self._answer()

    def post(self, path: str, body: dict[str, Any], token: str) -> Any:
        sent = self.headers | {"Content-Type": "application/json", "X-CSRFToken": token}
        self.connection.request("POST", path, json.dumps(body), sent)
        return json.loads(self._answer())

    def _answer(self) -> str:
        answer = self.connection.getresponse()
        text = answer.read().decode()
        assert answer.status == 200, text
        return text


@pytest.fixture
def open_line(app: Flask) -> Iterator[Callable[[str], Line]]:
    """A real server on a port of its own; call it with a cookie for a connection."""
    writing.set(False)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    lines: list[Line] = []

    def connect(cookie: str) -> Line:
        lines.append(Line(server.port, cookie))
        return lines[-1]

    yield connect
    for line in lines:
        line.connection.close()
    server.shutdown()
    server.server_close()
    thread.join(5)


# Some on each database: what differs between the two is how a log is written, not how it is counted.
ON = [("postgres" if name[:2] == "ES" or name == "IS1001d" else "sqlite", name) for name in rttm.names()]


@pytest.mark.parametrize(("database_url", "name"), ON, indirect=["database_url"])
def test_a_running_server_counts_what_was_said(name, session, browser, clock, open_line):
    speech = rttm.recording(name)
    speakers = rttm.speakers(speech)
    supervisor = make.make_supervisor(session)
    group = make.make_group(session, make.make_assignment(session, supervisor))
    people = {
        speaker: str(make.make_member(session, group, make.make_person(session, speaker)).id) for speaker in speakers
    }
    meeting = make.make_meeting(session, group, T0)
    meeting_id = meeting.id
    screen = make.sign_in(browser(), supervisor, session)
    clock.set(T0)
    screen.get(f"/meetings/{meeting_id}/live/prepare")
    screen.submit("Börja", format_key="dilemma_method")
    token = screen.soup.find("input", {"name": "csrf_token"})["value"]
    cookie = screen.client.get_cookie("rundan")
    line, path = open_line(f"rundan={cookie.value}"), f"/meetings/{meeting_id}/live"

    talk = _steps_to_talk(session, meeting)
    taps = [rttm.Tap(0, "next_phase")] * talk + list(played(name))
    sent = [
        {
            "id": f"{name}-{number}",
            "kind": tap.kind,
            "person_id": people[tap.speaker] if tap.speaker else None,
            "data": {},
            "at": tap.at_ms,
            "no": number,
        }
        for number, tap in enumerate(taps, start=1)
    ]
    after = 0
    at_once = 1 if name == TAPPED else IN_ONE_REQUEST
    for first in range(0, len(sent), at_once):
        some = sent[first : first + at_once]
        sent_at = some[-1]["at"] if name == TAPPED else sent[-1]["at"] + 90_000
        clock.set(T0 + timedelta(milliseconds=sent_at))
        answer = line.post(f"{path}/events", {"sent_at": sent_at, "after": after, "events": some}, token)
        after = answer["seq"]
        assert answer["refused"] == []
        assert answer["applied"] == [one["id"] for one in some]
    assert answer["status"] == "held"

    log = json.loads(line.get(f"{path}/log?after=0"))["events"]
    state = fold([Event.from_data(row) for row in log])
    seconds, index = painted(name)
    found = {speaker: spoken_s(state)[person_id] for speaker, person_id in people.items()}
    assert found == pytest.approx(seconds, abs=NEAR_S)
    assert queries.summary_of(session, meeting_id).balance == pytest.approx(index, abs=1e-3)
    session.rollback()
    assert f"{index:.2f}".replace(".", ",") in line.get(f"/meetings/{meeting_id}/summary")


def _steps_to_talk(session, meeting):
    """How many phases stand before the format's first talk, which is free to all."""
    session.expire_all()
    phases = queries.state_of(session, meeting).phases
    session.rollback()
    return [phase.mode for phase in phases].index("A")
