from datetime import UTC, date, datetime, timedelta

import pytest

from supervision.kernel.errors import RuleBroken
from supervision.meetings import queries, services
from supervision.meetings.models import Answer, Attendance
from tests import factories

NOW = factories.NOW
AT = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)


@pytest.fixture
def group(session):
    return factories.make_group(session, factories.make_assignment(session, ends_on=date(2027, 6, 30)), taken=0)


def test_the_next_meeting_is_neither_over_nor_cancelled(session, group):
    factories.make_meeting(session, group, AT - timedelta(days=14))
    factories.make_meeting(session, group, AT, status="cancelled", cancelled_as="late")
    live = factories.make_meeting(session, group, NOW - timedelta(minutes=10), status="live")
    factories.make_meeting(session, group, AT + timedelta(days=14))
    assert queries.next_meeting(session, group.id, NOW) == live
    assert queries.next_meeting(session, group.id, AT + timedelta(days=1)).starts_at == AT + timedelta(days=14)


def test_coming_counts_take_those_with_a_seat_less_those_who_said_no(session, group):
    meeting, other = factories.make_meeting(session, group), factories.make_meeting(session, group, AT + timedelta(1))
    people = [factories.make_member(session, group) for _ in range(4)]
    gone = factories.make_member(session, group, left_at=NOW)
    for person, comes in ((people[0], False), (people[1], True), (gone, False)):
        session.add(Answer(meeting_id=meeting.id, person_id=person.id, is_coming=comes, answered_at=NOW))
    session.flush()
    assert queries.coming_counts(session, [meeting.id, other.id]) == {meeting.id: 3, other.id: 4}
    assert queries.answers_for(session, meeting.id) == {people[0].id: False, people[1].id: True, gone.id: False}


def test_upcoming_holds_the_next_four_weeks_of_those_concerned(session, group):
    near = factories.make_meeting(session, group)
    factories.make_meeting(session, group, NOW + timedelta(days=29))
    factories.make_meeting(session, factories.make_group(session))
    supervisor = factories.actor_of(group.assignment.supervisor, supervises=frozenset({group.assignment_id}))
    member = factories.actor_of(factories.make_member(session, group), member_of=frozenset({group.id}))
    stranger = factories.actor_of(factories.make_person(session))
    session.expire_all()
    found = queries.upcoming(session, supervisor, NOW)
    assert [one.id for one in found] == [near.id]
    assert found[0].group.assignment.organisation.name == "Norrhamns kommun"
    assert [one.id for one in queries.upcoming(session, member, NOW)] == [near.id]
    assert not queries.upcoming(session, stranger, NOW)


def test_held_history_knows_who_was_there(session, group):
    meeting = factories.make_meeting(session, group, status="held")
    factories.make_meeting(session, group, AT + timedelta(days=1))
    kinds = ("present", "late", "left_early", "absent")
    people = [factories.make_member(session, group) for _ in kinds]
    for person, kind in zip(people, kinds, strict=True):
        session.add(Attendance(meeting_id=meeting.id, person_id=person.id, kind=kind))
    session.flush()
    (held,) = queries.held_history(session, group.id)
    assert held.meeting_id == meeting.id
    assert held.attendees == {person.id for person in people[:3]}


def test_a_manager_s_dates_hold_times_and_status_only(session, group):
    factories.make_member(session, group, factories.make_person(session, "Leyla Kanarie"))
    factories.make_meeting(session, group, status="cancelled", cancelled_as="late")
    (one,) = queries.dates_of_assignment(session, group.assignment_id)
    assert (one.group_name, one.starts_at, one.status, one.cancelled_as) == (group.name, AT, "cancelled", "late")
    assert "Kanarie" not in repr(one)


def test_a_meeting_is_begun_and_finished_once(session, group):
    meeting = factories.make_meeting(session, group)
    actor = factories.actor_of(group.assignment.supervisor)
    services.begin(session, actor, meeting, now=AT)
    assert meeting.status == "live"
    with pytest.raises(RuleBroken, match="meeting_status"):
        services.cancel(session, actor, meeting, by_supervisor=True, now=AT)
    services.finish(session, actor, meeting, now=AT)
    assert meeting.status == "held"
    with pytest.raises(RuleBroken, match="meeting_status"):
        services.begin(session, actor, meeting, now=AT)


def test_someone_who_left_after_a_meeting_is_still_on_its_list(session, group):
    meeting = factories.make_meeting(session, group)
    before = factories.make_member(session, group, left_at=AT - timedelta(hours=1), joined_at=NOW)
    after = factories.make_member(session, group, left_at=AT + timedelta(days=1), joined_at=NOW)
    later = factories.make_member(session, group, joined_at=AT + timedelta(days=1))
    seated = queries.seated_at(session, meeting)
    assert after in seated
    assert before not in seated
    assert later not in seated


def test_group_names_are_used_once_in_an_assignment(session, group):
    actor = factories.actor_of(group.assignment.supervisor)
    facts = {"name": group.name, "first_on": date(2026, 12, 1), "at_local": group.at_local, "seats": 7}
    with pytest.raises(RuleBroken, match="group_name_taken"):
        services.open_group(session, actor, group.assignment, **facts, place="", online_link="", now=NOW)
    facts |= {"name": "Grupp Alen", "seats": 9}
    with pytest.raises(RuleBroken, match="seats_out_of_range"):
        services.open_group(session, actor, group.assignment, **facts, place="", online_link="", now=NOW)
