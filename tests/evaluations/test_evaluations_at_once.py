"""Many answer in the same moment: each is kept, nobody is refused, and nobody waits long."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from supervision import jobs
from supervision.evaluations import queries, services
from supervision.evaluations.models import Ballot, Campaign, RegisterEntry
from supervision.evaluations.sealing import unseal
from supervision.groups.models import Membership
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.people.models import Person
from supervision.store.database import writing
from tests import factories
from tests.evaluations.voting import OPEN_AT

ROSTER, AT_ONCE, IN_A_GROUP = 700, 30, 7


@pytest.fixture
def crowd(session: Session, keys) -> tuple[Campaign, list[Person]]:
    """An open evaluation of seven hundred people, and thirty of them."""
    assignment = factories.make_assignment(session)
    groups = [factories.make_group(session, assignment, seats=IN_A_GROUP) for _ in range(ROSTER // IN_A_GROUP)]
    ids = [new_id() for _ in range(ROSTER)]
    words = {"language": "sv", "created_at": OPEN_AT}
    rows = [words | {"id": one, "name": f"P {n}", "email": f"crowd{n}@example.se"} for n, one in enumerate(ids)]
    session.execute(insert(Person), rows)
    seats = [
        {"person_id": one, "group_id": groups[n // IN_A_GROUP].id, "place_no": n % IN_A_GROUP, "joined_at": OPEN_AT}
        for n, one in enumerate(ids)
    ]
    session.execute(insert(Membership), seats)
    window = {"opens_at": OPEN_AT, "closes_at": OPEN_AT.replace(day=23)}
    campaign = Campaign(assignment=assignment, created_at=OPEN_AT, **window)
    session.add(campaign)
    session.flush()
    assert services.open_campaign(session, campaign, keys, OPEN_AT)
    session.commit()
    people = session.scalars(select(Person).where(Person.id.in_(ids[::23][:AT_ONCE]))).all()
    actors = [factories.actor_of(one) for one in people]
    session.commit()
    return campaign, actors


def test_thirty_answer_at_once_and_all_are_kept(app, session, crowd, keys, request) -> None:
    campaign, actors = crowd
    campaign_id, before = campaign.id, {actor.id: n % 5 + 1 for n, actor in enumerate(actors)}
    session.commit()
    ready = Barrier(len(actors))

    def answer(actor) -> float:
        with app.app_context():
            ready.wait(60)
            began = time.monotonic()
            with jobs.transaction() as own:
                asked = own.get_one(Campaign, campaign_id)
                key = services.questions_of(asked).keys[0]
                services.submit(own, actor, asked, {key: before[actor.id]}, OPEN_AT)
            return time.monotonic() - began

    with ThreadPoolExecutor(len(actors)) as pool:
        waits = list(pool.map(answer, actors))
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    if reporter:
        reporter.write_line(f"\n  {AT_ONCE} answer at once among {ROSTER}: the last waits {max(waits):.2f} s")
    writing.set(True)
    session.expire_all()
    assert session.scalar(select(func.count()).where(RegisterEntry.campaign_id == campaign_id)) == ROSTER
    done = session.scalars(select(RegisterEntry.person_id).where(RegisterEntry.done)).all()
    assert sorted(done) == sorted(before)
    key = keys.read(campaign_id)
    opened = [unseal(key, one) for one in session.scalars(select(Ballot.sealed))]
    first = services.questions_of(session.get_one(Campaign, campaign_id)).keys[0]
    assert sorted(one[first] for one in opened if one) == sorted(before.values())


def test_one_person_who_sends_twice_at_once_is_counted_once(app, session, crowd) -> None:
    campaign, actors = crowd
    campaign_id = campaign.id
    session.commit()
    ready = Barrier(4)

    def answer(_number: int) -> str:
        with app.app_context():
            ready.wait(60)
            try:
                with jobs.transaction() as own:
                    services.submit(own, actors[0], own.get_one(Campaign, campaign_id), {}, OPEN_AT)
            except RuleBroken as refusal:
                return refusal.code
            return "kept"

    with ThreadPoolExecutor(4) as pool:
        told = sorted(pool.map(answer, range(4)))
    writing.set(True)
    session.expire_all()
    assert told == ["already_answered"] * 3 + ["kept"]
    assert len(queries.ballots_of(session, campaign_id)) == 1
