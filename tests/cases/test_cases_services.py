from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from supervision.cases import queries, services, tasks, words
from supervision.cases.models import Case, TurnPromise
from supervision.cases.rules.text import CaseText
from supervision.kernel.errors import RuleBroken
from supervision.meetings.models import Answer, Attendance
from supervision.store.forgetting import seal_of
from supervision.store.sealed import CannotOpen
from tests import factories
from tests.factories import NOW, actor_of

TEXT = CaseText(title="Kanariefågel", situation="Något händer.", question="Hur gör jag?")


def made(session, group, person, *, is_urgent=False, offered=True, now=NOW):
    actor = actor_of(person, member_of=frozenset({group.id}))
    case = services.write(
        session, seal_of(session), actor, group, text=TEXT, facts=services.CaseFacts(is_urgent=is_urgent), now=now
    )
    if offered:
        services.offer(session, seal_of(session), actor, case, now=now)
    return case


def held(session, group, starts_at, attendees, presenter):
    meeting = factories.make_meeting(session, group, starts_at, status="held")
    session.add_all(Attendance(meeting_id=meeting.id, person_id=one.id, kind="present") for one in attendees)
    case = made(session, group, presenter, offered=False)
    case.status, case.meeting_id, case.presented_at = "presented", meeting.id, starts_at
    session.flush()
    return meeting


def test_texts_are_sealed_and_a_ciphertext_moved_to_another_row_is_refused(session):
    group = factories.make_group(session)
    first = made(session, group, factories.make_member(session, group), offered=False)
    second = made(session, group, factories.make_member(session, group), offered=False)
    raw = session.execute(text("SELECT sealed_text FROM case_item")).scalars().all()
    assert all(b"Kanarie" not in bytes(one) and b"situation" not in bytes(one) for one in raw)
    assert services.open_text(seal_of(session), first) == TEXT
    second.sealed_text = first.sealed_text
    with pytest.raises(CannotOpen):
        services.open_text(seal_of(session), second)


def test_a_withdrawn_case_can_be_offered_anew_and_a_presented_one_stays(session):
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    meeting = factories.make_meeting(session, group)
    case = made(session, group, person)
    actor = actor_of(person)
    services.choose(session, actor, case, meeting, now=NOW)
    services.withdraw(session, actor, case, now=NOW)
    assert (case.status, case.meeting_id, case.offered_at) == ("withdrawn", None, None)
    services.offer(session, seal_of(session), actor, case, now=NOW)
    services.choose(session, actor, case, meeting, now=NOW)
    services.mark_presented(session, case, NOW)
    for refused in (
        lambda: services.withdraw(session, actor, case, now=NOW),
        lambda: services.edit(session, seal_of(session), case, text=TEXT, facts=services.CaseFacts(), now=NOW),
    ):
        with pytest.raises(RuleBroken, match="case_state"):
            refused()


def test_a_case_is_chosen_for_a_meeting_of_its_own_group_only(session):
    group = factories.make_group(session)
    case = made(session, group, factories.make_member(session, group))
    other = factories.make_meeting(session, factories.make_group(session, group.assignment))
    with pytest.raises(RuleBroken, match="case_meeting"):
        services.choose(session, actor_of(group.assignment.supervisor), case, other, now=NOW)


def test_the_turn_goes_to_the_one_who_has_listened_most_and_stays_until_stepping_back(session):
    group = factories.make_group(session)
    elin, fadumo, leyla = (factories.make_member(session, group, joined_at=NOW - timedelta(days=90)) for _ in range(3))
    held(session, group, NOW - timedelta(days=28), (elin, fadumo, leyla), elin)
    held(session, group, NOW - timedelta(days=14), (fadumo, leyla), fadumo)
    meeting = factories.make_meeting(session, group, NOW + timedelta(days=1))
    made(session, group, elin)
    promise = session.scalars(select(TurnPromise)).one()
    assert (promise.person_id, promise.reason) == (elin.id, "only_one")
    made(session, group, leyla, is_urgent=True)
    assert services.tell_next(session, group, meeting, NOW).person_id == elin.id
    services.step_back(session, actor_of(elin), group, now=NOW)
    turn = queries.whose_turn(session, actor_of(leyla, member_of=frozenset({group.id})), group, NOW)
    assert (turn["is_mine"], turn["reason"]) == (True, "urgent")
    assert turn["balance"] == pytest.approx(1 / 3 + 1 / 2)
    with pytest.raises(RuleBroken, match="not_your_turn"):
        services.step_back(session, actor_of(elin), group, now=NOW)


def test_the_reason_is_one_sentence_and_only_the_own_balance_is_told(session):
    group = factories.make_group(session)
    elin = factories.make_member(
        session, group, factories.make_person(session, "Elin"), joined_at=NOW - timedelta(days=9)
    )
    leyla = factories.make_member(session, group, factories.make_person(session, "Leyla"))
    made(session, group, elin)
    made(session, group, leyla)
    meeting = factories.make_meeting(session, group, NOW + timedelta(days=2))
    promise = services.tell_next(session, group, meeting, NOW)
    assert promise.reason == "waited_longest"
    for person, sentence in (
        (elin, "You are next because you have waited longest since your last turn."),
        (leyla, "Elin is next, having waited longest since the last turn."),
    ):
        turn = queries.whose_turn(session, actor_of(person, member_of=frozenset({group.id})), group, NOW)
        assert turn["balance"] == 0
        assert (
            str((words.YOU_ARE_NEXT if turn["is_mine"] else words.SOMEONE_IS_NEXT)[turn["reason"]])
            % {"name": turn["name"]}
            == sentence
        )
    supervisor = actor_of(group.assignment.supervisor, supervises=frozenset({group.assignment_id}))
    assert queries.whose_turn(session, supervisor, group, NOW)["balance"] is None


def test_the_next_one_is_told_when_the_first_cannot_come(session):
    group = factories.make_group(session)
    elin, leyla = factories.make_member(session, group), factories.make_member(session, group)
    meeting = factories.make_meeting(session, group, NOW + timedelta(days=2))
    made(session, group, elin)
    made(session, group, leyla)
    session.add(Answer(meeting_id=meeting.id, person_id=elin.id, is_coming=False, answered_at=NOW))
    session.flush()
    turn = queries.whose_turn(session, actor_of(leyla, member_of=frozenset({group.id})), group, NOW)
    assert turn["name"] is None
    assert services.tell_next(session, group, meeting, NOW).person_id == leyla.id


def test_a_promise_is_kept_over_when_the_turn_did_not_reach_that_far(session):
    group = factories.make_group(session)
    elin, leyla = (factories.make_member(session, group, joined_at=NOW - timedelta(days=n)) for n in (9, 99))
    earlier = factories.make_meeting(session, group, NOW - timedelta(days=14), status="cancelled", cancelled_as="late")
    session.add(TurnPromise(meeting_id=earlier.id, person_id=elin.id, reason="draw", seed=1, told_at=NOW))
    made(session, group, elin)
    made(session, group, leyla)
    meeting = factories.make_meeting(session, group, NOW + timedelta(days=20))
    promise = services.tell_next(session, group, meeting, NOW)
    assert (promise.person_id, promise.reason) == (elin.id, "promised")


def test_a_case_chosen_for_a_cancelled_meeting_is_offered_again(session):
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    meeting = factories.make_meeting(session, group)
    case = made(session, group, person)
    services.choose(session, actor_of(person), case, meeting, now=NOW)
    meeting.status, meeting.cancelled_as = "cancelled", "late"
    session.commit()
    tasks.tell_turns(_transaction(session), NOW)
    session.expire_all()
    assert (case.status, case.meeting_id) == ("offered", None)


def test_a_case_is_told_only_once_its_meeting_has_begun(session):
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    meeting = factories.make_meeting(session, group)
    case = made(session, group, person)
    supervisor = actor_of(group.assignment.supervisor)
    services.choose(session, supervisor, case, meeting, now=NOW)
    session.refresh(case, ["meeting"])
    with pytest.raises(RuleBroken, match="case_not_yet"):
        services.told(session, supervisor, case, now=NOW)
    services.told(session, supervisor, case, now=meeting.starts_at)
    assert case.status == "presented"


def test_nobody_is_told_sooner_than_three_days_before(session):
    group = factories.make_group(session)
    factories.make_meeting(session, group, datetime(2026, 11, 28, 13, 0, tzinfo=UTC))
    case = made(session, group, factories.make_member(session, group))
    assert session.scalars(select(TurnPromise)).all() == []
    session.commit()
    assert tasks.tell_turns(_transaction(session), NOW) == 0
    assert tasks.tell_turns(_transaction(session), datetime(2026, 11, 25, 0, 0, tzinfo=UTC)) == 1
    assert session.scalars(select(TurnPromise)).one().person_id == case.author_id


def test_texts_are_purged_fourteen_local_days_after_the_meeting(session):
    group = factories.make_group(session)
    person = factories.make_member(session, group)
    meeting = factories.make_meeting(session, group, NOW, status="live")
    case = made(session, group, person)
    services.choose(session, actor_of(person), case, meeting, now=NOW)
    services.mark_presented(session, case, NOW)
    waiting = made(session, group, person)
    session.commit()
    day = datetime(2026, 12, 7, 22, 59, tzinfo=UTC)
    assert tasks.purge_cases(_transaction(session), day) == 0
    assert tasks.purge_cases(_transaction(session), day + timedelta(minutes=1)) == 1
    assert tasks.purge_cases(_transaction(session), day + timedelta(days=9)) == 0
    session.expire_all()
    assert (case.status, case.sealed_text, case.wishes, case.kind) == ("purged", None, [], "case")
    assert waiting.sealed_text is not None
    assert session.scalar(select(Case.meeting_id).where(Case.id == case.id)) == meeting.id


def _transaction(session):
    @contextmanager
    def transaction():
        yield session
        session.commit()

    return transaction
