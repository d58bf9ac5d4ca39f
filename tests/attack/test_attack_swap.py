"""Swap who casts which ballot, and when: what anyone is told and what is left afterwards stays the same."""

import json
import logging
import random
import re

import pytest
from sqlalchemy import MetaData, delete, select

from supervision.audit.models import AuditEvent
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession
from supervision.store.base import Base
from tests import factories
from tests.attack import size
from tests.attack.conftest import KEYS, later

RANDOM = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
MASKED = re.compile(
    rb'name="csrf_token"[^>]*value="[^"]*"|value="[^"]*"[^>]*name="csrf_token"'
    rb"|\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(?:\.\d+)?(?:\+\d\d:\d\d)?"
)


def dump(session, known: set[str]) -> list[str]:
    """Every row of every table, sorted, with instants and ids made since masked."""
    metadata: MetaData = Base.metadata
    lines = []
    for table in metadata.sorted_tables:
        for row in session.execute(select(table)).mappings():
            text = json.dumps({key: str(value) for key, value in row.items()}, sort_keys=True)
            text = RANDOM.sub(lambda found: found[0] if found[0].replace("-", "") in known else "#", text)
            lines.append(f"{table.name} {MASKED.sub(b'@', text.encode()).decode()}")
    session.commit()
    return sorted(lines)


@pytest.fixture
def run(ground, session, browser, clock, caplog, monkeypatch):
    """Let people answer in an order with given ballots, through their browsers; return all there is to see."""
    ground.settle(5, 5)
    caplog.set_level(logging.DEBUG)
    known = {str(row).replace("-", "") for one in (*ground.members, *ground.groups) for row in [one.id]}
    known |= {ground.assignment.id.hex, ground.assignment.organisation_id.hex}

    def go(ballots, order):
        ground.clear()
        for table in (LoginSession, AuditEvent):
            session.execute(delete(table))
        clock.set(later(0))
        monkeypatch.setattr(factories, "NOW", clock.at)
        browsers = [factories.sign_in(browser(), person, session) for person in ground.members]
        campaign = ground.open()
        caplog.clear()
        told = {}
        for place in order:
            clock.forward(minutes=7)
            reader = browsers[place]
            path = f"/evaluations/{campaign.id}/answer"
            reader.get(path)
            reader.post(path, {f"q_{key}": str(value or "x") for key, value in ballots[place].items()})
            told[place] = [reader.status, MASKED.sub(b"@", reader.response.get_data())]
        logs = sorted(f"{one.name} {one.levelname} {one.getMessage()}" for one in caplog.records)
        mails = session.scalars(select(Mail.text)).all()
        session.commit()
        ground.close()
        released = ground.releases()
        seen = {
            "responses": json.dumps([[place, str(told[place])] for place in sorted(told)]),
            "logs": json.dumps(logs),
            "mails": json.dumps(list(mails)),
            "dump": json.dumps(dump(session, known)),
        }
        return {name: _masked(text, campaign.id) for name, text in seen.items()}, released

    return go


def _masked(text, campaign_id):
    return text.replace(str(campaign_id), "campaign").replace(campaign_id.hex, "campaign")


def test_who_cast_which_ballot_and_when_leaves_no_difference(run):
    draw = random.Random(11)
    for _ in range(size(1, 10)):
        ballots = [{key: draw.choice((None, 1, 2, 3, 4, 5)) for key in KEYS} for _ in range(10)]
        seen, released = run(ballots, list(range(10)))
        swapped = draw.sample(ballots[:5], 5) + draw.sample(ballots[5:], 5)  # a ballot stays in its cell
        other, again = run(swapped, draw.sample(range(10), 10))
        assert released == again
        for name, text in seen.items():
            assert other[name] == text, name


def test_another_ballot_does_make_a_difference(run):
    """The control: the release depends on what was answered."""
    low, high = ([dict.fromkeys(KEYS, value)] * 10 for value in (1, 5))
    assert run(low, range(10))[1] != run(high, range(10))[1]
