"""What holds at each place by itself, also where a second place would catch it."""

import os
from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select, text

from supervision.evaluations import box, policy, services
from supervision.evaluations.models import Ballot, Campaign, EvaluationRelease, RegisterEntry
from supervision.evaluations.sealing import KeyRing
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id
from supervision.store.base import Base
from tests import factories
from tests.evaluations.voting import OPEN_AT, answer

HERE, ELSEWHERE = new_id(), new_id()
ASSIGNMENT = SimpleNamespace(id=new_id(), organisation_id=HERE)
GROUP = SimpleNamespace(id=new_id(), assignment_id=ASSIGNMENT.id)


def stands(**relations: object) -> Actor:
    return Actor(person_id=new_id(), **{name: frozenset({one}) for name, one in relations.items()})


ACTORS = {
    "supervisor": stands(supervises=ASSIGNMENT.id),
    "manager": stands(manages=HERE),
    "coordinator": stands(coordinates=HERE),
    "member": stands(member_of=GROUP.id),
    "supervisor elsewhere": stands(supervises=new_id()),
    "manager elsewhere": stands(manages=ELSEWHERE),
    "coordinator elsewhere": stands(coordinates=ELSEWHERE),
    "member elsewhere": stands(member_of=new_id()),
    "stranger": Actor(),
}
MAY = [
    (policy.may_see_report, ASSIGNMENT, {"supervisor", "manager", "coordinator"}),
    (policy.may_see_questionnaire, ASSIGNMENT, {"supervisor", "manager", "coordinator"}),
    (policy.may_change_questionnaire, ASSIGNMENT, {"supervisor", "coordinator"}),
    (policy.may_extend_evaluation, ASSIGNMENT, {"supervisor", "coordinator"}),
    (policy.may_open_evaluation, ASSIGNMENT, {"supervisor"}),
    (policy.may_answer_report, ASSIGNMENT, {"manager"}),
    (policy.may_see_group_release, GROUP, {"supervisor", "member"}),
    (policy.may_write_statement, GROUP, {"supervisor"}),
]


@pytest.mark.parametrize(("may", "thing", "who"), MAY, ids=[one[0].__name__ for one in MAY])
def test_a_policy_lets_in_whom_it_names(may, thing, who) -> None:
    assert {name for name, actor in ACTORS.items() if may(actor, thing)} == who


def rows_beside_the_box(session) -> dict[str, list[str]]:
    box = (RegisterEntry.__table__, Ballot.__table__)
    tables = [one for one in Base.metadata.sorted_tables if one not in box]
    return {one.name: sorted(map(repr, session.execute(select(one)).all())) for one in tables}


def test_an_answer_changes_no_row_but_those_of_register_and_ballots(session, opened) -> None:
    campaign, _group, members = opened
    before = rows_beside_the_box(session)
    for n, person in enumerate(members[:2]):
        answer(session, campaign, person, at=campaign.opens_at + timedelta(minutes=n))
    session.expire_all()
    assert rows_beside_the_box(session) == before


def test_closing_is_refused_before_its_hour_and_leaves_no_key(session, opened, keys) -> None:
    campaign, _group, members = opened
    for person in members:
        answer(session, campaign, person)
    early = campaign.closes_at - timedelta(seconds=1)
    assert services.close_campaign(session, campaign, keys, early) is None
    assert session.scalar(select(func.count()).select_from(Ballot)) == len(members)
    assert services.close_campaign(session, campaign, keys, campaign.closes_at) == "released"
    assert session.get_one(Campaign, campaign.id).public_key is None
    session.rollback()


def test_a_group_of_which_nobody_answers_is_shown_together_with_another(session, sweep) -> None:
    assignment = factories.make_assignment(session)
    groups = [factories.make_group(session, assignment) for _ in range(3)]
    members = [[factories.make_member(session, group) for _ in range(5)] for group in groups]
    sweep(OPEN_AT)
    campaign = session.scalars(select(Campaign)).one()
    for person in members[0] + members[1]:
        answer(session, campaign, person)
    sweep(campaign.closes_at)
    content = session.scalars(select(EvaluationRelease.content)).one()
    cells = [cell["group_ids"] for cell in content["release"]["cells"]]
    silent = str(groups[2].id)
    assert sorted(map(len, cells)) == [1, 2]
    assert silent in max(cells, key=len), "by its absence it would tell that nobody in it has answered"
    assert set(content["groups"]) == {str(group.id) for group in groups}


def test_the_newest_ballot_lies_at_no_place_of_its_own(session, opened, engine) -> None:
    """Sixteen answers: that the newest lies at one and the same end each time has a chance of 1 in 16!."""
    campaign, group, members = opened
    place = "ctid" if engine.dialect.name == "postgresql" else "id"
    before, ends = set(), []
    for n in range(16):
        box.put(session, campaign.id, members[n % 6].id, group.id, b"sealed")
        lie = [str(one) for one in session.scalars(select(Ballot.id).order_by(text(place)))]
        (newest,) = set(lie) - before
        before, ends = set(lie), [*ends, (lie.index(newest) == 0, lie.index(newest) == n)]
    assert not all(first for first, _last in ends)
    assert not all(last for _first, last in ends)
    session.rollback()


def test_a_key_is_overwritten_before_it_is_deleted(tmp_path) -> None:
    ring, campaign_id = KeyRing(tmp_path / "keys"), new_id()
    ring.make(campaign_id)
    path, left = tmp_path / "keys" / str(campaign_id), tmp_path / "left"
    os.link(path, left)
    before = left.read_bytes()
    ring.destroy(campaign_id)
    assert not path.exists()
    assert len(left.read_bytes()) == len(before)
    assert left.read_bytes() != before
