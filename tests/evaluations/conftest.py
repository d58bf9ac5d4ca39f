"""An evaluation opened by the jobs: one group of six."""

import pytest
from flask import Flask
from sqlalchemy import select

from supervision import jobs
from supervision.evaluations.models import Campaign
from supervision.evaluations.sealing import KeyRing
from supervision.store.database import writing
from tests import factories
from tests.evaluations.voting import OPEN_AT


@pytest.fixture
def keys(app: Flask) -> KeyRing:
    return KeyRing(app.config["SETTINGS"].instance / "keys")


@pytest.fixture
def sweep(app: Flask, session, clock):
    def run(at) -> None:
        clock.set(at)
        session.commit()
        with app.app_context():
            jobs.plan_open_close(app)
        writing.set(True)
        session.expire_all()

    return run


@pytest.fixture
def opened(session, sweep):
    """An open evaluation of one group of six, and its members."""
    assignment = factories.make_assignment(session)
    group = factories.make_group(session, assignment)
    members = [factories.make_member(session, group) for _ in range(6)]
    sweep(factories.NOW)
    sweep(OPEN_AT)
    campaign = session.scalars(select(Campaign).where(Campaign.status == "open")).one()
    return campaign, group, members
