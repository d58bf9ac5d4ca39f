"""What other systems shipped, one test each: none of it happens here."""

from datetime import date, datetime

import pytest
from sqlalchemy import Date, DateTime, Integer, select, text, update

from supervision.audit.models import AuditEvent
from supervision.evaluations import mails, services
from supervision.evaluations.models import Ballot, Campaign, RegisterEntry
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession, Person
from supervision.store.base import Base, UtcDateTime
from tests import factories
from tests.attack.conftest import CLOSES_AT, KEYS, later

BALLOT_BOX = (Ballot.__table__, RegisterEntry.__table__)


@pytest.fixture
def members(ground, clock, monkeypatch):
    clock.set(later(0))
    monkeypatch.setattr(factories, "NOW", clock.at)
    return ground.settle(6).members


def vote_in_browser(browser, session, campaign, person, **answers):
    reader = factories.sign_in(browser(), person, session)
    path = f"/evaluations/{campaign.id}/answer"
    return reader.get(path).post(path, {f"q_{key}": "2" for key in KEYS} | answers)


# nextcloud/polls #871: the mail about a new vote in an anonymous poll named the voter
def test_no_mail_names_the_voter(ground, session, browser, members):
    campaign = ground.open()
    vote_in_browser(browser, session, campaign, members[0])
    assert session.scalars(select(Mail)).all() == [], "answering sends nothing to anybody"
    zone = "Europe/Stockholm"
    with ground.app.test_request_context():
        for post in (mails.post_opened, mails.post_reminder):
            post(session, members, campaign, zone, later(1))
        mails.post_void(session, members, later(1))
    session.flush()
    names = {word for person in members for word in (person.name, person.email)}
    for mail in session.scalars(select(Mail)):
        assert not [name for name in names if name in mail.subject + mail.text + mail.html]


# moodle-questionnaire #57: teachers saw who had not responded yet to an anonymous questionnaire
def test_the_organiser_does_not_see_who_has_not_answered(ground, session, browser, members):
    campaign = ground.open()
    people = [session.get_one(Person, ground.assignment.supervisor_id)]
    readers = [factories.sign_in(browser(), person, session) for person in people]
    path = f"/reports/{ground.assignment.id}"
    before = [reader.get(path).text for reader in readers]
    for person in members[:5]:
        ground.answer(campaign, person, dict.fromkeys(KEYS, 3))
    assert [reader.get(path).text for reader in readers] == before
    services.remind(session, campaign, CLOSES_AT.replace(day=20))
    everyone = services.queries.people_of(session, campaign.id)
    assert {one.id for one in everyone} == {one.id for one in members}, "a reminder goes to those who have answered too"


# TEAMMATES #11793: the number of responses could be watched live, and so who had just answered
def test_responses_are_not_counted_live(ground, session, browser, members, count_queries):
    campaign = ground.open()
    reader = factories.sign_in(browser(), session.get_one(Person, ground.assignment.supervisor_id), session)
    for person in members[:3]:
        ground.answer(campaign, person, dict.fromkeys(KEYS, 3))
    count_queries.clear()
    for path in ("/", f"/reports/{ground.assignment.id}", f"/reports/{ground.assignment.id}.csv"):
        assert reader.get(path).status == 200
    assert count_queries
    asked = [one for one in count_queries if "ballot" in one or ("register_entry" in one and "person_id =" not in one)]
    assert not asked, "no page of the organiser asks the ballot box anything"


# LimeSurvey #2091: anonymised responses kept a hidden token that joined them to the participant
def test_no_hidden_token_joins_ballot_and_person(ground, session, browser, members):
    campaign = ground.open()
    reader = factories.sign_in(browser(), members[0], session)
    path = f"/evaluations/{campaign.id}/answer"
    reader.get(path)
    hidden = [one["name"] for one in reader.soup.select("main input[type=hidden]")]
    assert hidden == ["csrf_token"]
    assert "?" not in reader.path
    reader.post(path, {f"q_{key}": "2" for key in KEYS})
    assert set(Ballot.__table__.columns.keys()) == {"id", "campaign_id", "group_id", "sealed"}
    assert set(RegisterEntry.__table__.columns.keys()) == {"campaign_id", "person_id", "group_id", "done"}
    (ballot_id,) = session.scalars(select(Ballot.id))
    for table in Base.metadata.sorted_tables:
        if table not in BALLOT_BOX:
            rows = session.execute(select(table)).all()
            assert str(ballot_id) not in str(rows), table.name
            assert ballot_id.hex not in str(rows), table.name


# LimeSurvey #5071: anonymised responses kept the date of submission
def test_no_date_is_kept_with_a_ballot(ground, session, browser, members):
    for table in BALLOT_BOX:
        assert not [one for one in table.columns if isinstance(one.type, Date | DateTime | UtcDateTime | Integer)]
    campaign = ground.open()
    before = session.scalars(select(AuditEvent.id)).all()
    vote_in_browser(browser, session, campaign, members[0])
    noted = session.scalars(select(AuditEvent).where(AuditEvent.id.not_in(before))).all()
    assert [one for one in noted if one.action != "person.signed_in"] == []
    for row in session.execute(select(Ballot.__table__)):
        assert not [value for value in row if isinstance(value, date | datetime)]


# EUSurvey #324: anonymity could be switched off after people had answered
def test_anonymity_is_not_switched_off_later(ground, session, members):
    campaign = ground.open()
    for person in members[:4]:
        ground.answer(campaign, person, dict.fromkeys(KEYS, 3))
    session.execute(update(Campaign).values(floor=1))
    ground.close()
    assert [one["release"]["cells"] for one in ground.releases()] == [[]], "four stay unseen whatever a setting says"
    assert not [one for one in Campaign.__table__.columns if "anonym" in one.name]
    with pytest.raises(RuleBroken, match="evaluation_closed"):
        ground.answer(campaign, members[5], dict.fromkeys(KEYS, 3))
    session.rollback()


# teamster #4237: a cell was hidden, and the shown total gave it away
def test_no_shown_total_gives_a_hidden_cell_away(ground, session, clock):
    ground.settle(8, 3)
    campaign = ground.open()
    for person in ground.members:
        ground.answer(campaign, person, dict.fromkeys(KEYS, 4))
    ground.close()
    (content,) = ground.releases()
    assert set(content["release"]) == {"floor", "cells"}
    (cell,) = content["release"]["cells"]
    assert sorted(cell["group_ids"]) == sorted(str(one.id) for one in ground.groups), "three are shown among eleven"


# EvaP #1384: the number of the transaction was the same in the voter's row and in the vote's
def test_no_transaction_number_joins_voter_and_vote(ground, session, browser, members, clock, engine):
    if engine.dialect.name != "postgresql":
        pytest.skip("only PostgreSQL keeps the transaction of a row")
    campaign = ground.open()
    readers = [factories.sign_in(browser(), person, session) for person in members[:3]]
    for reader in readers:
        path = f"/evaluations/{campaign.id}/answer"
        reader.get(path)
        clock.forward(minutes=6)  # so long that being here is noted again with the answer
        reader.post(path, {f"q_{key}": "2" for key in KEYS})
        assert reader.status == 200
        numbers = {}
        for table in Base.metadata.sorted_tables:
            rows = session.execute(text(f'SELECT DISTINCT xmin::text FROM "{table.name}"'))  # noqa: S608 - our tables
            numbers[table.name] = set(rows.scalars())
        session.commit()
        box = numbers["ballot"] | numbers["register_entry"]
        assert len(box) == 1, "every row of the ballot box is of the same transaction"
        shared = [name for name, found in numbers.items() if found & box and name not in {"ballot", "register_entry"}]
        assert shared == [], "nothing else is"
    assert session.scalar(select(LoginSession.seen_at).order_by(LoginSession.seen_at.desc()).limit(1)) == clock.at
