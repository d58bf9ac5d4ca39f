from datetime import timedelta

from supervision.cases.models import Case
from supervision.cover.models import CoverRequest
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.groups import services
from supervision.groups.models import SignUp
from tests import factories


def a_supervisors_day(session, groups: int):
    maria = factories.make_supervisor(session)
    assignment = factories.make_assignment(session, maria)
    for n in range(groups):
        group = factories.make_group(session, assignment)
        author = factories.make_member(session, group)
        for day in (0, 14):
            starts_at = factories.NOW + timedelta(days=day, hours=1 + n / 10)
            factories.make_meeting(session, group, starts_at)
        session.add(
            Case(
                group_id=group.id,
                author_id=author.id,
                kind="case",
                status="offered",
                created_at=factories.NOW,
                changed_at=factories.NOW,
            )
        )
    session.commit()
    return maria


def test_a_supervisor_sees_today_and_what_needs_a_decision(browser, session) -> None:
    maria = factories.sign_in(browser(), a_supervisors_day(session, 2), session)
    maria.get("/")
    assert maria.status == 200
    assert "Starta rundan" in maria.text
    assert "Ett ärende väntar på dig." in maria.text
    assert "Fem är minst." in maria.text


def test_the_number_of_queries_does_not_grow(browser, session, count_queries) -> None:
    seen = []
    for groups in (2, 9):
        maria = factories.sign_in(browser(), a_supervisors_day(session, groups), session)
        count_queries.clear()
        maria.get("/")
        seen.append(len(count_queries))
    assert seen[0] == seen[1]


def test_a_participant_says_no_with_one_tap_and_changes_their_mind(browser, session) -> None:
    group = factories.make_group(session)
    leyla = factories.make_member(session, group, factories.make_person(session, "Leyla Demir"))
    factories.make_meeting(session, group)
    phone = factories.sign_in(browser(), leyla, session)
    phone.get("/")
    assert "Vi räknar med dig" in phone.text
    phone.submit("Jag kan inte komma")
    assert phone.path == "/"
    phone.submit("Jag kan komma ändå")
    assert "Vi räknar med dig" in phone.text


def test_a_manager_sees_no_name_of_a_member(browser, session) -> None:
    organisation = factories.make_organisation(session)
    assignment = factories.make_assignment(session, organisation=organisation)
    group = factories.make_group(session, assignment)
    factories.make_member(session, group, factories.make_person(session, "Xerxes Kanariefågel"))
    karin = factories.sign_in(browser(), factories.make_manager(session, organisation), session)
    karin.get("/")
    assert karin.status == 200
    assert "Xerxes" not in karin.text
    assert "Det du inte kan se" in karin.text


def test_someone_without_a_group_is_told_the_way(browser, session) -> None:
    someone = factories.sign_in(browser(), factories.make_person(session), session)
    assert "Du är inte med i någon grupp än." in someone.get("/").text


def counted(browser, session, count_queries, person) -> int:
    page = factories.sign_in(browser(), person, session)
    count_queries.clear()
    page.get("/")
    assert page.status == 200
    return len(count_queries)


def an_office(session, size: int):
    """An organisation with so many requests for cover, people without a seat, groups that are filling, results."""
    organisation = factories.make_organisation(session)
    for _ in range(size):
        assignment = factories.make_assignment(session, organisation=organisation)
        group = factories.make_group(session, assignment, status="forming")
        member = factories.make_member(session, group, factories.make_person(session, "Xerxes Kanariefågel"))
        meeting = factories.make_meeting(session, group, factories.NOW + timedelta(days=2))
        session.add(
            CoverRequest(
                organisation_id=organisation.id,
                meeting_id=meeting.id,
                person_id=member.id,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                asked_at=factories.NOW,
            )
        )
        waiting = factories.make_person(session, "Yrsa Kanariefågel")
        session.add(SignUp(assignment_id=assignment.id, person_id=waiting.id, created_at=factories.NOW))
        campaign = Campaign(
            assignment_id=assignment.id,
            status="released",
            opens_at=factories.NOW - timedelta(days=30),
            closes_at=factories.NOW - timedelta(days=9),
            created_at=factories.NOW,
        )
        session.add(campaign)
        session.flush()
        session.add(EvaluationRelease(campaign_id=campaign.id, released_at=factories.NOW, content={}))
    return organisation


def test_each_role_asks_the_same_number_of_queries_however_much_there_is(browser, session, count_queries) -> None:
    seen = {}
    for size in (2, 7):
        organisation = an_office(session, size)
        for role in ("manager", "coordinator"):
            person = factories.make_manager(session, organisation, role)
            seen.setdefault(role, []).append(counted(browser, session, count_queries, person))
        person = factories.make_person(session)
        for n in range(size):
            group = factories.make_group(session)
            factories.make_member(session, group, person)
            services.ensure_agreement(session, group, now=factories.NOW)
            factories.make_meeting(session, group, factories.NOW + timedelta(days=n + 1))
        seen.setdefault("participant", []).append(counted(browser, session, count_queries, person))
    assert all(few == many for few, many in seen.values()), seen


def test_a_coordinator_sees_what_waits_and_no_name(browser, session) -> None:
    organisation = an_office(session, 1)
    planner = factories.sign_in(browser(), factories.make_manager(session, organisation, "coordinator"), session)
    planner.get("/")
    needs = [strong.get_text() for strong in planner.soup.select(".todo strong")]
    assert needs[0] == "En person väntar på svar om vikarie."
    assert needs[1] == "En person har anmält sig och har ingen plats."
    assert "fylls: 1 av 7 platser." in needs[2]
    assert "Kanariefågel" not in planner.text
    assert "Fakturaunderlag" not in planner.text
    place = f'a[href="/organisations/{organisation.id}"]'
    assert planner.soup.select_one(place) is not None
    assignment = planner.soup.find("a", string="Uppdraget")
    assert planner.get(assignment["href"]).soup.select_one(place) is not None


def test_a_manager_is_told_of_the_result_and_nothing_a_planner_knows(browser, session) -> None:
    organisation = an_office(session, 1)
    karin = factories.sign_in(browser(), factories.make_manager(session, organisation), session)
    karin.get("/")
    needs = [strong.get_text() for strong in karin.soup.select(".todo strong")]
    assert needs == ["Utvärderingen av Personlig assistans har stängt. Resultatet går att läsa."]
    assert "vikarie" not in karin.text
    assert "anmält" not in karin.text
    assert "Fakturaunderlag" in karin.text
    assert karin.soup.select_one('a[href^="/organisations/"]') is None


def test_nothing_is_shown_when_nothing_needs_anyone(browser, session) -> None:
    organisation = factories.make_organisation(session)
    maria = factories.make_supervisor(session)
    group = factories.make_group(
        session, factories.make_assignment(session, maria, organisation), reviewed_at=factories.NOW
    )
    for _ in range(5):
        factories.make_member(session, group)
    factories.make_meeting(
        session, group, factories.NOW - timedelta(days=14), status="held", attendance_done_at=factories.NOW
    )
    group.assignment.ends_on = factories.NOW.date() + timedelta(days=400)
    session.commit()
    people = [maria, *(factories.make_manager(session, organisation, role) for role in ("manager", "coordinator"))]
    for person in people:
        page = factories.sign_in(browser(), person, session).get("/")
        assert not page.soup.select(".todo li"), page.text


def test_the_supervisor_is_asked_who_was_there(browser, session) -> None:
    group = factories.make_group(session)
    maria = group.assignment.supervisor
    past = factories.make_meeting(session, group, factories.NOW - timedelta(days=1))
    factories.make_meeting(session, group, factories.NOW - timedelta(days=15), status="cancelled", cancelled_as="late")
    factories.make_meeting(session, group, factories.NOW - timedelta(days=90))
    path = f"/meetings/{past.id}/attendance"
    page = factories.sign_in(browser(), maria, session).get("/")
    assert [link["href"] for link in page.soup.select(".todo a") if "attendance" in link["href"]] == [path]
    first = page.soup.select_one(".todo li")
    assert "vilka var med?" in first.get_text()


def test_a_member_sees_the_own_cover_and_is_offered_it_only_where_someone_plans(browser, session) -> None:
    organisation = factories.make_organisation(session)
    group = factories.make_group(session, factories.make_assignment(session, organisation=organisation))
    leyla = factories.make_member(session, group)
    factories.make_meeting(session, group, factories.NOW + timedelta(days=3))
    phone = factories.sign_in(browser(), leyla, session)
    assert "vikarie" not in phone.get("/").text
    factories.make_manager(session, organisation, "coordinator")
    session.commit()
    link = next(one for one in phone.get("/").soup.select("a") if "vikarie" in one.get_text())
    phone.get(link["href"]).submit("Jag behöver vikarie")
    assert "Planeraren är tillfrågad. Bara du ser det." in phone.get("/").text
