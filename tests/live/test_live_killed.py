"""The web process is killed in the middle of a meeting, again and again: nothing that was acknowledged is lost.

Few kills here; `RUNDAN_KILLS=200` asks for more.
"""

import http.client
import json
import os
import random
import socket
import threading
import time
from datetime import datetime, timedelta
from typing import Any

import pytest

from supervision.kernel.clock import system_clock
from supervision.live.rules import Event, fold, view_at
from supervision.store.database import writing
from tests import factories as make
from tests.live.test_live_routes import act, begin, table  # noqa: F401 - the same table
from tests.live.web_processes import Web

KILLS = int(os.environ.get("RUNDAN_KILLS", "8"))
LIVES_S = 0.4  # so long at most a web process lives after its first taps
COMES_WITHIN_S = 60
CLOCK = timedelta(seconds=1)


class Device:
    """The supervisor's device: taps on without end, and sends again what was not acknowledged."""

    def __init__(self, port: int, path: str, cookie: str, token: str, people: list[str]) -> None:
        self.port, self.path, self.people = port, path, people
        self.headers = {"Cookie": cookie, "X-CSRFToken": token}
        self.waiting: list[dict[str, Any]] = []
        self.acknowledged: list[str] = []
        self.no = 0

    def tap(self) -> None:
        """Give the floor to the next in turn, and send all that waits; a dead server answers nothing."""
        self.no += 1
        ms = system_clock().timestamp() * 1000
        person = self.people[self.no % len(self.people)]
        tap = {"id": f"tap-{self.no}", "kind": "floor", "person_id": person, "data": {}, "at": ms, "no": self.no}
        self.waiting.append(tap)
        answer = self.ask("POST", "events", {"sent_at": ms, "after": 0, "events": self.waiting})
        if answer is not None:
            assert answer["refused"] == []
            self.acknowledged += answer["applied"]
            self.waiting = [one for one in self.waiting if one["id"] not in answer["applied"]]

    def ask(self, method: str, name: str, body: dict[str, Any] | None = None) -> Any:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            kind = {"Content-Type": "application/json"} if body else {}
            connection.request(method, f"{self.path}/{name}", json.dumps(body) if body else None, self.headers | kind)
            answer = connection.getresponse()
            text = answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()
        assert answer.status == 200, text
        return json.loads(text)

    def wait_for_server(self) -> Any:
        deadline = time.monotonic() + COMES_WITHIN_S
        while (answer := self.ask("GET", "log?after=0")) is None:
            assert time.monotonic() < deadline, "the server did not come back"
            time.sleep(0.02)
        return answer


@pytest.fixture
def web(database_url, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    made = Web(database_url, tmp_path, port)
    yield made
    made.end()


def test_no_acknowledged_tap_is_lost_when_the_server_is_killed(session, table, clock, web):  # noqa: F811
    clock.set(system_clock())
    table.meeting.starts_at, table.meeting.ends_at = clock.at, clock.at + timedelta(minutes=90)
    session.commit()
    make.sign_in(table.screen, table.supervisor, session)
    begin(table)
    act(table, "next_phase")  # from the supervisor's opening to the first round
    token = table.screen.soup.find("input", {"name": "csrf_token"})["value"]
    cookie = f"rundan={table.screen.client.get_cookie('rundan').value}"
    session.commit()
    writing.set(False)
    people = [str(person.id) for person in table.people.values()]
    device = Device(web.port, f"{table.url}/live", cookie, token, people)
    chance, killed_in_a_request = random.Random(7), 0

    for _ in range(KILLS):
        web.start()
        device.wait_for_server()
        device.tap()
        killer = threading.Timer(chance.random() * LIVES_S, web.kill)
        killer.start()
        while killer.is_alive():
            device.tap()
        killer.join()
        killed_in_a_request += bool(device.waiting)
    web.start()
    device.wait_for_server()
    asked_at = system_clock()
    answer = device.ask("GET", "log?after=0")
    answered_at = system_clock()
    log = [Event.from_data(row) for row in answer["events"]]

    assert killed_in_a_request > 0, "every kill fell between two requests: the test saw nothing"
    assert len(device.acknowledged) > KILLS
    assert len(set(device.acknowledged)) == len(device.acknowledged)
    kept = [event.device_event_id for event in log]
    assert len(set(kept)) == len(kept), "a tap that was sent again counts once"
    assert set(device.acknowledged) <= set(kept)
    assert [event.seq for event in log] == list(range(1, len(log) + 1))
    order = [int(one.removeprefix("tap-")) for one in kept if one.startswith("tap-")]
    assert order == sorted(order)

    now = datetime.fromisoformat(answer["now"])
    view = view_at(fold(log), now)
    assert view is not None
    assert view.phase_elapsed_s == pytest.approx(
        (now - view.plan[1].starts_at).total_seconds(), abs=CLOCK.total_seconds()
    )
    assert asked_at - CLOCK <= now <= answered_at + CLOCK
    asked_at = system_clock()
    room = device.ask("GET", "stream?once=1")
    seen = timedelta(seconds=room["phase_allotted_s"] - room["phase_left_s"])
    assert asked_at - CLOCK <= view.plan[1].starts_at + seen <= system_clock() + CLOCK
