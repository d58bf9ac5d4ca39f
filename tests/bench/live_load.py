"""Many rounds at once on real servers: from a tap to its answer, and to every follower's screen.

`make bench ONLY=live_load` takes little. `LIVE_MEETINGS=10,100,700 LIVE_SECONDS=30 LIVE_DATABASES=sqlite,postgres`
chooses how many rounds run at once, for how long, and where. Each has seven followers and a tap every four seconds.
PostgreSQL: two web processes and one for the streams; SQLite: one process for all, as it must be. The same load goes
to a bare Flask endpoint in the same run, so that the figures of different machines can be compared.
"""

import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flask import Flask

from tests import live_servers
from tests.bench import Figure

EVERY_S = 4.0
POOL = 24  # connections for taps, as a proxy keeps them
BUDGET_MS = 250.0
ECHO = "tests.bench.live_load:echo()"


def figures() -> Iterator[Figure]:
    sizes = [int(one) for one in os.environ.get("LIVE_MEETINGS", "10").split(",")]
    seconds = float(os.environ.get("LIVE_SECONDS", "10"))
    for name in os.environ.get("LIVE_DATABASES", "sqlite,postgres").split(","):
        for meetings in sizes:
            with tempfile.TemporaryDirectory() as folder, live_servers.database(name, Path(folder), meetings) as url:
                measured = asyncio.run(_measure(url, Path(folder), meetings, seconds))
            yield from _figures(f"{name}_{meetings}", measured)


@dataclass
class Measured:
    """What a run gave: durations in seconds, bytes, CPU seconds."""

    taps: int = 0
    refused: int = 0
    acks: list[float] = field(default_factory=list)
    shown: list[float] = field(default_factory=list)
    echoes: list[float] = field(default_factory=list)
    missed: int = 0
    bytes_read: int = 0
    stream_kb: float = 0.0
    cpu_s: dict[str, float] = field(default_factory=dict)
    echo_cpu_s: float = 0.0


def _figures(name: str, measured: Measured) -> Iterator[Figure]:
    free = float("inf")
    ack, shown, echo = (sorted(one) for one in (measured.acks, measured.shown, measured.echoes))
    yield Figure(f"{name}_taps", measured.taps, "taps", free)
    yield Figure(f"{name}_refused", measured.refused, "taps", 0)
    yield Figure(f"{name}_messages_missed", measured.missed, "messages", 0)
    yield Figure(f"{name}_ack_p50", 1000 * _at(ack, 0.5), "ms", free)
    yield Figure(f"{name}_ack_p99", 1000 * _at(ack, 0.99), "ms", BUDGET_MS)
    yield Figure(f"{name}_shown_p50", 1000 * _at(shown, 0.5), "ms", free)
    yield Figure(f"{name}_shown_p99", 1000 * _at(shown, 0.99), "ms", BUDGET_MS)
    yield Figure(f"{name}_echo_p50", 1000 * _at(echo, 0.5), "ms", free)
    yield Figure(f"{name}_echo_p99", 1000 * _at(echo, 0.99), "ms", free)
    yield Figure(f"{name}_ack_times_echo", _at(ack, 0.5) / max(_at(echo, 0.5), 1e-6), "times", 25)
    yield Figure(f"{name}_bytes_per_tap_and_follower", measured.bytes_read / max(1, len(shown)), "bytes", 2500)
    yield Figure(f"{name}_memory_per_stream", measured.stream_kb, "kB", 60)
    for process, seconds in measured.cpu_s.items():
        yield Figure(f"{name}_cpu_per_tap_{process}", 1000 * seconds / max(1, measured.taps), "ms", free)
    yield Figure(f"{name}_cpu_per_echo", 1000 * measured.echo_cpu_s / max(1, len(echo)), "ms", free)


def _at(values: list[float], part: float) -> float:
    return values[min(len(values) - 1, int(part * len(values)))] if values else 0.0


def echo() -> Flask:
    """Return the bare endpoint: reads JSON, answers JSON."""
    bare = Flask("bare")

    @bare.post("/echo")
    def answer() -> dict[str, Any]:
        from flask import request

        return {"seq": request.get_json()["after"]}

    return bare


# The world: meetings that are under way, and a cookie for everyone


async def _measure(url: str, folder: Path, meetings: int, seconds: float) -> Measured:
    rounds = json.loads((folder / "rounds.json").read_text())
    measured = Measured()
    with contextlib.ExitStack() as stack:
        if url.startswith("sqlite"):
            web = live = stack.enter_context(live_servers.gunicorn(live_servers.APP, url, folder, workers=1, threads=8))
        else:
            web = stack.enter_context(live_servers.gunicorn(live_servers.APP, url, folder, workers=2, threads=8))
            live = stack.enter_context(live_servers.gunicorn(live_servers.APP, url, folder, workers=1, threads=8))
        load = Load(rounds, web[0], live[0], measured)
        await load.warm()
        before_kb = live_servers.rss_kb(live[1])
        await load.open_streams()
        measured.stream_kb = (live_servers.rss_kb(live[1]) - before_kb) / (meetings * live_servers.FOLLOWERS)
        processes = {"web": web[1], "live": live[1]} if web != live else {"web_and_live": web[1]}
        cpu = {name: live_servers.cpu_s(pid) for name, pid in processes.items()} | {"load": time.process_time()}
        measured.bytes_read = 0
        await load.run(seconds)
        measured.cpu_s = {name: live_servers.cpu_s(pid) - cpu[name] for name, pid in processes.items()}
        measured.cpu_s["load"] = time.process_time() - cpu["load"]
        load.close()
    with live_servers.gunicorn(ECHO, url, folder, workers=1 if url.startswith("sqlite") else 2, threads=8) as (
        port,
        pid,
    ):
        before_s = live_servers.cpu_s(pid)
        await Load(rounds, port, port, measured).run_echo(min(seconds, 10))
        measured.echo_cpu_s = live_servers.cpu_s(pid) - before_s
    return measured


class Screen(asyncio.Protocol):
    """A follower's screen: notes when the message of each event came."""

    def __init__(self, round_: "Round", request: bytes, measured: Measured) -> None:
        self.round, self.request, self.measured = round_, request, measured
        self.rest = b""
        self.first = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        transport.write(self.request)  # type: ignore[attr-defined]

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self.measured.bytes_read += len(data)
        *lines, self.rest = (self.rest + data).split(b"\n")
        for line in lines:
            if line.startswith(b"id: "):
                if not self.first.done():
                    self.first.set_result(None)
                self.round.seen(int(line[4:]), at)

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.first.done():
            self.first.set_exception(ConnectionError("a stream was refused"))


class Round:
    """One round under load."""

    def __init__(self, facts: dict[str, Any], measured: Measured) -> None:
        self.facts, self.measured = facts, measured
        self.seq: int = facts["seq"]
        self.tapped_at: dict[int, float] = {}
        self.arrived = 0

    def seen(self, seq: int, at: float) -> None:
        # A message may stand for several events; the newest is what counts on a screen.
        if seq in self.tapped_at:
            self.arrived += 1
            self.measured.shown.append(at - self.tapped_at[seq])

    def body(self) -> tuple[str, bytes]:
        ms = int(time.time() * 1000)  # noqa: TID251 - the device's clock
        people = self.facts["people"]
        event = {
            "id": uuid.uuid4().hex,
            "kind": "floor",
            "person_id": people[(self.seq - 2) % len(people)],
            "data": {},
            "at": ms,
            "no": self.seq,
        }
        body = json.dumps({"sent_at": ms, "after": self.seq, "events": [event]}).encode()
        head = (
            f"POST /meetings/{self.facts['meeting']}/live/events HTTP/1.1\r\nHost: localhost\r\n"
            f"Cookie: rundan={self.facts['supervisor']}\r\nX-CSRFToken: {self.facts['csrf']}\r\n"
        )
        return head, body


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, sent: bytes) -> tuple[int, bytes]:
    writer.write(sent)
    answer = await reader.readuntil(b"\r\n\r\n")
    lines = answer.decode("latin-1").lower().split("\r\n")
    size = next(int(line.split(":")[1]) for line in lines if line.startswith("content-length"))
    return int(lines[0].split()[1]), await reader.readexactly(size)


class Load:
    """The load of many rounds, from one process."""

    def __init__(self, rounds: list[dict[str, Any]], web: int, live: int, measured: Measured) -> None:
        self.web, self.live, self.measured = web, live, measured
        self.rounds = [Round(facts, measured) for facts in rounds]
        self.pool: asyncio.LifoQueue[tuple[asyncio.StreamReader, asyncio.StreamWriter] | None] = asyncio.LifoQueue()
        for _ in range(POOL):  # a connection is opened when it is first needed
            self.pool.put_nowait(None)
        self.screens: list[Screen] = []

    async def warm(self) -> None:
        """Let every worker do everything once; a tap without events changes nothing."""

        async def once(one: Round) -> None:
            head, _body = one.body()
            status, _answer = await self._ask(head, json.dumps({"sent_at": 0, "after": 0, "events": []}).encode())
            assert status == 200, status

        for _ in range(3):
            await asyncio.gather(*map(once, self.rounds))

    async def open_streams(self) -> None:
        loop = asyncio.get_running_loop()
        for one in self.rounds:
            for cookie in one.facts["followers"]:
                request = (
                    f"GET /meetings/{one.facts['meeting']}/live/stream HTTP/1.1\r\nHost: localhost\r\n"
                    f"Accept: text/event-stream\r\nCookie: rundan={cookie}\r\n\r\n"
                ).encode()
                screen = Screen(one, request, self.measured)
                await loop.create_connection(lambda screen=screen: screen, "127.0.0.1", self.live)
                self.screens.append(screen)
            if len(self.screens) % 70 == 0:
                await asyncio.gather(*(screen.first for screen in self.screens[-70:]))
        await asyncio.wait_for(asyncio.gather(*(screen.first for screen in self.screens)), 120)

    async def run(self, seconds: float) -> None:
        end = time.perf_counter() + seconds
        await asyncio.gather(*(self._taps(one, end) for one in self.rounds))
        await asyncio.sleep(2.0)
        self.measured.missed = self.measured.taps * live_servers.FOLLOWERS - sum(one.arrived for one in self.rounds)

    async def _taps(self, one: Round, end: float) -> None:
        await asyncio.sleep(random.uniform(0, EVERY_S))
        while (begun := time.perf_counter()) < end:
            head, body = one.body()
            one.tapped_at[one.seq + 1] = begun
            status, answer = await self._ask(head, body)
            self.measured.acks.append(time.perf_counter() - begun)
            self.measured.taps += 1
            told = json.loads(answer) if status == 200 else {}
            if not told.get("applied"):
                self.measured.refused += 1
            one.seq += 1
            await asyncio.sleep(max(0.0, EVERY_S - (time.perf_counter() - begun)))

    async def run_echo(self, seconds: float) -> None:
        end = time.perf_counter() + seconds

        async def taps(one: Round) -> None:
            await asyncio.sleep(random.uniform(0, EVERY_S))
            while (begun := time.perf_counter()) < end:
                await self._ask("POST /echo HTTP/1.1\r\nHost: localhost\r\n", one.body()[1])
                self.measured.echoes.append(time.perf_counter() - begun)
                await asyncio.sleep(EVERY_S)

        await asyncio.gather(*map(taps, self.rounds))
        self.close()

    async def _ask(self, head: str, body: bytes) -> tuple[int, bytes]:
        kept = await self.pool.get()
        connection = kept
        try:
            length = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
            sent = (head + length + "\r\n").encode() + body
            try:
                connection = kept or await asyncio.open_connection("127.0.0.1", self.web)
                return await _answer(*connection, sent)
            except (asyncio.IncompleteReadError, ConnectionError):
                if kept is None:
                    raise
                # The server has closed a connection that was idle; a tap sent again changes nothing.
                connection = await asyncio.open_connection("127.0.0.1", self.web)
                return await _answer(*connection, sent)
        finally:
            self.pool.put_nowait(connection)

    def close(self) -> None:
        for screen in self.screens:
            screen.transport.close()
        while not self.pool.empty():
            kept = self.pool.get_nowait()
            if kept:
                kept[1].close()


if __name__ == "__main__":
    for figure in figures():
        sys.stdout.write(f"{figure.name:50} {figure.value:10.3f} {figure.unit}\n")
