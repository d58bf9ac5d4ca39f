"""Closing is cut short at each of its steps in turn, and gone on with: the same release, once, and nothing left."""

import gc
import os
import random

import pytest
from sqlalchemy import func, insert, select

from supervision import jobs
from supervision.evaluations import rules, services, tasks
from supervision.evaluations.models import Ballot, Campaign, RegisterEntry
from supervision.evaluations.sealing import KeyRing, seal
from supervision.kernel.ids import new_id
from supervision.outbox.models import Mail
from supervision.store.database import db, writing
from tests.attack import FULL
from tests.attack.conftest import CLOSES_AT, KEYS, Field, later
from tests.attack.crashing import Plug, PowerCut, in_a_process_that_is_killed, lines_of, statements_and_files

CAST = [dict.fromkeys(KEYS, value) for value in (5, 5, 4, 4, 3, 5)]


@pytest.fixture
def litter(app) -> None:
    """What a test that ran before may leave: the key of a campaign that is gone."""
    KeyRing(app.config["SETTINGS"].instance / "keys").make(new_id())


@pytest.fixture
def voted(ground: Field):
    """A field in which everyone answers as soon as an evaluation opens."""
    ground.settle(6)

    def run() -> Campaign:
        campaign = ground.open()
        rows = [{"id": new_id(), "campaign_id": campaign.id, "group_id": ground.groups[0].id} for _ in ground.members]
        for row, answers in zip(rows, CAST, strict=True):
            row["sealed"] = seal(campaign.public_key, answers)
        ground.session.execute(insert(Ballot.__table__), rows)
        ground.session.commit()
        return campaign

    return run


def close(ground: Field) -> None:
    """What the jobs do, with what a crash may have left in this process cleared away first."""
    gc.collect()  # what died with an exception still holds its connection
    with ground.app.app_context():
        db.session.remove()
        tasks.close_due(jobs.transaction, ground.keys, CLOSES_AT)
        tasks.destroy_remains(jobs.transaction, ground.keys)


def expected(ground: Field) -> dict:
    return rules.release({str(ground.groups[0].id): CAST}, KEYS).as_data()


def check_closed_once(ground: Field, where: object) -> None:
    session = ground.session
    writing.set(True)
    session.expire_all()
    assert [one["release"] for one in ground.releases()] == [expected(ground)], where
    assert session.scalar(select(func.count()).select_from(Ballot)) == 0, where
    assert session.scalar(select(func.count()).select_from(RegisterEntry)) == 0, where
    assert session.scalars(select(Campaign.status)).one() == "released", where
    assert session.scalar(select(func.count()).select_from(Mail)) == 0, where
    assert ground.keys.kept() == (), where
    assert not ground.keys.is_marked, where
    assert [one.name for one in ground.keys.folder.iterdir()] == [], where
    ground.clear()


def steps_of(ground: Field, voted, watch) -> int:
    voted()
    plug = Plug()
    with watch(plug):
        close(ground)
    check_closed_once(ground, "undisturbed")
    assert plug.steps > 10
    return plug.steps


def some(steps: int, few: int) -> list[int]:
    return list(range(steps)) if FULL else sorted(random.Random(1).sample(range(steps), min(few, steps)))


def test_what_another_test_has_left_adds_no_step(litter, ground, voted):
    """Otherwise a cut at a step that is there the first time only would never come."""
    steps = [steps_of(ground, voted, lambda plug: statements_and_files(plug, ground.keys.folder)) for _ in range(2)]
    assert steps[0] == steps[1]


def test_power_cut_at_each_statement_and_file(ground, voted, say):
    def watch(plug):
        return statements_and_files(plug, ground.keys.folder)

    steps = steps_of(ground, voted, watch)
    say(f"closing: {steps} steps of statements, commits and files")
    for at in some(steps, 12):
        voted()
        with pytest.raises(PowerCut), watch(Plug(at)):
            close(ground)
        close(ground)
        check_closed_once(ground, at)


def test_power_cut_at_each_line(ground, voted, say):
    folder = ground.app.root_path + "/evaluations"

    def watch(plug):
        return lines_of(plug, folder)

    steps = steps_of(ground, voted, watch)
    say(f"closing: {steps} lines")
    for at in some(steps, 12):
        voted()
        with pytest.raises(PowerCut), watch(Plug(at)):
            close(ground)
        close(ground)
        check_closed_once(ground, at)


def test_the_process_is_killed_at_a_step(ground, voted):
    """No rollback and no `finally` runs: the database alone puts it right."""
    folder = ground.keys.folder
    steps = steps_of(ground, voted, lambda plug: statements_and_files(plug, folder, after_commits=True))
    for at in some(steps, 5):
        voted()

        def work(at: int = at) -> None:
            with ground.app.app_context():
                db.engine.dispose(close=False)  # the connections are the parent's
            with statements_and_files(Plug(at, lambda: os._exit(9)), folder, after_commits=True):
                close(ground)

        in_a_process_that_is_killed(work)
        close(ground)
        check_closed_once(ground, at)


def test_two_that_close_at_once_release_once(ground, voted):
    """The second finds it closed: closing again changes nothing, and says so."""
    campaign_id = voted().id
    ground.session.commit()
    close(ground)
    ground.session.expire_all()
    before = ground.releases()
    ground.session.commit()
    with ground.app.app_context(), jobs.transaction() as session:
        assert services.close_campaign(session, session.get(Campaign, campaign_id), ground.keys, later(10**6)) is None
    writing.set(True)
    assert ground.releases() == before
