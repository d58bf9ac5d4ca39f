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
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import insert
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.formats.catalogue import formats
from supervision.formats.rules import expand
from supervision.groups.models import Membership
from supervision.kernel.ids import fingerprint
from supervision.live.models import LiveControl, LiveEvent
from supervision.live.rules import Participant, Start
from supervision.meetings.models import Meeting
from supervision.people.models import LoginSession, Person
from supervision.store.database import db, writing
from tests import factories, servers
from tests.bench import Figure
from tests.conftest import make_config

EVERY_S = 4.0
FOLLOWERS = 7
EARLIER = 60  # events a round has behind it when the load begins: the middle of a meeting
POOL = 24  # connections for taps, as a proxy keeps them
BUDGET_MS = 250.0
SECRET = "a secret of the measurement, long enough for all"
ECHO = "tests.bench.live_load:echo()"
APP = "supervision.app:create_app()"


def figures() -> Iterator[Figure]:
    sizes = [int(one) for one in os.environ.get("LIVE_MEETINGS", "10").split(",")]
    seconds = float(os.environ.get("LIVE_SECONDS", "10"))
    for name in os.environ.get("LIVE_DATABASES", "sqlite,postgres").split(","):
        for meetings in sizes:
            with tempfile.TemporaryDirectory() as folder, _database(name, Path(folder), meetings) as url:
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


@contextlib.contextmanager
def _database(name: str, folder: Path, meetings: int) -> Iterator[str]:
    if name == "sqlite":
        yield _filled(f"sqlite:///{folder}/bench.sqlite", folder, meetings)
        return
    server = servers.start_postgres()
    if server is None:
        sys.exit("no PostgreSQL found: set TEST_POSTGRES_URL, or LIVE_DATABASES=sqlite")
    try:
        yield _filled(server.create_database(f"bench_{meetings}"), folder, meetings)
    finally:
        server.drop_database(f"bench_{meetings}")
        server.stop()


def _filled(url: str, folder: Path, meetings: int) -> str:
    app = create_app(make_config(url, folder))
    app.config["SECRET_KEY"] = SECRET
    with app.app_context():
        upgrade()
        writing.set(True)
        with Session(db.engine) as session:
            rounds = [_round(app, session, number) for number in range(meetings)]
            session.execute(insert(LiveEvent), [event for one in rounds for event in one.pop("events")])
            session.commit()
        writing.set(False)
        db.engine.dispose()
    (folder / "rounds.json").write_text(json.dumps(rounds))
    return url


def _round(app: Flask, session: Session, number: int) -> dict[str, Any]:
    at = datetime.now(UTC)  # noqa: TID251 - the servers' clocks are real
    supervisor = Person(
        name=f"Supervisor {number}",
        email=f"s{number}@example.org",
        is_supervisor=True,
        password_hash="no",
        created_at=at,
    )
    people = [
        Person(name=f"Member {one} Number{number}", email=f"m{number}-{one}@example.org", created_at=at)
        for one in range(FOLLOWERS)
    ]
    session.add_all([supervisor, *people])
    organisation = factories.make_organisation(session, f"Organisation {number}")
    group = factories.make_group(session, factories.make_assignment(session, supervisor, organisation))
    session.add_all(
        Membership(group_id=group.id, person_id=person.id, place_no=place, joined_at=at)
        for place, person in enumerate(people)
    )
    group.taken = FOLLOWERS
    started_at = at - timedelta(minutes=20)
    meeting = Meeting(
        group=group, number=1, starts_at=started_at, ends_at=started_at + timedelta(minutes=90), status="live"
    )
    session.add(meeting)
    session.flush()
    device = f"device-{number}"
    session.add(LiveControl(meeting_id=meeting.id, device_id=device, since_at=started_at))
    cookies = [_cookie(app, session, person, at, device) for person in (supervisor, *people)]
    return {
        "meeting": str(meeting.id),
        "people": [str(person.id) for person in people],
        "supervisor": cookies[0],
        "followers": cookies[1:],
        "csrf": URLSafeTimedSerializer(SECRET, salt="wtf-csrf-token").dumps(device),
        "seq": EARLIER,
        "events": _events(meeting, people, device, started_at),
    }


def _cookie(app: Flask, session: Session, person: Person, at: datetime, device: str) -> str:
    token = f"token-{person.id}"
    session.add(
        LoginSession(token_hash=fingerprint(token), person_id=person.id, started_at=at, seen_at=at, is_own_device=True)
    )
    signer: Any = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signer.dumps({"_user_id": token, "_fresh": True, "device": device, "csrf_token": device}))


def _events(meeting: Meeting, people: list[Person], device: str, at: datetime) -> list[dict[str, Any]]:
    chosen = formats()["classic_two"]
    start = Start(
        format_key=chosen.key,
        phases=expand(chosen, (True, True)),
        length_s=5400,
        participants=tuple(Participant(str(one.id), one.name, place) for place, one in enumerate(people)),
        presenters=(str(people[0].id), str(people[1].id)),
    )
    kinds: list[tuple[str, dict[str, Any]]] = [("start", start.to_data()), ("next_phase", {})]
    kinds += [("floor", {"person_id": str(people[n % FOLLOWERS].id)}) for n in range(EARLIER - 2)]
    return [
        {
            "id": uuid.uuid4(),
            "meeting_id": meeting.id,
            "seq": seq,
            "kind": kind,
            "at": at + timedelta(seconds=4 * seq),
            "device_id": device,
            "device_event_id": f"earlier-{seq}",
            "data": data,
        }
        for seq, (kind, data) in enumerate(kinds, start=1)
    ]


# The servers


@contextlib.contextmanager
def _gunicorn(target: str, url: str, folder: Path, *, workers: int, threads: int) -> Iterator[tuple[int, int]]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = [sys.executable, "-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--worker-class", "gthread"]
    words += ["--workers", str(workers), "--threads", str(threads), "--keep-alive", "75", "--backlog", "4096"]
    words += ["--worker-connections", "20000", "--graceful-timeout", "2", "--log-level", "warning", target]
    environ = {"DATABASE_URL": url, "RUNDAN_INSTANCE": str(folder), "SECRET_KEY": SECRET, "TEXT_KEY": "x" * 40}
    process = subprocess.Popen(words, env={**os.environ, **environ})
    try:
        _await_ready(port, 8 * workers)
        yield port, process.pid
    finally:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()


def _await_ready(port: int, answers: int) -> None:
    """Wait until so many requests in a row were answered: every worker has loaded the app."""
    deadline, got = time.monotonic() + 90, 0
    while got < answers and time.monotonic() < deadline:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=60) as one:
                one.sendall(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                got = got + 1 if one.recv(100) else 0
        except OSError:
            time.sleep(0.1)


def _family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in _family(int(child)))]


def _cpu_s(pid: int) -> float:
    total = 0
    for one in _family(pid):
        with contextlib.suppress(OSError):
            total += sum(map(int, Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def _rss_kb(pid: int) -> int:
    return sum(
        int(line.split()[1])
        for one in _family(pid)
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )


# The load


async def _measure(url: str, folder: Path, meetings: int, seconds: float) -> Measured:
    rounds = json.loads((folder / "rounds.json").read_text())
    measured = Measured()
    with contextlib.ExitStack() as stack:
        if url.startswith("sqlite"):
            web = live = stack.enter_context(_gunicorn(APP, url, folder, workers=1, threads=8))
        else:
            web = stack.enter_context(_gunicorn(APP, url, folder, workers=2, threads=8))
            live = stack.enter_context(_gunicorn(APP, url, folder, workers=1, threads=8))
        load = Load(rounds, web[0], live[0], measured)
        await load.warm()
        before_kb = _rss_kb(live[1])
        await load.open_streams()
        measured.stream_kb = (_rss_kb(live[1]) - before_kb) / (meetings * FOLLOWERS)
        processes = {"web": web[1], "live": live[1]} if web != live else {"web_and_live": web[1]}
        cpu = {name: _cpu_s(pid) for name, pid in processes.items()} | {"load": time.process_time()}
        measured.bytes_read = 0
        await load.run(seconds)
        measured.cpu_s = {name: _cpu_s(pid) - cpu[name] for name, pid in processes.items()}
        measured.cpu_s["load"] = time.process_time() - cpu["load"]
        load.close()
    with _gunicorn(ECHO, url, folder, workers=1 if url.startswith("sqlite") else 2, threads=8) as (port, _pid):
        await Load(rounds, port, port, measured).run_echo(min(seconds, 10))
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
        self.measured.missed = self.measured.taps * FOLLOWERS - sum(one.arrived for one in self.rounds)

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
