from datetime import timedelta

import pytest

from supervision.audit import services
from supervision.audit.codes import Action, ObjectKind
from supervision.kernel.ids import new_id
from tests import factories


@pytest.fixture
def world(session):
    maria = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=maria.id)
    group = factories.make_group(session, factories.make_assignment(session, maria, organisation))
    elsewhere = factories.make_group(
        session,
        factories.make_assignment(
            session, factories.make_supervisor(session, "Jens Holm"), factories.make_organisation(session, "Ängsviken")
        ),
    )
    member = factories.make_member(session, group)
    people = {
        "supervisor": maria,
        "member": member,
        "manager": factories.make_manager(session, organisation),
        "coordinator": factories.make_manager(session, organisation, "coordinator"),
        "operator": factories.make_person(session, is_operator=True, password_hash="x"),
    }

    def note(who, action, kind, thing, minutes=0):
        now = factories.NOW - timedelta(days=2) + timedelta(minutes=minutes)
        services.record(session, factories.actor_of(who), action, kind, thing, now=now)

    note(maria, Action.GROUP_OPENED, ObjectKind.GROUP, group.id)
    note(member, Action.SEAT_TAKEN, ObjectKind.GROUP, group.id, 1)
    note(member, Action.CASE_OFFERED, ObjectKind.CASE, new_id(), 2)
    note(member, Action.AGREEMENT_ACCEPTED, ObjectKind.GROUP, group.id, 3)
    note(people["coordinator"], Action.ROLE_MANAGER_GIVEN, ObjectKind.ORGANISATION, organisation.id, 4)
    note(maria, Action.PERSON_INVITED, ObjectKind.PERSON, member.id, 5)
    note(member, Action.GROUP_ENDED, ObjectKind.GROUP, elsewhere.id, 6)
    session.flush()
    return people, organisation


def signed_in(browser, world, session, who):
    return factories.sign_in(browser(), world[0][who], session)


def lines(page) -> list[tuple[str, str]]:
    return [
        (row.select_one("th").find(string=True).strip(), row.select("td")[-1].get_text(strip=True))
        for row in page.soup.select("main tbody tr")
    ]


def test_everyone_reads_their_own_and_what_was_done_to_their_account(browser, world, session) -> None:
    page = signed_in(browser, world, session, "member").get("/me/events")
    said = lines(page)
    assert ("Ärende erbjudet", "Du") in said
    assert ("Bjöds in att välja lösenord", "Någon") in said
    assert ("Grupp öppnad", "Du") not in said
    assert "Maria Ekdahl" not in page.soup.find("main").get_text()


def test_a_coordinator_reads_what_was_done_without_names_or_cases(browser, world, session) -> None:
    people, organisation = world
    page = signed_in(browser, world, session, "coordinator").get(f"/organisations/{organisation.id}/events")
    assert lines(page) == [
        ("Någon blev chef", "Du"),
        ("Plats tagen", "Deltagare"),
        ("Grupp öppnad", "Handledare"),
    ]
    said = page.soup.find("main").get_text()
    assert not [one for one in people.values() if one.name in said or str(one.id) in said]


@pytest.mark.parametrize("who", ["supervisor", "member", "manager", "operator"])
def test_nobody_else_finds_the_organisations_log(browser, world, session, who) -> None:
    page = signed_in(browser, world, session, who)
    assert page.get(f"/organisations/{world[1].id}/events").status == 404


def test_a_coordinator_who_also_manages_finds_none(browser, world, session) -> None:
    people, organisation = world
    factories.make_role(session, people["coordinator"], organisation, "manager")
    page = signed_in(browser, world, session, "coordinator")
    assert page.get(f"/organisations/{organisation.id}/events").status == 404


def test_for_a_manager_the_log_does_not_exist(browser, world, session) -> None:
    page = signed_in(browser, world, session, "manager")
    assert page.get("/me/events").status == 404
    assert page.get("/events").status == 404
    assert "/me/events" not in str(page.get("/me").soup)


def test_an_operator_reads_codes_and_the_newest_place(browser, world, session) -> None:
    head = services.chain(session)
    page = signed_in(browser, world, session, "operator").get("/events")
    assert ("Ärende erbjudet", "Någon") in lines(page)
    assert str(head) in page.text
    said = page.soup.find("main").get_text()
    assert not [one for one in world[0].values() if one.name in said or str(one.id) in said]


def test_a_log_is_narrowed_and_paged(browser, world, session) -> None:
    maria = factories.actor_of(world[0]["supervisor"])
    for step in range(120):
        now = factories.NOW - timedelta(hours=step)
        services.record(
            session, factories.actor_of(maria), Action.FORMAT_MADE, ObjectKind.OWN_FORMAT, new_id(), now=now
        )
    page = signed_in(browser, world, session, "supervisor").get("/me/events?kind=own_format")
    seen = 0
    for _turn in range(3):
        seen += len(lines(page))
        older = page.soup.find("a", string="Äldre")
        if older:
            page.get(older["href"])
    assert seen == 120
    assert older is None
    page.get("/me/events?kind=own_format&from_on=2026-11-24&to_on=2026-11-24")
    assert len(lines(page)) == 10  # from midnight in Stockholm until nine
    page.get("/me/events?kind=meeting")
    assert "Inget hittades" in page.text


@pytest.mark.parametrize(
    "asked",
    [
        "kind=nothing",
        "from_on=9999-12-31",
        "to_on=x",
        "after=x",
        "after=0001-01-01T00:00:00Z_1",
        "after=2026-01-01T00:00:00%2B00:00_" + "0" * 32,
    ],
)
def test_a_hostile_question_is_refused_or_left_aside(browser, world, session, asked) -> None:
    assert signed_in(browser, world, session, "member").get(f"/me/events?{asked}").status in {200, 422}


def test_a_page_asks_no_more_with_many_rows(browser, world, session, count_queries) -> None:
    people, organisation = world
    page = signed_in(browser, world, session, "coordinator")
    page.get(f"/organisations/{organisation.id}/events")
    few = len(count_queries)
    count_queries.clear()
    for _step in range(60):
        services.record(
            session,
            factories.actor_of(people["supervisor"]),
            Action.ORGANISATION_OPENED,
            ObjectKind.ORGANISATION,
            organisation.id,
            now=factories.NOW,
        )
    session.commit()
    count_queries.clear()
    page.get(f"/organisations/{organisation.id}/events")
    assert len([one for one in count_queries if one.startswith("SELECT")]) <= few
