"""What tests of an open evaluation share: its hour, and one person's answers through the service."""

from datetime import UTC, datetime

from supervision.evaluations import services
from supervision.evaluations.questionnaire import standard
from tests import factories

OPEN_AT = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)  # six weeks before 13 January 2027


def answer(session, campaign, person, value=5, at=OPEN_AT):
    services.submit(session, factories.actor_of(person), campaign, dict.fromkeys(standard().keys, value), at)
    session.commit()
