"""The pages of the evaluation: who reaches them, and what they never tell."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.evaluations import report, services
from supervision.evaluations.models import Ballot, Campaign
from supervision.evaluations.questionnaire import standard
from supervision.meetings.models import Attendance
from supervision.privacy.rules import RETENTION
from supervision.store.database import writing
from tests import factories

OPEN_AT = datetime(2026, 12, 2, 9, 0, tzinfo=UTC)


@pytest.fixture
def visit(browser, session, clock, monkeypatch):
    """Open a browser in which a person has just signed in."""

    def run(person):
        monkeypatch.setattr(factories, "NOW", clock.at)
        return factories.sign_in(browser(), person, session)

    return run


@pytest.fixture
def world(app, session, clock):
    supervisor = factories.make_supervisor(session, language="en")
    assignment = factories.make_assignment(session, supervisor, title="=Personal assistance")
    group = factories.make_group(session, assignment, name="Linden")
    members = [factories.make_member(session, group, factories.make_person(session, language="en")) for _ in range(6)]
    manager = factories.make_manager(session, assignment.organisation, language="en")
    session.commit()

    def sweep(at):
        clock.set(at)
        session.commit()
        with app.app_context():
            jobs.plan_open_close(app)
        writing.set(True)
        session.expire_all()

    sweep(OPEN_AT)
    campaign = session.scalars(select(Campaign)).one()
    return {
        "assignment": assignment,
        "group": group,
        "members": members,
        "manager": manager,
        "supervisor": supervisor,
        "campaign": campaign,
        "sweep": sweep,
    }


def test_a_member_reads_answers_once_and_is_thanked(world, session, visit):
    page = visit(world["members"][0])
    page.get("/").get(f"/evaluations/{world['campaign'].id}/answer")
    assert "Linden, or together with another group" in page.text
    assert len(page.soup.select("main form fieldset")) == 12
    page.submit("")  # a slip of the thumb is asked about; nothing is kept
    assert page.status == 422
    assert "Nothing is filled in yet." in page.text
    assert session.scalars(select(Ballot)).all() == []
    page.submit(q_safe="5", q_space="7", q_time="x")
    assert (page.status, page.path) == (200, f"/evaluations/{world['campaign'].id}/thanks")
    page.get(f"/evaluations/{world['campaign'].id}/answer")
    assert "You have answered" in page.text
    page.post(f"/evaluations/{world['campaign'].id}/answer", {"q_safe": "1"})
    assert page.status == 422
    session.expire_all()
    assert len(session.scalars(select(Ballot)).all()) == 1


def test_strangers_managers_and_the_supervisor_do_not_find_the_form(world, session, visit):
    outsider = factories.make_member(session, factories.make_group(session))
    for person in (world["manager"], world["supervisor"], outsider):
        page = visit(person).get(f"/evaluations/{world['campaign'].id}/answer")
        assert page.status == 404


def test_at_the_announced_hour_members_read_that_it_has_closed(world, session, visit, clock):
    path = f"/evaluations/{world['campaign'].id}/answer"
    late = visit(world["members"][0]).get(path)
    services.submit(session, factories.actor_of(world["members"][1]), world["campaign"], {}, OPEN_AT)
    clock.set(world["campaign"].closes_at)
    pages = [visit(person).get(path).response.get_data() for person in world["members"][1:3]]
    assert pages[0] == pages[1], "the page tells whether someone has answered"
    factories.sign_in(late, world["members"][0], session)
    assert late.submit("Seal and send my answers", q_safe="5").status == 409
    assert "not kept anywhere" in late.text
    assert len(session.scalars(select(Ballot)).all()) == 1
    world["sweep"](clock.at)
    page = visit(world["members"][0]).get(path)
    assert "The evaluation has closed" in page.text
    assert page.get(f"/groups/{world['group'].id}/evaluation").status == 200
    outsider = factories.make_member(session, factories.make_group(session))
    for person in (world["manager"], world["supervisor"], outsider):
        assert visit(person).get(path).status == 404


def test_the_managers_page_is_the_same_before_and_after_a_ballot(world, session, visit):
    page = visit(world["manager"])
    paths = [f"/reports/{world['assignment'].id}", f"/reports/{world['assignment'].id}.csv", "/"]
    before = [page.get(path).response.get_data() for path in paths]
    assert "An evaluation is open until" in before[0].decode()
    for person in world["members"]:
        services.submit(
            session, factories.actor_of(person), world["campaign"], dict.fromkeys(standard().keys, 1), OPEN_AT
        )
        session.commit()
        assert [page.get(path).response.get_data() for path in paths] == before


def test_after_closing_bands_are_shown_without_names(world, session, visit):
    for person in world["members"]:
        services.submit(
            session, factories.actor_of(person), world["campaign"], dict.fromkeys(standard().keys, 5), OPEN_AT
        )
        session.commit()
    world["sweep"](world["campaign"].closes_at)
    page = visit(world["manager"]).get("/")
    page.get(f"/reports/{world['assignment'].id}")
    assert page.soup.select_one("table.bands td .band").get_text(strip=True) == "high"
    assert not [one.name for one in world["members"] if one.name in page.text]
    csv = page.get(f"/reports/{world['assignment'].id}.csv").response.get_data(as_text=True)
    assert "'=Personal assistance" in csv
    assert "I feel safe in the group.;high" in csv
    own = visit(world["members"][0]).get(f"/groups/{world['group'].id}/evaluation")
    assert "high" in own.text
    other = factories.make_manager(session, factories.make_organisation(session, "Ängsviken"))
    elsewhere = visit(other)
    for path in (f"/reports/{world['assignment'].id}", f"/reports/{world['assignment'].id}.csv"):
        assert elsewhere.get(path).status == 404
    assert elsewhere.get(f"/groups/{world['group'].id}/evaluation").status == 404


def test_participation_is_shown_after_the_term_and_not_for_one_meeting(world, session, visit, clock):
    group, members = world["group"], world["members"]
    for month, day in ((2, 3), (3, 3), (9, 1)):
        meeting = factories.make_meeting(
            session,
            group,
            datetime(2026, month, day, 13, tzinfo=UTC),
            status="held",
            attendance_done_at=datetime(2026, month, day, 15, tzinfo=UTC),
        )
        for person in members:
            session.add(Attendance(meeting_id=meeting.id, person_id=person.id, kind="present"))
    page = visit(world["manager"]).get(f"/reports/{world['assignment'].id}")
    assert "Spring 2026 high" in page.text
    assert "Autumn 2026 shown when the term is over" in page.text
    clock.set(datetime(2027, 1, 2, tzinfo=UTC))
    page = visit(world["manager"]).get(f"/reports/{world['assignment'].id}")
    assert "Autumn 2026 too few to show" in page.text
    assert "Spring 2026" not in page.text  # its attendance is being deleted: what is left would look like empty seats


def test_participation_of_fewer_than_five_people_is_not_shown(world, session, visit):
    for month in (2, 3, 4):
        starts_at = datetime(2026, month, 3, 13, tzinfo=UTC)
        meeting = factories.make_meeting(
            session, world["group"], starts_at, status="held", attendance_done_at=starts_at + timedelta(hours=2)
        )
        for person in world["members"][:4]:
            session.add(Attendance(meeting_id=meeting.id, person_id=person.id, kind="present"))
    page = visit(world["manager"]).get(f"/reports/{world['assignment'].id}")
    assert "Spring 2026 too few to show" in page.text
    csv = page.get(f"/reports/{world['assignment'].id}.csv").response.get_data(as_text=True)
    assert "Spring 2026;too few to show" in csv


def test_a_term_is_shown_as_long_as_its_attendance_is_kept():
    assert RETENTION["attendance"].lifetime == report.ATTENDANCE_KEPT


def test_the_supervisor_opens_one_more_only_half_a_year_away(world, session, visit):
    page = visit(world["supervisor"])
    page.get(f"/assignments/{world['assignment'].id}/evaluation/new").submit("Open it now")
    assert page.status == 422
    assert "at least 180 days apart" in page.text
    page.submit("Open it now", closes_on="2026-12-04")
    assert "open for 7 to 42 days" in page.text
    refused = visit(world["manager"])
    assert refused.get(f"/assignments/{world['assignment'].id}/evaluation/new").status == 403


def test_the_supervisor_chooses_the_closing_day(session, visit, clock):
    group = factories.make_group(session)
    factories.make_member(session, group)
    supervisor = group.assignment.supervisor
    page = visit(supervisor).get(f"/assignments/{group.assignment_id}/evaluation/new?lang=en")
    assert page.soup.select_one("input[name=closes_on]")["value"] == "2026-12-15"
    page.submit("Open it now", closes_on="2026-12-08")
    assert page.path == f"/reports/{group.assignment_id}"
    campaign = session.scalars(select(Campaign)).one()
    assert (campaign.status, campaign.closes_at) == ("open", datetime(2026, 12, 8, 19, tzinfo=UTC))


def test_everyone_may_read_how_it_is_anonymous(app, browser):
    assert browser().get("/anonymous?lang=en").status == 200


def test_the_report_asks_the_same_number_of_questions_for_more_groups(world, session, visit, count_queries):
    page = visit(world["manager"])
    page.get(f"/reports/{world['assignment'].id}")
    count_queries.clear()
    page.get(f"/reports/{world['assignment'].id}")
    few = len(count_queries)
    for _ in range(3):
        factories.make_meeting(session, factories.make_group(session, world["assignment"]), OPEN_AT + timedelta(days=1))
    session.commit()
    count_queries.clear()
    page.get(f"/reports/{world['assignment'].id}")
    assert len(count_queries) == few
