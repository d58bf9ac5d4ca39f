import re

import pytest
from sqlalchemy import select

from supervision.formation import pool_queries, tasks
from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.groups.models import Group, QueuePlace, SignUp
from supervision.jobs import transaction
from supervision.orgs.models import Assignment, RoleHolding
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
    assert "En tid till räcker: tisdag vecka A, 13–16." in page.text
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
    assert page.get(f"/formation/{run.id}/people/{alone.id}").submit(to="\t").status == 422
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
    assert page.client.get(address).status_code == 404


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


@pytest.fixture
def two(session):
    """Two supervisors of one organisation: three people signed up with each, all free on Tuesday; Siv on Friday too."""
    organisation = factories.make_organisation(session)
    first = forming.make_pool(session, 3, organisation=organisation, title="Hemtjänst")
    siv = factories.make_supervisor(session, "Siv Sol")
    second = factories.make_assignment(session, siv, organisation, place="Salen", title="Assistans")
    forming.tell_times(session, second, [TUESDAY, FRIDAY])
    for _ in range(3):
        forming.wait(session, second, [TUESDAY])
    planner = factories.make_manager(session, organisation, "coordinator")
    return first, second, planner


def test_a_coordinator_forms_groups_for_all_supervisors(session, browser, maria, work, two) -> None:
    first, _second, planner = two
    page = factories.sign_in(browser(), planner, session)
    page.get(f"/assignments/{first.id}/formation/organisation").submit("Föreslå grupper")
    run = work()
    assert (run.is_wide, run.placed) == (True, 6)
    page.get(f"/formation/{run.id}")
    assert "6 av 6 personer har en plats" in page.text
    for assignment in two[:2]:  # a supervisor sees neither the pool nor the proposal: it holds the other's groups
        own = maria(assignment)
        assert own.client.get(f"/formation/{run.id}").status_code == 404
        assert own.client.get(f"/assignments/{assignment.id}/formation/organisation").status_code == 404
        assert str(run.id) not in own.get(f"/assignments/{assignment.id}/formation").text
    page.get(f"/formation/{run.id}/publish").submit(first_on="2026-11-30")
    session.expire_all()
    group = session.query(Group).one()
    owner = {str(one.supervisor_id): one.id for one in two[:2]}
    assert group.assignment_id == owner[run.groups[0]["supervisor"]]
    assert session.query(Mail).filter_by(kind="offer").count() == 6


def test_what_was_told_follows_to_the_assignment_of_the_seat(session, browser, work, two) -> None:
    first, _second, planner = two
    page = factories.sign_in(browser(), planner, session)
    page.get(f"/assignments/{first.id}/formation/organisation").submit("Föreslå grupper")
    page.get(f"/formation/{work().id}/publish").submit(first_on="2026-11-30")
    session.expire_all()
    group = session.query(Group).one()
    told = session.scalars(select(SignUp).where(SignUp.assignment_id != group.assignment_id)).first()
    old = told.assignment_id
    # who has an open offer is proposed no other seat by their own assignment's pool
    waits = pool_queries.pool_of(session, session.get_one(Assignment, old)).waiting
    assert str(told.person_id) not in {one.person_id for one in waits}
    member = factories.sign_in(browser(), session.get_one(factories.Person, told.person_id), session)
    member.get(f"/groups/{group.id}/offer").submit("Ja")
    session.expire_all()
    assert told.assignment_id == group.assignment_id
    assert pool_queries.pool_of(session, session.get_one(Assignment, old)).waiting == []


def test_how_far_wishes_are_met_and_nobody_s_way(session, browser, maria, work) -> None:
    assignment = forming.make_pool(session, 3)
    for km in (4, 6, 8):
        person = forming.wait(session, assignment, [TUESDAY])
        member = factories.sign_in(browser(), person, session)
        member.get(f"/assignments/{assignment.id}/my-wishes").submit(**{"slots-0-wish": "0", "ways-0-km": str(km)})
        assert "Sparat." in member.text
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    text = page.get(f"/formation/{work().id}").text
    assert "bäst för 3, bra för 3, vid behov för 0" in text
    assert "6 km i snitt" in text
    sign_up = next(one for one in session.query(SignUp) if one.ways_km)
    sign_up.ways_km = {}
    session.commit()
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    assert "km i snitt" not in page.get(f"/formation/{work().id}").text  # a mean of two tells too much


def test_one_reads_whom_one_s_wish_names_and_not_whether_they_signed_up(session, browser) -> None:
    assignment = forming.make_pool(session, 0)
    shy = forming.wait(session, assignment, [TUESDAY], "Stina Lund", not_with="inte Olle Berg och inte Bo")
    page = factories.sign_in(browser(), shy, session)
    address = f"/assignments/{assignment.id}/my-wishes"
    before = page.get(address).text
    assert "Olle Berg" in before
    assert "ett enda ord räknas bara" in before
    forming.wait(session, assignment, [TUESDAY], "Olle Berg")
    forming.wait(session, assignment, [TUESDAY], "Bo Ek")
    session.commit()
    page.get(address)
    hide = re.compile(r'name="csrf_token" [^>]*>|nonce-[^"]*')
    assert hide.sub("", page.text) == hide.sub("", before)
    assert page.get(address).submit(**{"ways-0-km": "4000"}).status == 422


def test_a_page_says_of_each_group_whether_one_could_move_there(session, maria, work) -> None:
    assignment = forming.make_pool(session, 6)
    alone = forming.wait(session, assignment, [FRIDAY], "Nina Ny")
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    run = work()
    assert "Personen kan inte komma på gruppens tid." in page.get(f"/formation/{run.id}/people/{alone.id}").text
    member = next(seat for seat in session.query(FormationSeat) if seat.group_no == 0)
    assert "Här nu." in page.get(f"/formation/{run.id}/people/{member.person_id}").text


def test_no_and_then_the_free_seat_is_filled_from_the_pages(session, browser, maria, work) -> None:
    assignment = forming.make_pool(session, 7)
    page = maria(assignment)
    page.get(f"/assignments/{assignment.id}/formation").submit("Föreslå grupper")
    page.get(f"/formation/{work().id}/publish").submit(first_on="2026-11-30")
    session.expire_all()
    group = session.query(Group).one()
    told = session.query(QueuePlace).first()
    member = factories.sign_in(browser(), session.get_one(factories.Person, told.person_id), session)
    member.get(f"/groups/{group.id}/offer").submit("Nej")
    newcomer = forming.wait(session, assignment, [TUESDAY], "Nina Ny")
    session.commit()
    page.get(f"/assignments/{assignment.id}/formation")
    assert "en sa nej" in page.text
    page.submit("Fyll de lediga platserna")
    again = work()
    text = page.get(f"/formation/{again.id}").text
    assert "Alla som kan har kvar sin grupp." in text
    page.get(f"/formation/{again.id}/publish").submit(first_on="2026-11-30")
    session.expire_all()
    assert session.query(Group).count() == 1
    offers = [one.person_id for one in session.query(QueuePlace) if one.status == "offered"]
    assert len(offers) == 7
    assert newcomer.id in offers
    assert told.person_id not in offers
