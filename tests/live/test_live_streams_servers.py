"""Streams on the real server, gunicorn: they hold no thread, and on PostgreSQL they hear of taps in other processes."""

import contextlib
import http.client
import json
import os
import socket
import time
import uuid
from pathlib import Path

import pytest

from tests.live_servers import APP, database, gunicorn

THREADS = 4
MEETINGS = 4
WITHIN_S = 60


def post_tap(port, one, person):
    ms = time.time() * 1000  # noqa: TID251 - the device's clock
    event = {"id": uuid.uuid4().hex, "kind": "floor", "person_id": one["people"][person], "data": {}, "at": ms}
    headers = {"Cookie": f"rundan={one['supervisor']}", "X-CSRFToken": one["csrf"], "Content-Type": "application/json"}
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WITHIN_S)) as server:
        body = json.dumps({"sent_at": ms, "after": one["seq"], "events": [event]})
        server.request("POST", f"/meetings/{one['meeting']}/live/events", body, headers)
        return json.loads(server.getresponse().read())


def open_stream(port, one, cookie):
    stream = socket.create_connection(("127.0.0.1", port), timeout=WITHIN_S)
    path = f"/meetings/{one['meeting']}/live/stream"
    stream.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nCookie: rundan={cookie}\r\n\r\n".encode())
    return stream


class Reader:
    """An open stream, read block by block: the head of the answer, then messages and beats."""

    def __init__(self, stream):
        self.stream, self.text = stream, b""

    def until(self, wanted):
        """Return the blocks up to the one with this text; a beat may come between any two messages."""
        blocks = []
        while not blocks or wanted not in blocks[-1]:
            while b"\n\n" not in self.text:
                more = self.stream.recv(65536)
                assert more, f"the stream ended without {wanted!r}: {blocks[-1:]} {self.text[-200:]!r}"
                self.text += more.replace(b"\r\n\r\n", b"\n\n")
            block, _blank, self.text = self.text.partition(b"\n\n")
            blocks.append(block)
        return blocks


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="gunicorn is not for Windows")
@pytest.mark.parametrize("name", ["sqlite", "postgres"])
def test_more_streams_than_threads_and_the_pages_still_answer(name, tmp_path: Path):
    with contextlib.ExitStack() as stack:
        url = stack.enter_context(database(name, tmp_path, MEETINGS))
        rounds = json.loads((tmp_path / "rounds.json").read_text())
        live = stack.enter_context(gunicorn(APP, url, tmp_path, workers=1, threads=THREADS))[0]
        web = live
        if name == "postgres":
            web = stack.enter_context(gunicorn(APP, url, tmp_path, workers=1, threads=THREADS))[0]
        streams = [
            (one, Reader(stack.enter_context(contextlib.closing(open_stream(live, one, cookie)))))
            for one in rounds
            for cookie in one["followers"]
        ]
        assert len(streams) > 4 * THREADS
        for one, stream in streams:
            head, *_messages = stream.until(b'"seq":%d' % one["seq"])
            assert head.startswith(b"HTTP/1.1 200")
            assert b"Content-Security-Policy" in head
            assert b"no-store" in head
        for one in rounds:
            answer = post_tap(web, one, (one["seq"] - 2) % 7)
            assert answer["applied"]
            assert answer["seq"] == one["seq"] + 1
        texts = {}
        for one, stream in streams:
            message = stream.until(b"id: %d\n" % (one["seq"] + 1))[-1]
            texts.setdefault(one["meeting"], set()).add(message)
        assert all(len(same) == 1 for same in texts.values())
        streams[0][1].stream.close()
        assert post_tap(web, rounds[0], 0)["seq"] == rounds[0]["seq"] + 2
