import re

from sqlalchemy import select

from supervision.groups import seats
from supervision.groups.models import Group, SignUp
from supervision.outbox.models import Mail
from supervision.people.models import Person
from tests import factories
from tests.factories import NOW, actor_of


def code_for(session, email):
    session.commit()
    mail = session.scalars(
        select(Mail).where(Mail.to_email == email, Mail.kind == "code").order_by(Mail.created_at.desc())
    ).first()
    return "".join(re.search(r"(\d{4}) (\d{4})", mail.subject).groups())


def signs_up(browser, session, assignment, n, **values):
    email = f"ny{n}@example.se"
    window = browser().get(f"/join/{assignment.join_token}")
    window.submit("Skicka anmälan", name=f"Ny {n}", email=email, **values)
    assert window.path.endswith("/code"), window.text
    window.submit("Bekräfta", code=code_for(session, email))
    assert window.path.endswith("/groups"), window.text
    return window


def test_eight_people_sign_up_for_seven_seats(browser, session):
    group = factories.make_group(session, status="forming", place="Gamla apoteket")
    assignment, supervisor = group.assignment, group.assignment.supervisor
    session.commit()
    people = []
    for n in range(8):
        window = signs_up(browser, session, assignment, n, slots=["A2-13", "B2-13"], not_with="Sven")
        window.submit("Ta en plats" if n < 7 else "Ställ dig på väntelistan")
        people.append(window)
    assert people[0].path == f"/groups/{group.id}/agreement"
    assert "Du står på väntelistan" in people[7].text
    assert people[7].get("/").soup.select_one('main a[href$="/offer"]') is not None
    people[0].submit("Jag godkänner")
    people[3].get(f"/groups/{group.id}/leave").submit("Ja, lämna")
    offer = session.scalars(select(Mail).where(Mail.kind == "offer")).one()
    assert offer.to_email == "ny7@example.se"
    assert not [mail for mail in session.scalars(select(Mail)) if "Chef" in mail.to_email]
    people[7].get(f"/groups/{group.id}/offer").submit("Ja, jag tar platsen")
    assert people[7].path == f"/groups/{group.id}/agreement"
    kept = session.scalars(select(SignUp)).first()
    assert kept.slots == ["A2-13", "B2-13"]
    maria = factories.sign_in(browser(), supervisor, session).get(f"/groups/{group.id}/roster")
    assert "Ny 7" in maria.text
    assert "Sven" not in maria.text
    assert "Ny 3" not in maria.text


def test_known_and_unknown_addresses_get_the_same_answer(browser, session):
    assignment = factories.make_assignment(session)
    known = factories.make_person(session)
    pages = []
    for email in (known.email, "okand@example.se"):
        window = browser().get(f"/join/{assignment.join_token}")
        window.submit("Skicka anmälan", name="Någon", email=email)
        pages.append((window.path, window.status, window.text))
    assert pages[0] == pages[1]


def test_someone_with_a_password_is_not_signed_in_by_a_code(browser, session):
    supervisor = factories.make_supervisor(session)
    assignment = factories.make_assignment(session, supervisor)
    window = browser().get(f"/join/{assignment.join_token}")
    window.submit("Skicka anmälan", name="Maria", email=supervisor.email)
    window.submit("Bekräfta", code="12345678")
    assert window.status == 422
    assert browser().get("/").path == "/sign-in"


def test_copying_a_week_and_a_refused_form_lose_nothing(browser, session):
    assignment = factories.make_assignment(session)
    session.commit()
    window = browser().get(f"/join/{assignment.join_token}")
    window.submit("Kopiera vecka A till B", name="Ny", slots=["A2-13", "A4-8", "B1-8"])
    chosen = {box["value"] for box in window.soup.select("input[name=slots][checked]")}
    assert chosen == {"A2-13", "A4-8", "B2-13", "B4-8"}
    assert window.soup.select_one("#name")["value"] == "Ny"
    window.submit("Skicka anmälan", email="inte hel", slots=sorted(chosen))
    assert window.status == 422
    assert {box["value"] for box in window.soup.select("input[name=slots][checked]")} == chosen
    assert session.scalars(select(Person).where(Person.name == "Ny")).first() is None
    assert browser().get("/join/nothing").status == 404


def test_a_manager_sees_names_and_sizes_of_groups_only(browser, session):
    group = factories.make_group(session)
    member = factories.make_member(session, group, factories.make_person(session, "Leyla Demir"))
    assignment = group.assignment
    manager = factories.make_manager(session, assignment.organisation)
    chef = factories.sign_in(browser(), manager, session).get(f"/assignments/{group.assignment_id}")
    assert group.name in chef.text
    assert "7 platser" in chef.text
    assert "1 av 7" not in chef.text
    assert "Leyla" not in chef.text
    assert assignment.join_token not in chef.soup.decode()
    for path in ("roster", "agreement", "leave", "offer", f"members/{member.id}/remove"):
        assert chef.get(f"/groups/{group.id}/{path}").status == 404


def test_a_member_does_not_run_the_group_and_strangers_know_nothing(browser, session):
    group = factories.make_group(session)
    leyla = factories.sign_in(browser(), factories.make_member(session, group), session)
    assert leyla.get(f"/groups/{group.id}/agreement").status == 200
    assert leyla.get(f"/groups/{group.id}/roster").status == 403
    assert leyla.get(f"/assignments/{group.assignment_id}").status == 404
    stranger = factories.sign_in(browser(), factories.make_person(session), session)
    for path in ("roster", "agreement", "leave", "offer"):
        assert stranger.get(f"/groups/{group.id}/{path}").status == 404


def test_the_supervisor_removes_a_member_and_changes_seats(browser, session):
    group = factories.make_group(session)
    leyla = factories.make_member(session, group, factories.make_person(session, "Leyla Demir"))
    maria = factories.sign_in(browser(), group.assignment.supervisor, session).get(f"/groups/{group.id}/roster")
    assert "färre än fem" in maria.text
    maria.submit("Ändra antalet", seats="9")
    assert maria.status == 422
    maria.submit("Ändra antalet", seats="8")
    assert session.get_one(Group, group.id).seats == 8
    maria.get(f"/groups/{group.id}/members/{leyla.id}/remove").submit("Ja, avsluta platsen")
    assert maria.path == f"/groups/{group.id}/roster"
    assert session.get_one(Group, group.id).taken == 0
    assert session.scalars(select(Mail).where(Mail.kind == "removed")).one().to_email == leyla.email


def test_the_supervisor_changes_the_agreement_and_members_are_asked(browser, session):
    group = factories.make_group(session)
    leyla = factories.make_member(session, group)
    maria = factories.sign_in(browser(), group.assignment.supervisor, session)
    maria.get(f"/groups/{group.id}/agreement/change").submit("Spara som ny version", text="Fika\nVi turas om.")
    assert "Vi turas om." in maria.text
    assert session.scalars(select(Mail).where(Mail.kind == "agreement")).one().to_email == leyla.email
    member = factories.sign_in(browser(), leyla, session).get(f"/groups/{group.id}/agreement")
    member.submit("Jag godkänner")
    assert member.status == 200
    assert "Du godkände den här versionen" in member.get(f"/groups/{group.id}/agreement").text


def test_queries_do_not_grow_with_people_or_groups(browser, session, count_queries):
    group = factories.make_group(session, seats=8, status="forming")
    assignment = group.assignment
    maria = factories.sign_in(browser(), assignment.supervisor, session)

    def counted(path):
        maria.get(path)
        count_queries.clear()
        assert maria.get(path).status == 200
        return len(count_queries)

    paths = (f"/groups/{group.id}/roster", f"/assignments/{group.assignment_id}")
    few = [counted(path) for path in paths]
    for _ in range(14):
        seats.take_or_queue(session, actor_of(factories.make_person(session)), group, NOW)
    for _ in range(5):
        factories.make_group(session, assignment)
    session.commit()
    assert [counted(path) for path in paths] == few
