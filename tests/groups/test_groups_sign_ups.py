from sqlalchemy import select

from supervision.groups import seats
from supervision.groups.models import Group, PendingSignUp, QueuePlace, SignUp
from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from supervision.people.models import Person
from supervision.privacy.services import purge
from tests import factories
from tests.factories import NOW, actor_of
from tests.groups.test_groups_routes import code_for, signs_up


def make_sign_up(session, assignment, person, **columns):
    found = SignUp(assignment_id=assignment.id, person_id=person.id, created_at=NOW, **columns)
    session.add(found)
    session.flush()
    return found


def test_what_was_told_waits_sealed_and_the_cookie_holds_an_id_only(browser, session, clock):
    assignment = factories.make_assignment(session)
    session.commit()
    window = browser().get(f"/join/{assignment.join_token}")
    window.submit("Skicka anmälan", name="Ny Nysson", email="ny@example.se", not_with="Sven Svensson")
    with window.client.session_transaction() as cookie:
        kept = session.scalars(select(PendingSignUp)).one()
        assert cookie["joining"] == str(kept.id)
        assert "Ny Nysson" not in str(dict(cookie))
    assert b"Sven" not in kept.told_sealed
    assert window.get(f"/join/{assignment.join_token}").soup.select_one("#name")["value"] == "Ny Nysson"
    clock.forward(minutes=61)
    assert window.get(f"/join/{assignment.join_token}").soup.select_one("#name")["value"] == ""
    purge(session, now=clock())
    assert session.scalars(select(PendingSignUp)).all() == []
    signs_up(browser, session, assignment, 1)
    assert session.scalars(select(PendingSignUp)).all() == []


def test_one_changes_and_withdraws_ones_own_sign_up(browser, session):
    group = factories.make_group(session, status="forming", seats=4)
    assignment = group.assignment
    people = [factories.make_person(session) for _ in range(6)]
    for person in people:
        make_sign_up(session, assignment, person, slots=["A2-13"], unit="Norr", not_with="Sven")
        seats.take_or_queue(session, actor_of(person), group, NOW)
    phone = factories.sign_in(browser(), people[4], session).get(f"/assignments/{assignment.id}/my-sign-up")
    phone.submit("Kopiera vecka A till B", unit="Söder")
    assert phone.soup.select_one("#unit")["value"] == "Söder"
    phone.submit("Spara", slots=["B2-13"], unit="Söder")
    mine = session.scalars(select(SignUp).where(SignUp.person_id == people[4].id)).one()
    assert (mine.slots, mine.unit, mine.not_with) == (["B2-13"], "Söder", "Sven")
    session.commit()
    seats.leave(session, actor_of(people[0]), session.get_one(Group, group.id), NOW)  # an offer to people[4]
    phone.get(f"/assignments/{assignment.id}/my-sign-up/withdraw").submit("Ja, ta tillbaka den")
    assert phone.status == 200
    mine = session.scalars(select(SignUp).where(SignUp.person_id == people[4].id)).one()
    assert (mine.slots, mine.unit, mine.not_with, mine.withdrawn_at is None) == ([], "", "", False)
    offered = session.scalars(select(QueuePlace).where(QueuePlace.status == "offered")).one()
    assert offered.person_id == people[5].id
    assert session.scalars(select(Mail).where(Mail.kind == "offer")).one().to_email == people[5].email
    assert phone.get(f"/assignments/{assignment.id}/my-sign-up").status == 404
    seated = factories.sign_in(browser(), people[1], session)
    seated.get(f"/assignments/{assignment.id}/my-sign-up/withdraw").submit("Ja, ta tillbaka den")
    assert seated.status == 422
    assert "Lämna gruppen först" in seated.text


def test_a_time_or_need_sent_many_times_is_kept_once(browser, session):
    assignment = factories.make_assignment(session)
    person = factories.make_person(session)
    make_sign_up(session, assignment, person)
    phone = factories.sign_in(browser(), person, session).get(f"/assignments/{assignment.id}/my-sign-up")
    phone.post(phone.path, {"slots": ["B2-13"] * 300 + ["A2-13"], "needs": ["hearing"] * 300})
    mine = session.scalars(select(SignUp)).one()
    assert (mine.slots, mine.needs) == (["B2-13", "A2-13"], ["hearing"])
    fresh = browser().get(f"/join/{assignment.join_token}")
    sent = {"name": "Ny", "email": "ny@example.se", "language": "sv", "slots": ["B2-13"] * 300}
    fresh.post(fresh.path, sent)
    assert len(session.scalars(select(PendingSignUp)).one().told_sealed) < 500


def test_the_sign_up_list_tells_when_people_can_and_never_whom_they_avoid(browser, session, count_queries):
    group = factories.make_group(session, status="forming", seats=4)
    assignment = group.assignment
    names = ("Eva Ek", "=cmd()", "Ola Öst")
    told = (["A2-13"], ["A2-13", "B4-8"], [])
    for name, slots in zip(names, told, strict=True):
        person = factories.make_person(session, name)
        make_sign_up(session, assignment, person, slots=slots, not_with="Sven Svensson", needs=["hearing"])
    seats.take_or_queue(
        session, actor_of(session.scalars(select(Person).where(Person.name == "Eva Ek")).one()), group, NOW
    )
    coordinator = factories.make_manager(session, assignment.organisation, "coordinator")
    window = factories.sign_in(browser(), coordinator, session)
    path = f"/assignments/{assignment.id}/sign-ups"
    window.get(f"/assignments/{assignment.id}").get(path)
    assert all(name in window.text for name in names)
    assert f"i {group.name}" in window.text
    assert "väntar på en grupp" in window.text
    assert "Sven" not in window.text
    window.get(f"{path}?slot=B4-8")
    assert "=cmd()" in window.text
    assert "Eva Ek" not in window.text
    table = window.client.get(f"{path}.csv").get_data(as_text=True)
    assert "'=cmd();" in table
    assert "Sven" not in table
    assert "@example.se" not in table
    count_queries.clear()
    window.get(path)
    few = len(count_queries)
    for _ in range(12):
        make_sign_up(session, assignment, factories.make_person(session), slots=["A1-8"])
    session.commit()
    count_queries.clear()
    window.get(path)
    assert len(count_queries) == few


def test_a_manager_never_sees_the_sign_ups_even_as_coordinator(browser, session):
    assignment = factories.make_assignment(session)
    chef = factories.make_manager(session, assignment.organisation)
    session.add(RoleHolding(person_id=chef.id, organisation_id=assignment.organisation_id, role="coordinator"))
    window = factories.sign_in(browser(), chef, session)
    for path in ("sign-ups", "sign-ups.csv", "staff-list", "staff-list/check"):
        assert window.get(f"/assignments/{assignment.id}/{path}").status == 404
    assert "Anmälningar" not in window.get(f"/assignments/{assignment.id}").text


def test_a_manager_cannot_sign_up_and_a_member_is_not_made_manager(browser, session):
    group = factories.make_group(session, status="forming")
    organisation, supervisor = group.assignment.organisation, group.assignment.supervisor
    token = group.assignment.join_token
    boss = factories.make_manager(session, organisation, email="ny7@example.se")
    boss.password_hash = None  # invited, but has not chosen a password
    session.commit()
    window = browser().get(f"/join/{token}")
    window.submit("Skicka anmälan", name="Chef", email="ny7@example.se")
    window.submit("Bekräfta", code=code_for(session, "ny7@example.se"))
    assert window.status == 422
    assert "Du är chef här" in window.text
    member = factories.make_member(session, group)
    maria = factories.sign_in(browser(), supervisor, session)
    maria.get(f"/organisations/{organisation.id}/roles/new")
    maria.submit("Skicka inbjudan", name="Någon", email=member.email, role="manager")
    assert maria.status == 422
    assert "ingen är i grupp med sin egen chef" in maria.text
    maria.submit("Skicka inbjudan", name="Någon", email=member.email, role="coordinator")
    assert maria.status == 200


def test_on_a_shared_tablet_what_another_wrote_is_told_deleted_and_gone_after_twenty_minutes(browser, session, clock):
    assignment = factories.make_assignment(session)
    session.commit()
    tablet = browser().get(f"/join/{assignment.join_token}")
    assert "Någon har börjat" not in tablet.text
    told = {"name": "Ny Nysson", "email": "ny@example.se", "not_with": "Sven Svensson"}
    tablet.submit("Skicka anmälan", **told)
    assert "Inte du?" in tablet.text
    assert "Någon har börjat" in tablet.get(f"/join/{assignment.join_token}").text
    tablet.submit("Det var inte jag")
    assert "Det som var skrivet är borttaget." in tablet.text
    assert tablet.soup.select_one("#name")["value"] == ""
    assert session.scalars(select(PendingSignUp)).all() == []
    tablet.submit("Skicka anmälan", **told)
    clock.forward(minutes=21)
    assert "Nysson" not in str(tablet.get(f"/join/{assignment.join_token}").soup)
