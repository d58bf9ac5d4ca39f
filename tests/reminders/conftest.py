from datetime import UTC, datetime

import pytest

from tests import factories

STARTS_AT = datetime(2026, 12, 8, 13, 0, tzinfo=UTC)  # a Tuesday, 14:00 in Stockholm


@pytest.fixture
def supervisor(session):
    return factories.make_supervisor(session)


@pytest.fixture
def assignment(session, supervisor):
    return factories.make_assignment(session, supervisor)


@pytest.fixture
def group(session, assignment):
    return factories.make_group(session, assignment, name="Grupp Linden", taken=0)


@pytest.fixture
def meeting(session, group):
    return factories.make_meeting(session, group, STARTS_AT, place="Gamla apoteket")


@pytest.fixture
def leyla(session, group):
    return factories.make_member(session, group, factories.make_person(session, "Leyla"))
