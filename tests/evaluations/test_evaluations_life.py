"""The whole life of an evaluation: opening, answering, closing, and what is left of it."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy import Engine, func, select, update

from supervision import jobs
from supervision.audit.models import AuditEvent
from supervision.evaluations import queries, questionnaires, services, tasks, wiping
from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease, RegisterEntry
from supervision.evaluations.questionnaire import standard
from supervision.evaluations.sealing import BALLOT_BYTES, KeyRing, seal, unseal
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.outbox.models import Mail
from supervision.store.database import writing
from tests import factories
from tests.database_files import bytes_of
from tests.evaluations.voting import OPEN_AT, answer


def count(session, table):
    return session.scalar(select(func.count()).select_from(table))


def test_it_opens_by_itself_once_with_the_same_mail_to_all(session, sweep, opened, keys):
    campaign, _group, members = opened
    assert (campaign.opens_at.date(), campaign.closes_at) == (date(2026, 12, 2), datetime(2026, 12, 23, 19, tzinfo=UTC))
    sweep(OPEN_AT + timedelta(hours=1))
    assert count(session, Campaign) == 1
    mails = session.scalars(select(Mail).where(Mail.kind == "evaluation")).all()
    assert sorted(one.to_email for one in mails) == sorted(one.email for one in members)
    assert len({(one.subject, one.text, one.html) for one in mails}) == 1
    assert count(session, RegisterEntry) == 6
    path = keys.folder / str(campaign.id)
    assert (path.stat().st_mode & 0o777, keys.folder.stat().st_mode & 0o777) == (0o600, 0o700)


def test_six_answers_become_bands_and_nothing_else_is_left(session, sweep, opened, keys, engine: Engine):
    campaign, group, members = opened
    for person in members:
        answer(session, campaign, person)
    sealed = [bytes(one) for one in session.scalars(select(Ballot.sealed))]
    assert len({len(one) for one in sealed}) == 1
    sweep(campaign.closes_at - timedelta(seconds=1))
    assert session.get_one(Campaign, campaign.id).status == "open"
    assert count(session, EvaluationRelease) == 0
    sweep(campaign.closes_at)
    sweep(campaign.closes_at + timedelta(minutes=5))
    release = session.scalars(select(EvaluationRelease)).one()
    assert session.get_one(Campaign, campaign.id).status == "released"
    (cell,) = release.content["release"]["cells"]
    assert cell["group_ids"] == [str(group.id)]
    assert set(cell["bands"].values()) == {"high"}
    assert (count(session, Ballot), count(session, RegisterEntry)) == (0, 0)
    assert keys.kept() == ()
    assert not keys.is_marked
    session.commit()
    if engine.dialect.name == "sqlite":
        path = Path(str(engine.url.database))
        left = b"".join(bytes_of(one) for one in path.parent.glob(f"{path.name}*"))
        assert not [one for one in sealed if one[:48] in left]


def test_four_answers_are_destroyed_unseen(session, sweep, opened):
    campaign, _group, members = opened
    for person in members[:4]:
        answer(session, campaign, person)
    sweep(campaign.closes_at)
    assert session.get_one(Campaign, campaign.id).status == "destroyed"
    assert session.scalars(select(EvaluationRelease)).one().content["release"]["cells"] == []
    assert (count(session, Ballot), count(session, RegisterEntry)) == (0, 0)


def test_a_lost_key_makes_it_void(session, sweep, opened, keys):
    campaign, _group, members = opened
    answer(session, campaign, members[0])
    keys.destroy(campaign.id)
    sweep(campaign.closes_at)
    assert session.get_one(Campaign, campaign.id).status == "void"
    assert (count(session, Ballot), count(session, EvaluationRelease)) == (0, 0)
    assert queries.is_void(session, campaign.assignment_id)
    mails = session.scalars(select(Mail).where(Mail.kind == "evaluation_void")).all()
    assert sorted(one.to_email for one in mails) == sorted(one.email for one in members)
    assert len({one.text for one in mails}) == 1


@pytest.mark.parametrize(
    ("place", "name"), [(services.box, "empty"), (tasks.KeyRing, "mark"), (tasks.KeyRing, "destroy"), (wiping, "wipe")]
)
def test_a_crash_while_closing_gives_the_same_release_once(session, sweep, opened, keys, monkeypatch, place, name):
    campaign, _group, members = opened
    for person in members:
        answer(session, campaign, person)

    def crash(*_args):
        raise OSError("the power is gone")

    with monkeypatch.context() as broken:
        broken.setattr(place, name, crash)
        with pytest.raises(OSError, match="power"):
            sweep(campaign.closes_at)
    writing.set(True)
    session.expire_all()
    sweep(campaign.closes_at + timedelta(minutes=1))
    content = session.scalars(select(EvaluationRelease.content)).one()
    assert set(content["release"]["cells"][0]["bands"].values()) == {"high"}
    assert (count(session, Ballot), count(session, RegisterEntry)) == (0, 0)
    assert keys.kept() == ()
    assert not keys.is_marked


def test_a_key_without_a_campaign_is_destroyed(session, sweep, opened, keys):
    campaign, _group, _members = opened
    keys.make(new_id())
    sweep(OPEN_AT + timedelta(minutes=1))
    assert keys.kept() == (campaign.id,)


def test_a_key_made_in_an_unfinished_transaction_is_not_taken_for_a_remnant(engine, session, keys, app):
    if engine.dialect.name != "postgresql":
        pytest.skip("SQLite has one writer: the sweep waits before it reads")
    group = factories.make_group(session)
    supervisor = factories.make_member(session, group)
    session.commit()
    group = session.get_one(type(group), group.id)
    assignment = queries.assignments_running(session)[0]
    services.open_now(session, factories.actor_of(supervisor), assignment, keys, OPEN_AT)

    def sweep_meanwhile():
        with app.app_context():
            tasks.destroy_remains(jobs.transaction, keys)

    other = Thread(target=sweep_meanwhile)
    other.start()
    other.join(0.5)
    assert other.is_alive(), "the sweep waits for the one that opens"
    session.commit()
    other.join(10)
    assert keys.kept() == (session.scalars(select(Campaign.id)).one(),)


def test_who_answered_what_changes_nothing_that_is_left(session, sweep, opened):
    campaign, _group, members = opened
    for value, person in zip((1, 2, 3, 4, 5, 5), reversed(members), strict=True):
        answer(session, campaign, person, value)
    sweep(campaign.closes_at)
    content = session.scalars(select(EvaluationRelease.content)).one()
    assert set(content["release"]["cells"][0]["bands"].values()) == {"mixed"}
    assert not re.search(r"person|count|answers", json.dumps(sorted(content)))


def test_a_second_submission_is_refused_and_nothing_is_noted(session, opened):
    campaign, _group, members = opened
    before = count(session, AuditEvent), count(session, Mail)
    answer(session, campaign, members[0])
    with pytest.raises(RuleBroken, match="already_answered"):
        answer(session, campaign, members[0])
    session.rollback()
    with pytest.raises(RuleBroken, match="not_in_roster"):
        answer(session, campaign, factories.make_person(session))
    session.rollback()
    with pytest.raises(RuleBroken, match="evaluation_closed"):
        answer(session, campaign, members[1], at=campaign.closes_at)
    session.rollback()
    assert count(session, Ballot) == 1
    assert (count(session, AuditEvent), count(session, Mail)) == before


def test_one_transaction_writes_every_row_anew(session, opened, engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL keeps the transaction of a row")
    campaign, _group, members = opened
    for person in members[:3]:
        answer(session, campaign, person)
    stamps = session.connection().exec_driver_sql(
        "SELECT xmin::text FROM ballot UNION SELECT xmin::text FROM register_entry"
    )
    assert len(stamps.all()) == 1


def test_one_more_needs_half_a_year_between(session, opened, keys):
    campaign, _group, members = opened
    assignment = queries.lock_campaign(session, campaign.id).assignment
    actor = factories.actor_of(members[0])
    with pytest.raises(RuleBroken, match="evaluations_too_close"):
        services.open_now(session, actor, assignment, keys, OPEN_AT + timedelta(days=100))
    session.rollback()
    assignment = queries.lock_campaign(session, campaign.id).assignment
    made, people = services.open_now(session, actor, assignment, keys, OPEN_AT + timedelta(days=182))
    assert (made.status, len(people)) == ("open", 6)
    session.rollback()
    keys.destroy(made.id)


def test_nobody_to_ask_opens_nothing(session, sweep):
    factories.make_group(session)
    sweep(OPEN_AT)
    assert session.scalar(select(Campaign.status)) == "planned"
    sweep(OPEN_AT + timedelta(days=30))
    assert session.scalars(select(Campaign.opens_at)).one().year == 2027


def test_only_the_private_key_opens_a_ballot(tmp_path):
    ring = KeyRing(tmp_path / "keys")
    campaign, other = new_id(), new_id()
    public = ring.make(campaign)
    assert ring.make(campaign) == public
    ring.make(other)
    sealed = seal(public, {"safe": 4, "space": None})
    assert unseal(ring.read(campaign), sealed) == {"safe": 4, "space": None}
    assert unseal(ring.read(other), sealed) is None
    ring.destroy(campaign)
    ring.destroy(campaign)
    assert ring.read(campaign) is None


def test_participation_is_a_band_of_sums(session):
    group = factories.make_group(session)
    found = queries.fullness(session, group.assignment_id, [queries.Span(factories.NOW, factories.NOW)])
    assert found == {}


def test_every_questionnaire_fits_in_a_ballot_and_a_row_lies_whole_in_a_page(tmp_path):
    keys = [f"{key}~9999" for key in standard().keys] + [f"own-{n:08x}" for n in range(questionnaires.OWN_MOST)]
    sealed = seal(KeyRing(tmp_path).make(new_id()), dict.fromkeys(keys))
    assert len(sealed) == BALLOT_BYTES + 48
    assert len(sealed) + 3 * 32 + 10 < 1002, "SQLite puts what is longer on pages of its own"
    assert len(sealed) + 3 * 16 + 40 < 2032, "PostgreSQL puts what is longer aside"


def test_an_evaluation_that_was_open_before_keeps_the_length_of_its_ballots(session, opened):
    campaign, _group, members = opened
    session.execute(update(Campaign).values(padded_bytes=2048))
    for person in members[:2]:
        answer(session, campaign, person)
    assert {len(one) for one in session.scalars(select(Ballot.sealed))} == {2048 + 48}
