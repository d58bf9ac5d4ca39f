import pytest
from sqlalchemy import select

from supervision.audit.models import AuditEvent
from supervision.orgs.models import Assignment, RoleHolding
from supervision.outbox.models import Mail
from supervision.people.models import Person
from tests import factories


@pytest.fixture
def maria(browser, session):
    return factories.sign_in(browser(), factories.make_supervisor(session), session)


def open_organisation(maria) -> str:
    maria.get("/organisations/new").submit("", name="Norrhamns kommun", country="SE")
    assert maria.status == 200
    return maria.path


FACTS = {"title": "Personlig assistans", "starts_on": "2026-11-24", "ends_on": "2027-11-23"}


def test_a_supervisor_brings_an_organisation_and_an_assignment(maria, session) -> None:
    path = open_organisation(maria)
    maria.get(f"{path}/assignments/new").submit("", **FACTS)
    assert maria.status == 200
    assert "Personlig assistans" in maria.text
    made = session.query(Assignment).one()
    assert (made.seats_min, made.seats_max, made.length_min, made.every_days) == (5, 7, 90, 14)
    maria.get(f"/assignments/{made.id}/poster")
    assert f"/join/{made.join_token}" in maria.text
    picture = maria.client.get(f"/assignments/{made.id}/join.svg")
    assert picture.mimetype == "image/svg+xml"


def test_what_was_typed_stays_when_the_dates_are_wrong(maria) -> None:
    path = open_organisation(maria)
    maria.get(f"{path}/assignments/new").submit("", **(FACTS | {"ends_on": "2026-01-01"}))
    assert maria.status == 422
    assert "Sista dagen ligger före den första." in maria.text
    assert maria.soup.find("input", {"name": "title"})["value"] == "Personlig assistans"


def test_a_manager_is_invited_and_chooses_a_password(maria, browser) -> None:
    path = open_organisation(maria)
    maria.get(f"{path}/roles/new").submit("", name="Karin Lund", email="Karin@Example.se", role="manager")
    assert "Karin Lund är inbjuden." in maria.text
    karin = browser().get("/mailbox")
    link = karin.soup.select_one("article a")["href"]
    karin.get(link).submit("", password="för kort")
    assert karin.status == 422
    factories.pass_second_step(karin.submit("", password="en mycket lång mening"), factories.NOW)
    assert karin.path == "/"
    assert karin.get(link).status == 409
    assert karin.get(path).status == 200
    assert karin.get(f"{path}/assignments/new").status == 403


def test_another_supervisor_finds_nothing(maria, browser, session) -> None:
    path = open_organisation(maria)
    other = factories.sign_in(browser(), factories.make_supervisor(session, "Jens Holm"), session)
    assert other.get(path).status == 404
    assert other.get(f"{path}/roles/new").status == 404


def test_a_coordinator_who_is_manager_too_cannot_find_out_by_an_invitation_who_takes_part(browser, session) -> None:
    group = factories.make_group(session)
    organisation = group.assignment.organisation
    member = factories.make_member(session, group)
    both = factories.make_manager(session, organisation, "coordinator")
    factories.make_role(session, both, organisation, "manager")
    page = factories.sign_in(browser(), both, session).get(f"/organisations/{organisation.id}")
    assert "Bjud in någon" not in page.text
    assert "Chef Chefsson" in page.text
    assert page.get(f"/organisations/{organisation.id}/roles/new").status == 403

    alone = factories.make_manager(session, organisation, "coordinator", email="alone@example.se")
    page = factories.sign_in(browser(), alone, session).get(f"/organisations/{organisation.id}/roles/new")
    page.submit("", name="X", email=member.email, role="manager")
    assert page.status == 422  # who may see the sign-ups is told why


def test_a_role_is_taken_away_after_a_page_that_says_whose_and_what_follows(browser, session) -> None:
    maria = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=maria.id)
    holdings = []
    for name, roles in (("Karin Lund", ("manager", "coordinator")), ("Olle Ek", ("coordinator",))):
        person = factories.make_person(session, name)
        holdings += [factories.make_role(session, person, organisation, role) for role in roles]
    page = factories.sign_in(browser(), maria, session).get(f"/organisations/{organisation.id}")
    links = page.soup.select('a[href$="/take"]')
    assert len({link["aria-label"] for link in links}) == len(links) == 3
    assert all(link.get_text() in link["aria-label"] for link in links)  # what one says is what one sees
    assert page.soup.select('form[action$="/take"]') == []
    page.get(f"/organisations/{organisation.id}/roles/{holdings[0].id}/take")
    assert "Karin Lund är chef hos Norrhamns kommun." in page.text
    assert "Ingen annan är chef här." in page.text
    assert session.get(RoleHolding, holdings[0].id) is not None
    page.get(f"/organisations/{organisation.id}/roles/{holdings[1].id}/take")
    assert "Karin Lund är samordnare hos Norrhamns kommun." in page.text
    assert "Ingen annan" not in page.text
    page.submit("Ta bort rollen från Karin Lund")
    assert page.path == f"/organisations/{organisation.id}"
    assert "Karin Lund har inte rollen längre." in page.text
    left = session.execute(select(Person.name, RoleHolding.role).join(RoleHolding.person)).tuples()
    assert sorted(left) == [("Karin Lund", "manager"), ("Olle Ek", "coordinator")]


@pytest.mark.parametrize("role", ["manager", "coordinator"])
def test_an_invitation_does_not_tell_whether_the_address_was_known(browser, session, role) -> None:
    maria = factories.make_supervisor(session)
    elsewhere = factories.make_organisation(session, "Ett annat ställe")
    known = factories.make_manager(session, elsewhere, email="known@example.se")
    participant = factories.make_person(session, email="takes.part@example.se")
    factories.make_member(session, factories.make_group(session), participant)
    answers, mails, written = set(), [], set()
    for email in (known.email, participant.email, "nobody@example.se"):
        organisation = factories.make_organisation(session, created_by_id=maria.id)
        page = factories.sign_in(browser(), maria, session).get(f"/organisations/{organisation.id}/roles/new")
        before = {one.id for one in session.scalars(select(AuditEvent))}
        page.submit("", name=" Någon Okänd ", email=email, role=role)
        again = page.get(f"/organisations/{organisation.id}").text.replace("Någon Okänd är inbjuden. ", "")
        page.get(page.soup.select_one('a[href$="/take"]')["href"])
        answers.add((page.status, again, page.text))
        assert known.name not in again + page.text
        assert participant.name not in again + page.text
        mails.append(session.scalars(select(Mail.to_email).where(Mail.to_email == email)).all())
        events = [one for one in session.scalars(select(AuditEvent)) if one.id not in before]
        written.add(tuple(sorted((one.action, one.object_kind) for one in events)))
    assert len(answers) == 1
    assert [len(one) for one in mails] == [1, 1, 1]
    assert len(written) == 1
    kinds = session.scalars(select(Mail.kind).order_by(Mail.kind)).all()
    assert kinds == ["invitation", "invitation", "role_given"]
