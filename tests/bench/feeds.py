"""The calendar feed and the pages of supervisor and coordinator, with 10 and with 1,000 groups in the database.

Whoever looks has ten groups in both; what the others have must not be felt. Queries are counted beside the time.
"""

import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade
from sqlalchemy import Engine, event, insert
from sqlalchemy.orm import Session

from supervision.app import create_app
from supervision.calendar import services as calendar
from supervision.groups.models import Group, Membership
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id, new_token
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment, Organisation
from supervision.people import services as people
from supervision.people.models import Person
from supervision.store.database import db, writing
from tests import factories, servers
from tests.bench import Figure
from tests.conftest import Clock, make_config

SMALL, LARGE = 10, 1000
GROUPS_EACH = 10  # of one supervisor, in one organisation
MEMBERS, MEETINGS = 6, 26
REQUESTS = 30
MOST_TIMES = 4.0  # a hundred times the groups may cost so many times the time; the floor is the machine's noise


def figures() -> Iterator[Figure]:
    yield from _on("sqlite", None)
    server = servers.start_postgres()
    if server is None:
        return
    try:
        yield from _on("postgres", server)
    finally:
        server.stop()


def _on(kind: str, server: servers.PostgresServer | None) -> Iterator[Figure]:
    seen: dict[int, dict[str, tuple[float, int]]] = {}
    for size in (SMALL, LARGE):
        with tempfile.TemporaryDirectory() as folder:
            url = f"sqlite:///{folder}/bench.sqlite"
            if server is not None:
                server.create_database(f"bench_feeds_{size}")
                url = server.url(f"bench_feeds_{size}")
            seen[size] = _measure(url, Path(folder), size)
            if server is not None:
                server.drop_database(f"bench_feeds_{size}")
    for page, (small_ms, small_queries) in seen[SMALL].items():
        large_ms, large_queries = seen[LARGE][page]
        yield Figure(f"{kind}.{page}_{SMALL}_groups", small_ms, "ms", float("inf"))
        yield Figure(f"{kind}.{page}_{LARGE}_groups", large_ms, "ms", float("inf"))
        yield Figure(f"{kind}.{page}_times", large_ms / small_ms, "times", MOST_TIMES)
        yield Figure(f"{kind}.{page}_queries", large_queries, "queries", small_queries)


def _measure(url: str, folder: Path, size: int) -> dict[str, tuple[float, int]]:
    clock = Clock()
    app = create_app(make_config(url, folder), clock=clock)
    with app.app_context():
        upgrade()
        writing.set(True)
        with Session(db.engine) as session:
            supervisor_id, organisation_id, assignment_id, group_id, member_id = _fill(session, size)
            coordinator = factories.make_manager(session, session.get_one(Organisation, organisation_id), "coordinator")
            token = calendar.make_feed(session, Actor(person_id=member_id), now=clock.at)
            supervisor_token = calendar.make_feed(session, Actor(person_id=supervisor_id), now=clock.at)
            sessions = [
                people.start_session(
                    session, session.get_one(Person, one), is_own_device=True, factor="totp", now=clock.at
                )
                for one in (supervisor_id, coordinator.id)
            ]
            session.commit()
        db.session.remove()
        engine = db.engine
    # outside the app's context: inside it the requests would share one instant and one reader
    maria, planner = (_signed_in(app, one) for one in sessions)
    nobody = app.test_client()
    paths = {
        "member_feed": (nobody, f"/calendar/{token}.ics"),
        "supervisor_feed": (nobody, f"/calendar/{supervisor_token}.ics"),
        "supervisor_start": (maria, "/"),
        "group": (maria, f"/groups/{group_id}"),
        "coordinator_start": (planner, "/"),
        "coordinator_organisation": (planner, f"/organisations/{organisation_id}"),
        "coordinator_assignment": (planner, f"/assignments/{assignment_id}"),
    }
    found = {name: _ask(engine, client, path, clock) for name, (client, path) in paths.items()}
    clock.forward(hours=1)
    known = {"If-None-Match": nobody.get(paths["supervisor_feed"][1]).headers["ETag"]}
    found["supervisor_feed_unchanged"] = _ask(engine, *paths["supervisor_feed"], clock, known)
    engine.dispose()
    return found


def _signed_in(app: Flask, token: str) -> FlaskClient:
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
        cookie["_fresh"] = True
    return client


def _ask(
    engine: Engine, client: FlaskClient, path: str, clock: Clock, headers: dict[str, str] | None = None
) -> tuple[float, int]:
    """Return the shortest time of a request in ms, and the number of statements of one."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    assert client.get(path, headers=headers).status_code in {200, 304}, path
    event.listen(engine, "before_cursor_execute", note)
    assert client.get(path, headers=headers).status_code in {200, 304}
    event.remove(engine, "before_cursor_execute", note)
    lengths = []
    for _ in range(REQUESTS):
        clock.forward(seconds=40)  # as often as the limit of a feed allows
        began = time.perf_counter()
        assert client.get(path, headers=headers).status_code in {200, 304}
        lengths.append(time.perf_counter() - began)
    return min(lengths) * 1000, len(statements)


def _fill(session: Session, size: int) -> tuple[object, object, object, object, object]:
    """Make `size` groups, ten to each supervisor, and return the ids of the first supervisor's world."""
    at = factories.NOW
    supervisors, organisations, assignments, groups, members, seats, meetings = ([] for _ in range(7))
    for n in range(size // GROUPS_EACH):
        supervisors.append(_person(f"Handledare {n}", is_supervisor=True, password_hash=factories._PASSWORD_HASH))
        organisations.append({"id": new_id(), "name": f"Kommun {n}", "country": "SE", "created_at": at})
        assignments.append(_assignment(n, organisations[-1]["id"], supervisors[-1]["id"]))
        for number in range(GROUPS_EACH):
            groups.append(_group(number, assignments[-1]["id"]))
            for place_no in range(MEMBERS):
                members.append(_person("Någon"))
                seats.append(_seat(groups[-1]["id"], members[-1]["id"], place_no))
            meetings += _dates(groups[-1]["id"], number)
    for table, rows in (
        (Person, supervisors + members),
        (Organisation, organisations),
        (Assignment, assignments),
        (Group, groups),
        (Membership, seats),
        (Meeting, meetings),
    ):
        session.execute(insert(table), rows)
    return supervisors[0]["id"], organisations[0]["id"], assignments[0]["id"], groups[0]["id"], members[0]["id"]


def _person(name: str, **columns: object) -> dict[str, object]:
    one = new_id()
    row = {"id": one, "name": name, "email": f"{one}@example.se", "language": "sv", "created_at": factories.NOW}
    return row | {"is_supervisor": False, "password_hash": None} | columns


def _assignment(n: int, organisation_id: object, supervisor_id: object) -> dict[str, object]:
    return {
        "id": new_id(),
        "organisation_id": organisation_id,
        "supervisor_id": supervisor_id,
        "title": f"Uppdrag {n}",
        "starts_on": date(2026, 1, 1),
        "ends_on": date(2027, 12, 31),
        "join_token": new_token(),
        "created_at": factories.NOW,
    }


def _group(number: int, assignment_id: object) -> dict[str, object]:
    return {
        "id": new_id(),
        "assignment_id": assignment_id,
        "name": f"Grupp {number}",
        "seats": 7,
        "taken": MEMBERS,
        "status": "running",
        "first_on": date(2026, 9, 1),
        "at_local": wall(14),
        "zone": "Europe/Stockholm",
        "created_at": factories.NOW,
    }


def _seat(group_id: object, person_id: object, place_no: int) -> dict[str, object]:
    joined_at = factories.NOW - timedelta(days=60)
    return {"id": new_id(), "group_id": group_id, "person_id": person_id, "place_no": place_no, "joined_at": joined_at}


def _dates(group_id: object, number: int) -> list[dict[str, object]]:
    first = datetime(2026, 11, 30, 8, tzinfo=UTC) + timedelta(hours=2 * (number % 5), days=number // 5)
    starts = [first + timedelta(days=14 * n) for n in range(MEETINGS)]
    return [
        {"id": new_id(), "group_id": group_id, "number": n, "starts_at": at, "ends_at": at + timedelta(minutes=90)}
        for n, at in enumerate(starts, start=1)
    ]
