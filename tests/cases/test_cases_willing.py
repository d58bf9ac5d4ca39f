from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.cases import queries, services
from supervision.cases.models import Case, TurnPromise, WillingTurn
from supervision.cases.rules.text import CaseText
from supervision.cases.rules.turn import balances
from supervision.kernel.errors import RuleBroken
from supervision.meetings.models import Answer
from supervision.store.forgetting import seal_of
from tests import factories as make
from tests.factories import NOW, actor_of


def seated(person, group):
    return actor_of(person, member_of=frozenset({group.id}))


def offered(session, group, person):
    actor = seated(person, group)
    words = CaseText(title="Rubrik", situation="Något händer.", question="Hur gör jag?")
    case = services.write(session, seal_of(session), actor, group, text=words, facts=services.CaseFacts(), now=NOW)
    services.offer(session, seal_of(session), actor, case, now=NOW)
    return case


def test_one_tap_makes_a_candidate_and_taking_it_back_unmakes_it(session):
    group = make.make_group(session)
    elin = make.make_member(session, group)
    make.make_meeting(session, group, NOW + timedelta(days=2))
    services.say_willing(session, seated(elin, group), group, now=NOW)
    services.say_willing(session, seated(elin, group), group, now=NOW)
    assert len(session.scalars(select(WillingTurn)).all()) == 1
    assert session.scalars(select(TurnPromise)).one().person_id == elin.id
    services.take_back_willing(session, seated(elin, group), group, now=NOW)
    assert session.scalars(select(TurnPromise)).all() == []


def test_who_stepped_back_can_say_so_again(session):
    group = make.make_group(session)
    elin = make.make_member(session, group)
    make.make_meeting(session, group, NOW + timedelta(days=2))
    services.say_willing(session, seated(elin, group), group, now=NOW)
    services.step_back(session, seated(elin, group), group, now=NOW)
    assert queries.whose_turn(session, seated(elin, group), group, NOW)["is_willing"] is False
    services.say_willing(session, seated(elin, group), group, now=NOW)
    assert queries.whose_turn(session, seated(elin, group), group, NOW)["is_mine"]


def test_without_a_planned_meeting_nobody_can_say_so(session):
    group = make.make_group(session)
    elin = make.make_member(session, group)
    with pytest.raises(RuleBroken, match="turn_closed"):
        services.say_willing(session, seated(elin, group), group, now=NOW)


def test_the_supervisor_sees_who_and_a_member_only_themselves(session, browser):
    supervisor = make.make_supervisor(session)
    group = make.make_group(session, make.make_assignment(session, supervisor))
    elin = make.make_member(session, group, make.make_person(session, "Elin Jansson"))
    leyla = make.make_member(session, group, make.make_person(session, "Leyla Demir"))
    make.make_meeting(session, group, NOW + timedelta(days=12))
    phone = make.sign_in(browser(), elin, session)
    phone.get("/").submit("Jag kan ta en tur")
    assert phone.path == "/"
    assert "Du kan ta en tur" in phone.text
    page = f"/groups/{group.id}/cases"
    assert "Elin" not in make.sign_in(browser(), leyla, session).get(page).text
    assert (
        "Kan ta en tur utan skrivet ärende: Elin Jansson" in make.sign_in(browser(), supervisor, session).get(page).text
    )
    phone.get(page).submit("Inte den här gången")
    assert session.scalars(select(WillingTurn)).all() == []


def test_nobody_is_asked_to_take_a_turn_who_has_shown_a_case_or_cannot_come(session, browser):
    group = make.make_group(session)
    elin, leyla, amina = (make.make_member(session, group) for _ in range(3))
    meeting = make.make_meeting(session, group, NOW + timedelta(days=12))
    offered(session, group, elin)
    session.add(Answer(meeting_id=meeting.id, person_id=leyla.id, is_coming=False, answered_at=NOW))
    page = f"/groups/{group.id}/cases"
    read = {
        name: make.sign_in(browser(), person, session).get(page).text
        for name, person in {"elin": elin, "leyla": leyla, "amina": amina}.items()
    }
    assert {name for name, text in read.items() if "Jag kan ta en tur" in text} == {"amina"}
    assert {name for name, text in read.items() if "Du har visat ett ärende" in text} == {"elin"}


def test_each_who_told_pays_a_turn_with_or_without_a_written_case(session):
    group = make.make_group(session)
    elin, leyla, amina = (make.make_member(session, group) for _ in range(3))
    meeting = make.make_meeting(session, group, NOW, status="live")
    chosen, shown, waiting = (
        offered(session, group, elin),
        offered(session, group, leyla),
        offered(session, group, elin),
    )
    supervisor = actor_of(group.assignment.supervisor, supervises=frozenset({group.assignment_id}))
    services.choose(session, supervisor, chosen, meeting, now=NOW)
    services.settle_turns(session, supervisor, meeting, [elin.id, leyla.id, amina.id], now=NOW)
    session.expire_all()
    assert (chosen.status, shown.status, shown.meeting_id) == ("presented", "presented", meeting.id)
    assert waiting.status == "offered"
    bare = session.scalars(select(Case).where(Case.author_id == amina.id)).one()
    assert (bare.status, bare.sealed_text, bare.presented_at) == ("purged", None, NOW)
    meeting.status = "held"
    session.flush()
    history = [held for _on, held in queries.turn_history(session, group.id, group.zone)]
    assert set(balances(history)) == {elin.id, leyla.id, amina.id}
    assert sorted(history[0].presenters, key=str) == sorted([elin.id, leyla.id, amina.id], key=str)


def test_a_chosen_case_that_was_not_reached_is_offered_again(session):
    group = make.make_group(session)
    elin = make.make_member(session, group)
    meeting = make.make_meeting(session, group, NOW, status="live")
    case = offered(session, group, elin)
    supervisor = actor_of(group.assignment.supervisor, supervises=frozenset({group.assignment_id}))
    services.choose(session, supervisor, case, meeting, now=NOW)
    services.settle_turns(session, supervisor, meeting, [], now=NOW)
    assert (case.status, case.meeting_id) == ("offered", None)
