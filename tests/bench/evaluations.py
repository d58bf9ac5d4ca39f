"""The evaluation in numbers: how much of the answers is shown, a ballot's weight, the time to answer and to close."""

import random
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

import config
from supervision import jobs
from supervision.app import create_app
from supervision.evaluations import rules, services, tasks
from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease
from supervision.evaluations.questionnaire import standard
from supervision.evaluations.sealing import KeyRing, seal
from supervision.groups.models import Membership
from supervision.kernel.ids import new_id
from supervision.people.models import Person
from supervision.store.database import db, writing
from tests import factories, servers
from tests.bench import Figure, _once_s

OPENS_AT = datetime(2026, 12, 2, 7, 0, tzinfo=UTC)
CLOSES_AT = OPENS_AT + timedelta(days=21)
RESPONDENTS = 10_000
IN_A_GROUP = 6
TRIES = 400


def figures() -> Iterator[Figure]:
    yield from coverage()
    key = KeyRing(Path(tempfile.mkdtemp())).make(new_id())
    yield Figure("ballot", len(seal(key, dict.fromkeys(standard().keys, 5))), "bytes", 2_200)
    with _sqlite() as app:
        yield from life(app, "sqlite")
    server = servers.start_postgres()
    if server is not None:
        server.create_database("bench_evaluations")
        with _app(server.url("bench_evaluations")) as app:
            yield from life(app, "postgres")
        server.drop_database("bench_evaluations")
        server.stop()


# How much is shown


def coverage() -> Iterator[Figure]:
    """The share of those who answered whose answers are shown at all, and that of those shown in their own group."""
    for share in (0.8, 0.9):
        for groups in (1, 3, 10, 100):
            shown, alone, all_of_them = 0, 0, 0
            draw = random.Random(groups)
            for _ in range(TRIES if groups < 100 else TRIES // 10):
                counts = {n: sum(draw.random() < share for _ in range(draw.choice((5, 6, 7)))) for n in range(groups)}
                cells = rules.cells(counts)
                all_of_them += sum(counts.values())
                shown += sum(counts[group] for cell in cells for group in cell)
                alone += sum(counts[group] for cell in cells if len(cell) == 1 for group in cell)
            name = f"{round(share * 100)}_percent_answer_in_{groups}_groups"
            yield Figure(f"not_shown.{name}", 100 * (1 - shown / all_of_them), "% of answers", 45)
            yield Figure(f"not_alone.{name}", 100 * (1 - alone / all_of_them), "% of answers", 80)


# How long it takes


@contextmanager
def _sqlite() -> Iterator[Flask]:
    folder = Path(tempfile.mkdtemp())
    with _app(f"sqlite:///{folder / 'bench.sqlite'}") as app:
        yield app
    shutil.rmtree(folder)


@contextmanager
def _app(url: str) -> Iterator[Flask]:
    folder = Path(tempfile.mkdtemp())
    secret = "a secret of the measurements, long enough"
    app = create_app(
        config.Config(
            env="development", secret_key=secret, text_key=secret, database_url=url, instance=folder, testing=True
        )
    )
    with app.app_context():
        upgrade()
        yield app
        db.engine.dispose()
    shutil.rmtree(folder)


def life(app: Flask, system: str) -> Iterator[Figure]:
    """Answering as one of many, and closing."""
    keys = KeyRing(app.config["SETTINGS"].instance / "keys")
    writing.set(True)
    with Session(db.engine) as session:
        campaign, people = _voted(session, keys)
        person = people[-1]
        took = _once_s(lambda: _submit(session, campaign, person))
        yield Figure(f"answer_as_one_of_ten_thousand.{system}", took, "s", 60)
        expected = session.scalar(select(func.count()).select_from(Ballot))
        session.commit()
        yield Figure(f"answered.{system}", float(expected or 0), "ballots", RESPONDENTS)
    closed = _once_s(lambda: tasks.close_due(jobs.transaction, keys, CLOSES_AT))
    yield Figure(f"close_ten_thousand.{system}", closed, "s", 120)
    wiped = _once_s(lambda: tasks.destroy_remains(jobs.transaction, keys))
    yield Figure(f"wipe_ten_thousand.{system}", wiped, "s", 120)
    with Session(db.engine) as session:
        released = session.scalars(select(EvaluationRelease)).one()
        assert len(released.content["release"]["cells"]) > 1
        assert session.scalar(select(func.count()).select_from(Ballot)) == 0
    assert not keys.is_marked


def _submit(session: Session, campaign: Campaign, person: Any) -> None:
    services.submit(session, person, campaign, dict.fromkeys(standard().keys, 4), OPENS_AT)
    session.commit()


def _voted(session: Session, keys: KeyRing) -> tuple[Campaign, list[Any]]:
    """Ten thousand people of whom all but one have answered."""
    assignment = factories.make_assignment(session)
    groups = [factories.make_group(session, assignment) for _ in range(-(-RESPONDENTS // IN_A_GROUP))]
    ids = [new_id() for _ in range(RESPONDENTS)]
    words = {"language": "sv", "created_at": OPENS_AT}
    rows = [words | {"id": one, "name": f"P {n}", "email": f"bench{n}@example.se"} for n, one in enumerate(ids)]
    session.execute(insert(Person), rows)
    seats = [
        {"person_id": one, "group_id": groups[n // IN_A_GROUP].id, "place_no": n % IN_A_GROUP, "joined_at": OPENS_AT}
        for n, one in enumerate(ids)
    ]
    session.execute(insert(Membership), seats)
    campaign = Campaign(assignment=assignment, opens_at=OPENS_AT, closes_at=CLOSES_AT, created_at=OPENS_AT)
    session.add(campaign)
    session.flush()
    people = list(services.open_campaign(session, campaign, keys, OPENS_AT))
    home = {seat["person_id"]: seat["group_id"] for seat in seats}
    key, draw = campaign.public_key or b"", random.Random(1)
    ballots = [
        {
            "id": new_id(),
            "campaign_id": campaign.id,
            "group_id": home[person.id],
            "sealed": seal(key, {name: draw.choice((None, 1, 2, 3, 4, 5)) for name in standard().keys}),
        }
        for person in people[:-1]
    ]
    session.execute(insert(Ballot.__table__), ballots)
    session.commit()
    return campaign, [factories.actor_of(people[-1])]
