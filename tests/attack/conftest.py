"""What the attacks share: an evaluation that opens and closes quickly, and a line for each figure."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supervision import jobs
from supervision.evaluations import services, tasks
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.evaluations.questionnaire import standard
from supervision.evaluations.sealing import KeyRing
from supervision.outbox.models import Mail
from supervision.store.database import writing
from tests import factories

OPENS_AT = datetime(2026, 12, 2, 7, 0, tzinfo=UTC)
CLOSES_AT = datetime(2026, 12, 23, 19, 0, tzinfo=UTC)
KEYS = standard().keys


@pytest.fixture
def say(request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Write a figure where whoever runs the attacks reads it."""
    reporter = request.config.pluginmanager.get_plugin("terminalreporter")
    return lambda text: reporter.write_line(f"\n  {text}") if reporter else None


@dataclass
class Field:
    """An assignment with groups and members; evaluations of it, one after another."""

    app: Flask
    session: Session
    keys: KeyRing
    assignment: Any = None
    groups: list[Any] = field(default_factory=list)
    members: list[Any] = field(default_factory=list)

    def settle(self, *sizes: int) -> "Field":
        self.assignment = factories.make_assignment(self.session)
        for seats in sizes:
            group = factories.make_group(self.session, self.assignment, seats=max(seats, 4))
            self.groups.append(group)
            self.members += [factories.make_member(self.session, group) for _ in range(seats)]
        self.session.commit()
        return self

    def open(self) -> Campaign:
        """Open an evaluation as the jobs do, without the mails."""
        campaign = Campaign(assignment=self.assignment, opens_at=OPENS_AT, closes_at=CLOSES_AT, created_at=OPENS_AT)
        self.session.add(campaign)
        self.session.flush()
        assert services.open_campaign(self.session, campaign, self.keys, OPENS_AT)
        self.session.commit()
        return campaign

    def answer(self, campaign: Campaign, person: Any, answers: dict[str, int | None], at: datetime = OPENS_AT) -> None:
        services.submit(self.session, factories.actor_of(person), campaign, answers, at)
        self.session.commit()

    def close(self, at: datetime = CLOSES_AT) -> None:
        """Sweep as the jobs do at the announced hour."""
        self.session.commit()
        with self.app.app_context():
            tasks.close_due(jobs.transaction, self.keys, at)
            tasks.destroy_remains(jobs.transaction, self.keys)
        writing.set(True)
        self.session.expire_all()

    def releases(self) -> list[dict[str, Any]]:
        return list(self.session.scalars(select(EvaluationRelease.content)))

    def clear(self) -> None:
        """Forget every evaluation, so that the next one has the field to itself."""
        self.session.rollback()
        for table in (EvaluationRelease, Campaign, Mail):
            self.session.execute(delete(table))
        self.session.commit()
        for campaign_id in self.keys.kept():
            self.keys.destroy(campaign_id)
        self.keys.unmark()


@pytest.fixture
def ground(app: Flask, session: Session) -> Field:
    """An empty field: the first closing would destroy a key that another test has left, with steps of its own."""
    field = Field(app, session, KeyRing(app.config["SETTINGS"].instance / "keys"))
    field.clear()
    return field


def later(minutes: float) -> datetime:
    return OPENS_AT + timedelta(minutes=minutes)
