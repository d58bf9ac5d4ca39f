"""Real jobs processes on each database: one takes over from another, and what fell due meanwhile is done once."""

import random
import time
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from supervision.evaluations.models import Campaign, RegisterEntry
from supervision.groups.models import QueuePlace
from supervision.outbox.models import Mail
from supervision.reminders.models import Reminder
from tests import factories
from tests.jobs.mailing import AT, mail_row
from tests.jobs.processes import PATIENCE_S, jobs_on, mail_server

DOWN = timedelta(hours=6)
WITHIN_S = 60
WRITTEN = {"test": 20, "reminder": 6, "few": 1, "offer": 1, "dates": 8, "evaluation": 8}


@dataclass(frozen=True)
class Done:
    """What the processes have made of the world: mails written by kind, mails that wait, reminders, offers."""

    written: Counter[str]
    waiting: int
    reminders: int
    places: tuple[str, ...]
    opened: int

    @property
    def is_all(self) -> bool:
        return self.waiting == 0 and all(self.written[kind] >= count for kind, count in WRITTEN.items())


@pytest.fixture
def due(session) -> None:
    """Work that falls due at `AT`: reminders, a question, an offer that runs out, an evaluation, and mail."""
    assignment = factories.make_assignment(session)
    linden = factories.make_group(session, assignment, name="Linden")
    for _ in range(6):
        factories.make_member(session, linden)
    factories.make_meeting(session, linden, AT + timedelta(days=3))
    alen = factories.make_group(session, assignment, name="Alen")
    for _ in range(2):
        factories.make_member(session, alen)
    factories.make_meeting(session, alen, AT + timedelta(days=10))
    oxeln = factories.make_group(session, name="Oxeln", seats=4, taken=1, status="forming")
    for number in (1, 2):
        session.add(
            QueuePlace(
                group_id=oxeln.id,
                person_id=factories.make_person(session).id,
                number=number,
                status="offered" if number == 1 else "waiting",
                queued_at=AT,
                offer_until_at=AT if number == 1 else None,
            )
        )
    session.add(
        Campaign(assignment_id=assignment.id, opens_at=AT, closes_at=AT + timedelta(days=21), created_at=factories.NOW)
    )
    session.execute(insert(Mail), [mail_row(number) for number in range(20)])
    session.commit()


def look(url: str) -> Done:
    engine = create_engine(url)
    with Session(engine) as session:
        done = Done(
            written=Counter(session.scalars(select(Mail.kind))),
            waiting=session.scalar(select(func.count()).select_from(Mail).where(Mail.sent_at.is_(None))) or 0,
            reminders=session.scalar(select(func.count()).select_from(Reminder)) or 0,
            places=tuple(session.scalars(select(QueuePlace.status).order_by(QueuePlace.number))),
            opened=session.scalar(select(func.count()).select_from(RegisterEntry)) or 0,
        )
    engine.dispose()
    return done


def wait_for_all(url: str) -> Done:
    until = time.monotonic() + WITHIN_S
    while not (done := look(url)).is_all and time.monotonic() < until:
        time.sleep(0.2)
    return done


def check_once(done: Done) -> None:
    assert {kind: done.written[kind] for kind in WRITTEN} == WRITTEN
    assert done.waiting == 0
    assert done.reminders == 7
    assert done.places == ("expired", "offered")
    assert done.opened == 8


def test_after_six_hours_down_all_that_is_due_is_done_once_within_a_minute(app, database_url, due, tmp_path) -> None:
    with mail_server() as (inbox, port), jobs_on(database_url, tmp_path, port, AT + DOWN) as jobs:
        jobs.start()
        done = wait_for_all(database_url)
        time.sleep(2.5)  # another sweep of the outbox finds nothing
    check_once(done)
    assert set(inbox.took.values()) == {1}
    assert len(inbox.took) == done.written.total()


def test_when_leaders_are_killed_another_does_each_thing_once(app, database_url, due, tmp_path) -> None:
    rng = random.Random(7)
    with mail_server() as (inbox, port), jobs_on(database_url, tmp_path, port, AT + DOWN) as jobs:
        leader = jobs.start()
        jobs.start()  # waits to take over, and is killed in its turn
        follower = max(jobs.alive - {leader})
        for killed in (leader, follower):
            wanted, until = len(inbox.took) + rng.randint(1, 8), time.monotonic() + PATIENCE_S
            while len(inbox.took) < wanted and time.monotonic() < until:
                time.sleep(0.001)
            jobs.kill(killed)
        assert 0 < len(inbox.took) < sum(WRITTEN.values())
        jobs.start(3600)  # a mail whose sender was killed waits a minute for its next try
        done = wait_for_all(database_url)
    check_once(done)
    assert len(inbox.took) == done.written.total()
    assert inbox.duplicates <= 2
