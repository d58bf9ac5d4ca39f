from datetime import timedelta

from supervision.cases.models import Case
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
