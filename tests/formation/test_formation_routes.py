import pytest
from sqlalchemy import select

from supervision.formation import tasks
from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.groups.models import Group, QueuePlace
from supervision.jobs import transaction
from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from tests import factories
from tests.formation import forming
from tests.formation.forming import FRIDAY, TUESDAY


@pytest.fixture
def work(app, session, clock):
    """Let the jobs process work off what waits."""

    def run() -> FormationRun:
        session.commit()
        with app.app_context():
            tasks.form_groups(transaction, clock)
        clock.forward(minutes=1)
        return forming.newest(session)

    return run


@pytest.fixture
def maria(browser, session):
    """The supervisor's browser, for an assignment."""
    return lambda assignment: factories.sign_in(
        browser(), session.get_one(factories.Person, assignment.supervisor_id), session
    )


def test_a_supervisor_tells_their_own_times(session, maria) -> None:
    assignment = factories.make_assignment(session, place="Gamla apoteket", languages="sv, da")
    page = maria(assignment)
    page.get("/my-times").submit(slots=[TUESDAY], most_groups="3", languages=["da"])
    session.expire_all()
    told = session.query(SupervisorTimes).one()
    assert (told.slots, told.most_groups, told.languages, told.places) == ([TUESDAY], 3, ["da"], [])
    assert page.get("/my-times").submit(most_groups="41").status == 422


def test_only_supervisors_have_times(browser, session) -> None:
    person = factories.sign_in(browser(), factories.make_person(session), session)
    assert person.client.get("/my-times").status_code == 403


def test_from_the_pool_to_offers(session, maria, work) -> None:
    assignment = forming.make_pool(session, 6)
    alone = forming.wait(session, assignment, [FRIDAY], "Nina Ny")
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    assert "Väntar på sin tur." in page.text
    run = work()
    page.get(f"/formation/{run.id}")
    assert "6 av 7 personer har en plats" in page.text
    assert alone.name in page.text
    assert "En tid till räcker: A tis 13–16." in page.text
    page.get(f"/formation/{run.id}/publish").submit(first_on="2026-11-30")
    session.expire_all()
    group = session.query(Group).one()
    assert group.taken == 6
    assert {place.status for place in session.query(QueuePlace)} == {"offered"}
    assert session.query(Mail).filter_by(kind="offer").count() == 6
    assert alone.email not in {mail.to_email for mail in session.query(Mail)}


def test_the_page_asks_how_far_it_is_and_loads_again_at_the_end(session, maria, work) -> None:
    assignment = forming.make_pool(session, 6)
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = forming.newest(session)
    address = f"/formation/{run.id}/progress"
    assert "HX-Refresh" not in page.client.get(address).headers
    work()
    assert page.client.get(address).headers["HX-Refresh"] == "true"


def test_stopping_before_it_begins_ends_it(session, maria, work) -> None:
    assignment = forming.make_pool(session, 6)
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = forming.newest(session)
    page.get(f"/formation/{run.id}").submit("Stoppa")
    assert work().status == "stopped"


def test_a_move_that_a_rule_refuses_says_so_in_words(session, maria, work) -> None:
    assignment = forming.make_pool(session, 5)
    alone = forming.wait(session, assignment, [FRIDAY], "Nina Ny")
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = work()
    assert page.get(f"/formation/{run.id}/people/{alone.id}").submit(to="0").status == 422
    assert "Personen kan inte komma på gruppens tid." in page.text


def test_places_are_written_down_and_a_place_twice_is_refused(session, maria) -> None:
    assignment = factories.make_assignment(session, place="Gamla apoteket")
    page = maria(assignment)
    address = f"/assignments/{assignment.id}/formation/places"
    page.get(address).submit(**{"places-1-name": "Biblioteket", "places-1-rooms": "2", "same_unit": "3"})
    session.expire_all()
    kept = session.query(FormationFrame).one()
    assert [(one["name"], one["rooms"]) for one in kept.places] == [("Gamla apoteket", None), ("Biblioteket", 2)]
    assert kept.same_unit == 3
    assert page.get(address).submit(**{"places-2-name": "biblioteket"}).status == 422


def test_two_proposals_side_by_side(session, maria, work) -> None:
    assignment = forming.make_pool(session, 6)
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    first = work()
    newcomer = forming.wait(session, assignment, [TUESDAY], "Nina Ny")
    session.commit()
    page.get(f"/formation/{first.id}").submit("Kör igen")
    second = work()
    assert second.previous_id == first.id
    page.get(f"/formation/{first.id}/compare?with={second.id}")
    assert newcomer.name in page.text
    assert page.client.get(f"/formation/{first.id}/compare?with={assignment.id}").status_code == 404


def test_nobody_sees_another_s_times_or_whom_they_avoid(browser, session, maria, work) -> None:
    assignment = forming.make_pool(session, 5)
    forming.wait(session, assignment, [TUESDAY, FRIDAY], "Olle Berg")
    forming.wait(session, assignment, [TUESDAY], "Stina Lund", not_with="inte med Olle")
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = work()
    left = session.scalars(select(FormationSeat).where(FormationSeat.group_no.is_(None))).one()
    text = page.get(f"/formation/{run.id}").text
    assert "Utan önskemålet" in text
    line = text[text.index("Utan grupp") :]
    other = "Stina Lund" if left.person_id != _id_of(session, "Stina Lund") else "Olle Berg"
    assert other not in line
    assert "inte med Olle" not in text
    assert "B fre" not in text
    member = factories.sign_in(browser(), session.get_one(factories.Person, left.person_id), session)
    assert member.client.get(f"/formation/{run.id}").status_code == 404
    assert member.client.get(f"/assignments/{assignment.id}/formation").status_code == 404


def _id_of(session, name):
    return session.scalar(select(factories.Person.id).where(factories.Person.name == name))


def test_a_coordinator_forms_groups_and_a_manager_who_is_one_too_does_not(browser, session) -> None:
    organisation = factories.make_organisation(session)
    assignment = forming.make_pool(session, 5, organisation=organisation)
    planner = factories.make_manager(session, organisation, "coordinator")
    page = factories.sign_in(browser(), planner, session)
    address = f"/assignments/{assignment.id}/formation"
    assert page.client.get(address).status_code == 200
    assert "13–16" not in page.get(address).text  # not when the supervisor is free
    session.add(RoleHolding(person_id=planner.id, organisation_id=organisation.id, role="manager"))
    session.commit()
    assert page.client.get(address).status_code == 403


def test_the_queries_of_a_proposal_do_not_grow(session, maria, work, count_queries) -> None:
    assignment = forming.make_pool(session, 5)
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    small = f"/formation/{work().id}"
    for _ in range(15):
        forming.wait(session, assignment, [TUESDAY, FRIDAY])
    session.commit()
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = work()
    large = f"/formation/{run.id}"
    assert run.people == 20
    counts = []
    for address in (large, small):
        session.commit()
        count_queries.clear()
        page.get(address)
        counts.append(len(count_queries))
    assert counts[0] == counts[1]
