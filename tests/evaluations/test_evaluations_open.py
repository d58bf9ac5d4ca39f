"""While an evaluation is open: one reminder to all, a later hour for all, somebody who leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select, text

from supervision.audit.models import AuditEvent
from supervision.evaluations import queries, services
from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease, RegisterEntry
from supervision.groups.models import Membership
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.people.models import Person
from tests import factories
from tests.evaluations.voting import OPEN_AT, answer

CLOSES_AT = datetime(2026, 12, 23, 19, 0, tzinfo=UTC)
REMIND_AT = datetime(2026, 12, 18, 7, 0, tzinfo=UTC)


def reminders(session):
    return session.scalars(select(Mail).where(Mail.kind == "evaluation_reminder")).all()


def test_one_reminder_with_the_same_text_goes_to_the_whole_roster(session, sweep, opened):
    campaign, _group, members = opened
    answer(session, campaign, members[0])
    sweep(REMIND_AT - timedelta(seconds=1))
    assert reminders(session) == []
    sweep(REMIND_AT)
    sweep(REMIND_AT + timedelta(days=1))
    mails = reminders(session)
    assert sorted(one.to_email for one in mails) == sorted(one.email for one in members)
    assert len({(one.subject, one.text, one.html, one.created_at) for one in mails}) == 1


def test_an_extension_brings_no_second_reminder_and_no_late_one(session, sweep, opened):
    campaign, _group, members = opened
    sweep(REMIND_AT)
    actor = factories.actor_of(campaign_supervisor(session, campaign))
    services.extend(session, actor, campaign, date(2027, 1, 10), REMIND_AT)
    sweep(datetime(2027, 1, 6, tzinfo=UTC))
    assert len(reminders(session)) == len(members)


def test_nobody_is_reminded_after_closing(session, sweep, opened):
    campaign, _group, _members = opened
    sweep(CLOSES_AT)
    assert reminders(session) == []
    assert session.get_one(Campaign, campaign.id).status == "destroyed"


def campaign_supervisor(session, campaign):
    held = queries.lock_campaign(session, campaign.id)
    return session.get_one(Person, held.assignment.supervisor_id)


def test_the_hour_is_put_off_for_all_only_before_it_has_come(session, sweep, opened):
    campaign, _group, members = opened
    actor = factories.actor_of(campaign_supervisor(session, campaign))
    held, people = services.extend(session, actor, campaign, date(2027, 1, 10), CLOSES_AT - timedelta(seconds=1))
    assert held.closes_at == datetime(2027, 1, 10, 19, 0, tzinfo=UTC)
    assert {one.id for one in people} == {one.id for one in members}
    audited = session.scalars(select(AuditEvent).where(AuditEvent.action == "evaluation.extended")).one()
    assert audited.object_id == campaign.assignment_id
    sweep(CLOSES_AT)
    assert session.get_one(Campaign, campaign.id).status == "open"
    for closes_on, at, code in (
        (date(2027, 1, 10), CLOSES_AT, "extension_not_later"),
        (date(2027, 1, 9), CLOSES_AT, "extension_not_later"),
        (date(2027, 1, 14), CLOSES_AT, "closing_out_of_range"),
        (date(2027, 1, 12), datetime(2027, 1, 10, 19, 0, tzinfo=UTC), "evaluation_closed"),
    ):
        with pytest.raises(RuleBroken, match=code):
            services.extend(session, actor, campaign, closes_on, at)
        session.rollback()
    sweep(datetime(2027, 1, 10, 19, 0, tzinfo=UTC))
    with pytest.raises(RuleBroken, match="evaluation_closed"):
        services.extend(session, actor, campaign, date(2027, 1, 12), CLOSES_AT)
    session.rollback()


def test_somebody_who_leaves_stays_in_the_frozen_roster(session, sweep, opened):
    campaign, group, members = opened
    leaver = members[0]
    seat = session.scalars(select(Membership).where(Membership.person_id == leaver.id)).one()
    seat.left_at = OPEN_AT
    group.taken -= 1
    newcomer = factories.make_member(session, group)
    session.commit()
    with pytest.raises(RuleBroken, match="not_in_roster"):
        answer(session, campaign, newcomer)
    session.rollback()
    for person in members[:5]:
        answer(session, campaign, person)
    assert queries.get_own(session, factories.actor_of(leaver), campaign.id).is_done
    sweep(CLOSES_AT)
    (cell,) = session.scalars(select(EvaluationRelease.content)).one()["release"]["cells"]
    assert cell["group_ids"] == [str(group.id)]
    assert queries.get_own(session, factories.actor_of(leaver), campaign.id) is None, "an ex-member sees nothing of it"


def test_somebody_who_is_erased_takes_the_tick_along_and_leaves_the_sealed_ballot(session, sweep, opened):
    campaign, _group, members = opened
    for person in members[:5]:
        answer(session, campaign, person)
    session.delete(session.get_one(Person, members[0].id))
    session.commit()
    assert session.scalar(select(func.count()).select_from(RegisterEntry)) == 5
    assert session.scalar(select(func.count()).select_from(Ballot)) == 5
    sweep(CLOSES_AT)
    assert session.get_one(Campaign, campaign.id).status == "released"


def test_an_older_transaction_that_keeps_deleted_rows_is_waited_out(session, sweep, opened, engine, keys):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite rewrites its whole file, or says that it is busy")
    campaign, _group, members = opened
    for person in members:
        answer(session, campaign, person)
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as backup:
        backup.execute(text("SELECT 1 FROM person")).all()
        sweep(CLOSES_AT)
        assert keys.is_marked
        assert backup.execute(text("SELECT count(*) FROM ballot")).scalar() == 6
    sweep(CLOSES_AT + timedelta(minutes=1))
    assert not keys.is_marked
    sizes = session.execute(text("SELECT pg_relation_size('ballot'), pg_relation_size('register_entry')")).one()
    assert tuple(sizes) == (0, 0)


def test_a_reader_in_the_way_is_waited_out(session, sweep, opened, engine, keys):
    if engine.dialect.name != "sqlite":
        pytest.skip("the write-ahead log of PostgreSQL is the operator's")
    campaign, _group, members = opened
    answer(session, campaign, members[0])
    raw = engine.raw_connection()
    raw.execute("BEGIN")
    raw.execute("SELECT count(*) FROM person").fetchone()
    sweep(CLOSES_AT)
    assert keys.is_marked
    raw.rollback()
    raw.close()
    sweep(CLOSES_AT + timedelta(minutes=1))
    assert not keys.is_marked
