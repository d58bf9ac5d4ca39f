"""The floor of five: raised before an evaluation opens, read before answering, honoured, and never lowered (R9)."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import joinedload

from supervision import jobs
from supervision.evaluations import questionnaires, report, rules
from supervision.evaluations.models import Campaign, EvaluationRelease, QuestionnaireVersion
from supervision.kernel.errors import RuleBroken
from supervision.orgs.models import Assignment, Organisation
from supervision.people.models import Person
from supervision.store.database import writing
from tests import factories
from tests.evaluations.voting import answer

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)


@pytest.fixture
def world(session, clock, monkeypatch):
    clock.set(NOW)
    monkeypatch.setattr(factories, "NOW", NOW)  # signed in now
    supervisor = factories.make_supervisor(session, language="en")
    assignment = factories.make_assignment(session, supervisor)
    group = factories.make_group(session, assignment)
    members = [factories.make_member(session, group) for _ in range(5)]
    manager = factories.make_manager(session, assignment.organisation, language="en")
    session.commit()
    return assignment, group, supervisor, members, manager


def opened(app, session):
    session.commit()
    with app.app_context():
        jobs.plan_open_close(app)
    writing.set(True)
    session.expire_all()
    return session.scalars(select(Campaign).where(Campaign.status == "open")).one()


def choose(session, world, floor, seen):
    actor = factories.actor_of(world[2])
    return questionnaires.set_floor(session, actor, world[0], floor, seen, NOW)


def close(app, session, clock, campaign):
    clock.set(campaign.closes_at)
    session.commit()
    with app.app_context():
        jobs.plan_open_close(app)
    writing.set(True)
    session.expire_all()


@given(st.integers(-(10**9), 10**9))
def test_no_setting_gets_below_five(setting):
    assert rules.effective_floor(setting) == max(5, setting)
    if setting < 5:
        with pytest.raises(RuleBroken, match="floor_too_low"):
            rules.check_floor(setting)
    else:
        rules.check_floor(setting)


@given(st.dictionaries(st.integers(0, 40), st.integers(0, 12), min_size=1), st.integers(0, 12))
def test_a_raised_floor_holds_in_every_cell_and_no_group_is_lost(counts, floor):
    found = rules.cells(counts, floor)
    assert all(sum(counts[group] for group in cell) >= max(5, floor) for cell in found)
    assert sorted(group for cell in found for group in cell) == (sorted(counts) if found else [])
    assert bool(found) == (sum(counts.values()) >= max(5, floor))


def test_a_raised_floor_is_frozen_at_opening_and_decides(app, session, world, clock):
    made = choose(session, world, 6, 1)
    assert made.version == 2
    campaign = opened(app, session)
    assert campaign.floor == 6
    with pytest.raises(RuleBroken, match="questionnaire_frozen"):
        choose(session, world, 5, 2)
    session.rollback()
    session.execute(update(QuestionnaireVersion).values(floor=1))  # whatever happens to the choice afterwards
    for person in world[3]:
        answer(session, campaign, session.get_one(Person, person.id), at=NOW)
    close(app, session, clock, campaign)
    assert (campaign.status, campaign.floor) == ("destroyed", 6), "five answered where six were asked for"
    (content,) = session.scalars(select(EvaluationRelease.content))
    assert content["release"] == {"floor": 6, "cells": []}
    assert questionnaires.floor_of(session, campaign.assignment_id) == 5, "a number under five counts as five"


def test_a_later_change_of_a_statement_keeps_the_floor(session, world):
    choose(session, world, 8, 1)
    questionnaires.put(session, factories.actor_of(world[2]), world[0], "safe", {"sv": "Ett annat ord."}, 2, NOW)
    assert questionnaires.floor_of(session, world[0].id) == 8
    with pytest.raises(RuleBroken, match="questionnaire_changed"):
        choose(session, world, 9, 2)


def test_through_the_pages(app, session, world, browser, clock):
    assignment, _group, supervisor, members, manager = world
    members[0].language = "en"
    office_of = session.get_one(Organisation, assignment.organisation_id)
    path = f"/assignments/{assignment.id}/questionnaire"
    coordinator = factories.make_manager(session, office_of, "coordinator", language="en")
    office = factories.sign_in(browser(), coordinator, session)
    assert "from 5 answers" in office.get(path).text
    office.get(f"{path}/least")
    for refused in ("4", "0", "-5", "11", "", "five", "9" * 20, "9" * 400):
        office.submit("Save", floor=refused)
        assert office.status == 422, refused
    assert "5 answers or more" in office.submit("Save", floor="4").text
    office.submit("Save", floor="5")
    office.get(f"{path}/least").submit("Save", floor="7")
    assert office.path == path
    assert "from 7 answers" in office.text
    boss = factories.sign_in(browser(), manager, session)
    assert boss.get(path).status == 200
    assert not boss.soup.select("a[href$='/least']")
    assert boss.get(f"{path}/least").status == 403
    campaign = opened(app, session)
    phone = factories.sign_in(browser(), members[0], session)
    answering = phone.get(f"/evaluations/{campaign.id}/answer").text
    assert "at least 7 people" in answering
    assert "Group Grupp" not in answering  # the name may say already that it is a group
    run = factories.sign_in(browser(), session.get_one(Person, supervisor.id), session)
    run.get(f"{path}/least").submit("Save", floor="5")
    assert run.status == 422
    session.expire_all()
    assert session.get_one(Campaign, campaign.id).floor == 7
    close(app, session, clock, campaign)
    asked = select(Assignment).options(joinedload(Assignment.organisation), joinedload(Assignment.supervisor))
    shown = report.of_assignment(session, session.scalars(asked).one(), "en", campaign.closes_at)
    assert shown.destroyed == ((2026, 7),)
