from datetime import timedelta

from sqlalchemy import select

from supervision.groups import seats
from supervision.groups.models import Group, Membership
from supervision.jobs import transaction
from supervision.meetings import endings
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment
from supervision.outbox.models import Mail
from tests import factories
from tests.factories import NOW, actor_of


def status_of(session, group_id):
    return session.get_one(Group, group_id).status


def test_each_step_of_a_groups_life_says_what_follows_and_ends_with_cancelled_dates(app, browser, session):
    group = factories.make_group(session, status="forming")
    group_id, roster = group.id, f"/groups/{group.id}/roster"
    member = factories.make_member(session, group)
    late = factories.make_meeting(session, group, NOW + timedelta(days=30))
    maria = factories.sign_in(browser(), group.assignment.supervisor, session)
    step = f"/groups/{group_id}/step"
    maria.get(f"{step}?to=run").submit("Ja, låt den starta")
    assert status_of(session, group_id) == "running"
    waiting = factories.make_person(session)
    seats.take_or_queue(session, actor_of(waiting), session.get_one(Group, group_id), NOW)
    session.commit()
    maria.get(f"{step}?to=close")
    assert "de som står på väntelistan får veta det" in maria.text
    maria.submit("Ja, den går mot sitt slut")
    assert session.scalars(select(Mail).where(Mail.kind == "line_ended")).one().to_email == waiting.email
    maria.get(f"{step}?to=resume").submit("Ja, fortsätt")
    assert maria.get(f"{step}?to=end").path == roster  # a running group closes first
    maria.get(f"{step}?to=close").submit("Ja, den går mot sitt slut")
    maria.get(f"{step}?to=end").submit("Ja, avsluta gruppen")
    assert status_of(session, group_id) == "ended"
    assert session.scalars(select(Membership.left_at)).one() is not None
    session.commit()
    with app.app_context():
        assert endings.wind_up(transaction, NOW + timedelta(minutes=1)) == 1
        assert endings.wind_up(transaction, NOW + timedelta(minutes=2)) == 0
    session.expire_all()
    meeting = session.get_one(Meeting, late.id)
    assert (meeting.status, meeting.cancelled_as) == ("cancelled", "by_supervisor")
    mail = session.scalars(select(Mail).where(Mail.kind == "group_ended")).one()
    assert mail.to_email == member.email
    assert "STATUS:CANCELLED" in mail.calendar


def test_a_small_group_is_merged_and_its_members_answer(browser, session):
    small = factories.make_group(session, status="forming", name="Ask")
    large = factories.make_group(session, small.assignment, status="forming", name="Björk")
    leyla = factories.make_member(session, small)
    small_id, large_id = small.id, large.id
    maria = factories.sign_in(browser(), small.assignment.supervisor, session).get(f"/groups/{small_id}/roster")
    assert "färre än fem" in maria.text
    maria.get(f"/groups/{small_id}/merge").submit("Fråga alla", into=str(large_id))
    assert "Ja hittills: 0. Har inte svarat än: 1." in maria.text
    assert session.scalars(select(Mail).where(Mail.kind == "move")).one().to_email == leyla.email
    phone = factories.sign_in(browser(), leyla, session).get(f"/groups/{large_id}/offer")
    assert "Vill du flytta till Björk?" in phone.text
    phone.submit("Ja, jag tar platsen")
    assert phone.path == f"/groups/{large_id}/agreement"
    assert status_of(session, small_id) == "ended"
    assert session.get_one(Group, large_id).taken == 1


def test_a_merge_without_room_says_how_many_seats_are_missing(browser, session):
    small = factories.make_group(session, status="forming")
    large = factories.make_group(session, small.assignment, seats=4)
    for group, count in ((small, 2), (large, 3)):
        for _ in range(count):
            factories.make_member(session, group)
    large_id = large.id
    maria = factories.sign_in(browser(), small.assignment.supervisor, session).get(f"/groups/{small.id}/merge")
    maria.submit("Fråga alla", into=str(large_id))
    assert maria.status == 422
    assert "2 personer skulle flytta. Lediga platser i den andra gruppen: 1" in maria.text


def test_the_review_is_asked_for_after_three_meetings_and_keeps_nothing_but_that(browser, session):
    group = factories.make_group(session)
    group_id = group.id
    for week in range(3):
        factories.make_meeting(session, group, NOW - timedelta(days=7 * week + 1), status="held")
    maria = factories.sign_in(browser(), group.assignment.supervisor, session).get(f"/groups/{group_id}/roster")
    assert "Minst tre träffar är hållna" in maria.text
    maria.get(f"/groups/{group_id}/review").submit("Vi ändrar kontraktet")
    assert maria.path == f"/groups/{group_id}/agreement/change"
    assert session.get_one(Group, group_id).reviewed_at is not None
    assert "Minst tre träffar är hållna" not in maria.get(f"/groups/{group_id}/roster").text


def test_the_group_chooses_a_contact_person_who_can_step_down(browser, session):
    group = factories.make_group(session)
    leyla, sara = (factories.make_member(session, group, factories.make_person(session, n)) for n in ("Leyla", "Sara"))
    group_id, path = group.id, f"/groups/{group.id}/contact"
    phone = factories.sign_in(browser(), leyla, session).get(path)
    assert "Sara" not in phone.text
    phone.submit("Spara", person_id=str(leyla.id))
    assert session.get_one(Group, group_id).contact_id == leyla.id
    other = factories.sign_in(browser(), sara, session).get(path)
    assert "Nu är det Leyla" in other.text
    assert other.post(path, {"person_id": ""}).status == 403
    phone.get(path).submit("Spara", person_id="")
    assert session.get_one(Group, group_id).contact_id is None


def test_an_assignment_near_its_end_is_prolonged(browser, session):
    group = factories.make_group(session)
    assignment_id = group.assignment_id
    maria = factories.sign_in(browser(), group.assignment.supervisor, session).get(f"/groups/{group.id}/roster")
    assert "Fråga gruppen om den fortsätter" in maria.text
    assert maria.get(f"/groups/{group.id}/going-on").status == 200
    maria.get(f"/assignments/{assignment_id}/prolong").submit("Spara", ends_on="2026-12-01")
    assert maria.status == 422
    maria.submit("Spara", ends_on="2027-12-31")
    assert str(session.get_one(Assignment, assignment_id).ends_on) == "2027-12-31"
    assert "tar slut" not in maria.text


def test_a_blank_choice_of_a_contact_is_no_choice(browser, session):
    group = factories.make_group(session)
    someone = factories.make_member(session, group)
    phone = factories.sign_in(browser(), someone, session).get(f"/groups/{group.id}/contact")
    phone.post(phone.path, {"person_id": "\n"})
    assert phone.status == 422
    assert "Inte ett giltigt val" in phone.text
    assert session.get_one(Group, group.id).contact_id is None
