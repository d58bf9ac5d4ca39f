"""Real web servers with many rounds under way, for what is measured and what is tested with them."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
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
from tests.conftest import make_config

APP = "supervision.app:create_app()"
FOLLOWERS = 7
EARLIER = 60  # events a round has behind it when the load begins: the middle of a meeting
SECRET = "a secret of the measurement, long enough for all"


@contextlib.contextmanager
def database(name: str, folder: Path, meetings: int) -> Iterator[str]:
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
        LoginSession(
            token_hash=fingerprint(token),
            person_id=person.id,
            started_at=at,
            seen_at=at,
            is_own_device=True,
            factor="totp",
            factor_at=at,
        )
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
def gunicorn(target: str, url: str, folder: Path, *, workers: int, threads: int) -> Iterator[tuple[int, int]]:
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
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(30)


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


def family(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in children for one in family(int(child)))]


def cpu_s(pid: int) -> float:
    total = 0
    for one in family(pid):
        with contextlib.suppress(OSError):
            total += sum(map(int, Path(f"/proc/{one}/stat").read_text().rsplit(")", 1)[1].split()[11:13]))
    return total / os.sysconf("SC_CLK_TCK")


def rss_kb(pid: int) -> int:
    return sum(
        int(line.split()[1])
        for one in family(pid)
        for line in Path(f"/proc/{one}/status").read_text().splitlines()
        if line.startswith("VmRSS")
    )


# The load
