from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import select

from supervision.groups.models import Agreement, Group
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.outbox.models import Mail
from tests import factories

LUCIA = datetime(2026, 12, 8, 13, 0, tzinfo=UTC)


@pytest.fixture
def assignment(session):
    return factories.make_assignment(session, ends_on=date(2027, 6, 30))


@pytest.fixture
def supervisor(assignment):
    return assignment.supervisor


@pytest.fixture
def organisation(assignment):
    return assignment.organisation


@pytest.fixture
def group(session, assignment, supervisor, organisation):
    return factories.make_group(session, assignment, name="Grupp Linden", place="Gamla apoteket", taken=0)


@pytest.fixture
def maria(browser, session, group, supervisor):
    return factories.sign_in(browser(), supervisor, session)


@pytest.fixture
def leyla(browser, session, group):
    person = factories.make_member(session, group, factories.make_person(session, "Leyla"))
    return factories.sign_in(browser(), person, session)


def _opens(browser, assignment, **values):
    sent = {"name": "Grupp Alen", "first_on": "2026-12-08", "at_local": "14:00", "place": "Biblioteket"} | values
    return browser.get(f"/assignments/{assignment.id}/groups/new").submit("Visa datumen", **sent)


def test_the_dates_are_shown_before_anything_is_saved(maria, session, group, assignment):
    _opens(maria, assignment)
    assert maria.status == 200
    assert "överhoppad: uppehåll" in maria.text
    assert "14.00–15.30" in maria.text
    assert not session.scalars(select(Group).where(Group.name == "Grupp Alen")).all()


def test_a_holiday_is_named_and_skipped(maria, group, assignment):
    _opens(maria, assignment, first_on="2027-01-06")
    assert "Trettondedag jul" in maria.text


def test_opening_saves_the_dates_that_are_kept_at_the_same_wall_time(maria, session, group, assignment):
    _opens(maria, assignment)
    maria.submit("Öppna gruppen")
    assert maria.status == 200
    opened = session.scalars(select(Group).where(Group.name == "Grupp Alen")).one()
    assert maria.path == f"/groups/{opened.id}"
    meetings = session.scalars(select(Meeting).where(Meeting.group_id == opened.id).order_by(Meeting.number)).all()
    hours = {one.starts_at.date(): one.starts_at.hour for one in meetings}
    assert hours[date(2026, 12, 8)] == 13
    assert hours[date(2027, 3, 30)] == 12
    assert date(2026, 12, 22) not in hours
    assert session.scalars(select(Agreement).where(Agreement.group_id == opened.id)).one().version == 1


def test_a_date_when_the_supervisor_is_taken_is_named_and_refused(maria, session, group, assignment, supervisor):
    elsewhere = factories.make_assignment(
        session, supervisor, factories.make_organisation(session, "Ängsvikens omsorg")
    )
    factories.make_meeting(session, factories.make_group(session, elsewhere), LUCIA + timedelta(minutes=60))
    _opens(maria, assignment)
    assert "Då träffar du" in maria.text
    maria.submit("Öppna gruppen")
    assert maria.status == 422
    assert "(1)" in maria.text
    assert not session.scalars(select(Group).where(Group.name == "Grupp Alen")).all()


def test_travel_between_places_takes_half_an_hour(maria, session, group, assignment):
    factories.make_meeting(session, group, LUCIA - timedelta(minutes=100), place="Gamla apoteket")
    _opens(maria, assignment)
    assert "mindre än 30 minuter" in maria.text
    _opens(maria, assignment, place="Gamla apoteket")
    assert "mindre än 30 minuter" not in maria.text


def test_an_incomplete_form_comes_back_with_what_was_typed(maria, group, assignment):
    _opens(maria, assignment, name="", seats="9")
    assert maria.status == 422
    assert maria.soup.find("input", {"name": "place"})["value"] == "Biblioteket"


def test_a_first_date_outside_the_period_or_in_the_past_is_refused(maria, group, assignment):
    assert _opens(maria, assignment, first_on="2027-07-01").status == 422
    assert _opens(maria, assignment, first_on="2026-11-10").status == 422


def test_members_see_each_other_the_dates_and_only_their_own_answer(leyla, session, group):
    other = factories.make_member(session, group, factories.make_person(session, "Birgitta"))
    meeting = factories.make_meeting(session, group, LUCIA, moved_from_at=LUCIA - timedelta(days=1))
    session.add(Answer(meeting_id=meeting.id, person_id=other.id, is_coming=False, answered_at=factories.NOW))
    leyla.get(f"/groups/{group.id}")
    assert "Birgitta" in leyla.text
    assert "flyttad från mån 7 dec" in leyla.text
    assert "Vi räknar med dig" in leyla.text
    leyla.get(f"/meetings/{meeting.id}")
    assert "Birgitta" not in leyla.text
    assert leyla.get(f"/meetings/{meeting.id}/attendance").status == 403


def test_one_tap_says_no_and_one_tap_takes_it_back(leyla, maria, session, group):
    meeting = factories.make_meeting(session, group, LUCIA)
    leyla.get(f"/groups/{group.id}").submit("Jag kan inte komma")
    assert leyla.path == f"/groups/{group.id}"
    assert "du kan inte" in leyla.text
    maria.get(f"/meetings/{meeting.id}")
    assert "Kan inte komma: Leyla" in maria.text
    assert "Färre än tre kommer" in maria.text
    leyla.get(f"/meetings/{meeting.id}").submit("Jag kan komma ändå")
    assert leyla.path == f"/meetings/{meeting.id}"
    assert session.scalars(select(Answer.is_coming)).all() == [True]


def test_answers_close_when_the_meeting_begins(leyla, clock, session, group):
    meeting = factories.make_meeting(session, group)
    leyla.get(f"/meetings/{meeting.id}")
    clock.set(meeting.starts_at)
    leyla.submit("Jag kan inte komma")
    assert leyla.status == 422
    assert leyla.post(f"/meetings/{meeting.id}/answer", {"is_coming": "maybe"}).status == 422


def test_several_dates_are_answered_at_once(leyla, session, group):
    dates = [factories.make_meeting(session, group, LUCIA + timedelta(days=14 * n)) for n in range(3)]
    leyla.get(f"/groups/{group.id}/answers").submit("Spara", away_from=[str(dates[0].id), str(dates[2].id)])
    assert leyla.status == 200
    said = dict(session.execute(select(Answer.meeting_id, Answer.is_coming)).tuples().all())
    assert said == {dates[0].id: False, dates[2].id: False}
    leyla.get(f"/groups/{group.id}/answers").submit("Spara", away_from=[str(dates[2].id)])
    session.expire_all()
    assert session.scalars(select(Answer.is_coming).where(Answer.meeting_id == dates[0].id)).one() is True


def test_moving_starts_the_answers_anew_and_tells_everyone_in_their_language(leyla, maria, session, group):
    factories.make_member(session, group, factories.make_person(session, "Mette", language="da", email="m@example.dk"))
    meeting = factories.make_meeting(session, group, LUCIA)
    leyla.get(f"/meetings/{meeting.id}").submit("Jag kan inte komma")
    maria.get(f"/meetings/{meeting.id}/move").submit("Flytta träffen", on="2026-12-10", at_local="15:15")
    assert maria.path == f"/meetings/{meeting.id}"
    session.refresh(meeting)
    assert (meeting.starts_at, meeting.moved_from_at) == (datetime(2026, 12, 10, 14, 15, tzinfo=UTC), LUCIA)
    assert meeting.status == "planned"
    assert not session.scalars(select(Answer)).all()
    mails = {mail.language: mail for mail in session.scalars(select(Mail))}
    assert mails["sv"].subject == "Träffen är flyttad till torsdag 10 december kl. 15.15"
    assert "torsdag den 10. december" in mails["da"].subject
    assert f"/meetings/{meeting.id}" in mails["da"].text


def test_a_meeting_is_not_moved_onto_another_or_into_the_past_or_nowhere(maria, session, group):
    meeting = factories.make_meeting(session, group, LUCIA)
    factories.make_meeting(session, group, LUCIA + timedelta(days=1))
    form = maria.get(f"/meetings/{meeting.id}/move")
    assert form.submit("Flytta träffen", on="2026-12-09").status == 422
    assert form.submit("Flytta träffen", on="2026-11-03").status == 422
    assert form.submit("Flytta träffen", on="2026-12-08").status == 422
    assert not session.scalars(select(Mail)).all()


def test_cancelling_says_how_it_counts_and_tells_everyone(leyla, maria, session, group):
    early, late, own = (
        factories.make_meeting(session, group, factories.NOW + timedelta(days=days)) for days in (6, 4, 20)
    )
    maria.get(f"/meetings/{early.id}/cancel").submit("Ställ in träffen", who="organisation")
    maria.get(f"/meetings/{late.id}/cancel").submit("Ställ in träffen", who="organisation")
    maria.get(f"/meetings/{own.id}/cancel").submit("Ställ in träffen")
    session.expire_all()
    assert [one.cancelled_as for one in (early, late, own)] == ["in_time", "late", "by_supervisor"]
    assert len(session.scalars(select(Mail)).all()) == 3
    assert maria.get(f"/meetings/{own.id}/cancel").submit("Ställ in träffen").status == 422
    assert "Gruppen ses inte den här dagen" in leyla.get(f"/meetings/{own.id}").text


def test_a_date_is_added_with_the_next_number(leyla, maria, session, group):
    factories.make_meeting(session, group, LUCIA, number=40)
    maria.get(f"/groups/{group.id}/dates/new").submit("Lägg till datumet", on="2026-12-10")
    added = session.scalars(select(Meeting).where(Meeting.number == 41)).one()
    assert added.starts_at == datetime(2026, 12, 10, 13, 0, tzinfo=UTC)
    assert len(session.scalars(select(Mail)).all()) == 1


def test_attendance_is_recorded_in_one_go_and_seen_by_oneself(leyla, maria, clock, session, group):
    other = factories.make_member(session, group, factories.make_person(session, "Birgitta"))
    meeting = factories.make_meeting(session, group)
    leyla.get(f"/meetings/{meeting.id}").submit("Jag kan inte komma")
    assert "Du kan anteckna när träffen har börjat" in maria.get(f"/meetings/{meeting.id}/attendance").text
    clock.set(meeting.ends_at)
    maria.get(f"/meetings/{meeting.id}/attendance").submit("Spara", **{f"kind_{other.id.hex}": "late"})
    session.expire_all()
    assert meeting.status == "held"
    assert meeting.attendance_done_at == meeting.ends_at
    kinds = dict(session.execute(select(Attendance.person_id, Attendance.kind)).tuples().all())
    assert sorted(kinds.values()) == ["absent", "late"]
    assert kinds[other.id] == "late"
    leyla.get(f"/meetings/{meeting.id}")
    assert "Var inte med" in leyla.text
    assert "Birgitta" not in leyla.text
    maria.get(f"/meetings/{meeting.id}/attendance").submit("Spara", **{f"kind_{other.id.hex}": "present"})
    session.expire_all()
    assert session.scalars(select(Attendance.kind).where(Attendance.person_id == other.id)).all() == ["present"]


@pytest.mark.parametrize("path", ["", "/attendance", "/move", "/cancel"])
def test_for_a_manager_and_a_stranger_the_meeting_does_not_exist(browser, session, group, organisation, path):
    meeting = factories.make_meeting(session, group)
    manager = factories.make_manager(session, organisation)
    for person in (manager, factories.make_supervisor(session)):
        other = factories.sign_in(browser(), person, session)
        assert other.get(f"/meetings/{meeting.id}{path}").status == 404
        assert other.get(f"/groups/{group.id}").status == 404
        assert other.get(f"/groups/{group.id}/answers").status == 404


def test_a_former_member_finds_nothing(browser, session, group):
    meeting = factories.make_meeting(session, group)
    gone = factories.make_member(session, group, left_at=factories.NOW)
    other = factories.sign_in(browser(), gone, session)
    assert other.get(f"/groups/{group.id}").status == 404
    assert other.get(f"/meetings/{meeting.id}").status == 404


def test_a_member_runs_nothing_and_the_supervisor_answers_nothing(leyla, maria, session, group):
    meeting = factories.make_meeting(session, group, LUCIA)
    for path in ("move", "cancel", "attendance"):
        assert leyla.get(f"/meetings/{meeting.id}/{path}").status == 403
    assert leyla.get(f"/groups/{group.id}/dates/new").status == 403
    assert maria.post(f"/meetings/{meeting.id}/answer", {"is_coming": "no"}).status == 403
    assert maria.get(f"/groups/{group.id}/answers").status == 403


def test_the_group_page_asks_as_often_for_many_as_for_few(leyla, maria, count_queries, session, group):
    factories.make_meeting(session, group, LUCIA)
    asked = []
    for _ in range(2):
        for someone in (leyla, maria):
            someone.get(f"/groups/{group.id}")
            count_queries.clear()
            assert someone.get(f"/groups/{group.id}").status == 200
            asked.append(len(count_queries))
        for n in range(1, 4):
            factories.make_member(session, group)
            factories.make_meeting(session, group, LUCIA + timedelta(days=14 * n))
            factories.make_meeting(session, group, LUCIA - timedelta(days=14 * n), status="held")
    assert asked[:2] == asked[2:]


def test_a_group_that_meets_at_night_keeps_its_own_day(maria, session, group):
    group.at_local = time(0, 30)
    factories.make_meeting(session, group, datetime(2026, 12, 7, 23, 30, tzinfo=UTC))
    assert "Tisdag 8 december" in maria.get(f"/groups/{group.id}").text


def test_the_sign_up_is_one_tap_from_the_group_and_far_dates_are_folded(leyla, maria, session, group, assignment):
    for week in range(1, 8):
        factories.make_meeting(session, group, factories.NOW + timedelta(days=7 * week))
    page = f"/groups/{group.id}"
    for browser, path in ((maria, "sign-ups"), (leyla, "my-sign-up")):
        browser.get(page)
        assert browser.soup.select_one(f'main a[href="/assignments/{assignment.id}/{path}"]') is not None
        assert len(browser.soup.select("#dates ~ .agenda > li")) == 5
    assert leyla.get("/").soup.select_one(f'main a[href="/assignments/{assignment.id}/my-sign-up"]') is not None
    assert maria.get("/").soup.select_one(f'main a[href="/assignments/{assignment.id}/sign-ups"]') is not None
