"""Who was there: filled in from answers and the round, changed by one tap each."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.meetings.models import Answer, Attendance
from tests import factories


@pytest.fixture
def held(session):
    group = factories.make_group(session)
    people = [factories.make_member(session, group, joined_at=factories.NOW - timedelta(days=9)) for _ in range(3)]
    meeting = factories.make_meeting(session, group, factories.NOW - timedelta(hours=2))
    session.add(Answer(meeting_id=meeting.id, person_id=people[0].id, is_coming=False, answered_at=factories.NOW))
    return meeting, people


def recorded(session, meeting) -> dict:
    rows = session.execute(select(Attendance.person_id, Attendance.kind).where(Attendance.meeting_id == meeting.id))
    return dict(rows.tuples().all())


def test_without_a_round_answers_fill_it_in(browser, session, held) -> None:
    meeting, people = held
    maria = factories.sign_in(browser(), meeting.group.assignment.supervisor, session)
    maria.get(f"/meetings/{meeting.id}/attendance").submit("Spara")
    assert maria.status == 200
    assert list(map(recorded(session, meeting).get, (p.id for p in people))) == ["absent", "present", "present"]


def test_the_round_goes_before_answers_and_the_record_before_the_round(app, browser, session, held) -> None:
    meeting, people = held
    first, second, third = (person.id for person in people)
    path = f"/meetings/{meeting.id}/attendance"
    maria = factories.sign_in(browser(), meeting.group.assignment.supervisor, session)
    wiring = app.extensions["edge"]
    before = wiring.presence
    try:
        wiring.presence = lambda _session, _id: {first: "late", second: "left_early"}
        maria.get(path).submit("Spara")
        wiring.presence = lambda _session, _id: {third: "absent"}
        maria.get(path).submit("Spara")
    finally:
        wiring.presence = before
    assert [recorded(session, meeting)[one] for one in (first, second, third)] == ["late", "left_early", "present"]
