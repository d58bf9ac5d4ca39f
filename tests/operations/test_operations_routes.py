"""The operator's pages, through a browser."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.audit.models import AuditEvent
from supervision.factors.models import Authenticator, RecoveryCode
from supervision.operations.tasks import Ledger
from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession, Person
from supervision.store.database import transaction
from tests import factories
from tests.client import Browser
from tests.factories import NOW
from tests.factors.authenticators import Key
from tests.factors.test_passkeys_invited import link_for, make


@pytest.fixture
def world(session) -> dict[str, object]:
    organisation = factories.make_organisation(session)
    supervisor = factories.make_supervisor(session, email="maria@example.se")
    group = factories.make_group(session, factories.make_assignment(session, supervisor, organisation))
    factories.make_member(session, group, factories.make_person(session, "Deltagare Dold", email="dold@example.se"))
    manager = factories.make_manager(session, organisation, email="chef@example.se")
    manager.name = "Chef Dold"
    coordinator = factories.make_manager(session, organisation, "coordinator", email="omar@example.se")
    coordinator.name = "Omar Said"
    operator = factories.make_person(
        session, "Olof Strand", email="olof@example.se", is_operator=True, password_hash=factories._PASSWORD_HASH
    )
    session.commit()
    return {
        "organisation": organisation,
        "coordinator": coordinator,
        "operator": operator,
        "supervisor": supervisor,
        "manager": manager,
    }


@pytest.fixture
def operator(browser: Callable[[], Browser], world, session) -> Browser:
    return factories.sign_in(browser(), world["operator"], session)


def letters(session) -> list[tuple[str, str]]:
    session.expire_all()
    return sorted((mail.kind, mail.to_email) for mail in session.scalars(select(Mail)))


def actions(session) -> set[str]:
    session.expire_all()
    return set(session.scalars(select(AuditEvent.action)))


def test_the_start_page_says_how_it_stands(app, operator: Browser) -> None:
    page = operator.get("/")
    assert "jobbprocess" in page.text
    assert "Du är inte i någon grupp" not in page.text
    with app.app_context():
        Ledger(NOW, {name: period for name, period, _body in jobs.SWEEPS}).write(transaction, NOW)
    assert "Allt är som det ska." in operator.get("/").text


def test_the_page_shows_counts_and_nobody(operator: Browser) -> None:
    page = operator.get("/installation")
    assert page.status == 200
    assert "Deltagare" not in page.text.replace("Deltagare med plats", "")
    for hidden in ("Dold", "Omar", "Maria", "Norrhamn", "@"):
        assert hidden not in page.text.replace("Olof Strand", "")


def test_coordinators_are_listed_and_nobody_else(operator: Browser) -> None:
    text = operator.get("/installation/coordinators").text
    assert "Omar Said" in text
    assert "omar@example.se" in text
    assert "Dold" not in text
    assert "Maria" not in text


def test_for_everyone_else_there_is_nothing(browser: Callable[[], Browser], world, session) -> None:
    for who in ("supervisor", "manager", "coordinator"):
        page = factories.sign_in(browser(), world[who], session)
        for path in ("", "/coordinators", "/supervisors/new", "/second-steps"):
            assert page.get(f"/installation{path}").status == 404
        assert page.get(f"/installation/organisations/{world['organisation'].id}/coordinators/new").status == 404


def test_a_supervisor_is_let_in(operator: Browser, session) -> None:
    page = operator.get("/installation/supervisors/new").submit(name="Eva Ny", email="eva@example.se", language="da")
    assert page.path == "/installation"
    eva = session.scalar(select(Person).where(Person.email == "eva@example.se"))
    assert (eva.is_supervisor, eva.is_operator, eva.language) == (True, False, "da")
    assert letters(session) == [("invitation", "eva@example.se")]
    assert {"role.supervisor_given", "person.invited"} <= actions(session)


def test_the_answer_is_the_same_for_who_has_an_account(operator: Browser, session) -> None:
    for email in ("eva@example.se", "chef@example.se"):
        page = operator.get("/installation/supervisors/new").submit(name="Eva Ny", email=email)
        assert f"En inbjudan är på väg till {email}." in page.text
        assert "Chef" not in page.text.replace("Chefer", "")
    assert letters(session) == [("invitation", "eva@example.se"), ("role_given", "chef@example.se")]


def test_a_form_that_is_not_filled_in_comes_back(operator: Browser, session) -> None:
    page = operator.get("/installation/supervisors/new").submit(name="", email="eva")
    assert page.status == 422
    assert letters(session) == []


def test_a_coordinator_is_let_in_and_the_organisation_s_own_people_are_told(operator: Browser, world, session) -> None:
    page = operator.get(f"/installation/organisations/{world['organisation'].id}/coordinators/new")
    page = page.submit(name="Eva Ny", email="eva@example.se")
    assert "Eva Ny" in page.text
    assert letters(session) == [
        ("invitation", "eva@example.se"),
        ("let_in", "maria@example.se"),
        ("let_in", "omar@example.se"),
    ]
    assert "role.coordinator_given" in actions(session)


def test_nobody_who_keeps_it_running_gets_into_what_is_in_it(operator: Browser, world, session) -> None:
    for path in ("supervisors/new", f"organisations/{world['organisation'].id}/coordinators/new"):
        page = operator.get(f"/installation/{path}").submit(name="Olof Strand", email="Olof@example.se")
        assert page.status == 422
        assert "håller installationen i gång" in page.text
    assert letters(session) == []


def test_an_invitation_goes_again_to_the_right_address(operator: Browser, world, session) -> None:
    operator.get(f"/installation/organisations/{world['organisation'].id}/coordinators/new")
    operator.submit(name="Eva Ny", email="fel@example.se")
    wrong = session.scalar(select(Person).where(Person.email == "fel@example.se"))
    holding = session.scalar(select(RoleHolding).where(RoleHolding.person_id == wrong.id))
    old = session.scalar(select(Mail).where(Mail.to_email == "fel@example.se")).text
    page = operator.get(f"/installation/coordinators/{holding.id}").submit(email="ratt@example.se")
    assert page.path == "/installation/coordinators"
    assert "ratt@example.se" in page.text
    assert session.scalar(select(RoleHolding).where(RoleHolding.person_id == wrong.id)) is None
    assert ("invitation", "ratt@example.se") in letters(session)
    link = next(word for word in old.split() if "/invitation/" in word)
    session.commit()
    assert operator.get(link[link.index("/invitation/") :]).status == 409


def test_an_account_never_gets_another_address(operator: Browser, world, session) -> None:
    holding = session.scalar(select(RoleHolding).where(RoleHolding.person_id == world["coordinator"].id))
    path = f"/installation/coordinators/{holding.id}"
    assert operator.get(path).soup.select_one("main form") is None
    assert operator.post(path, {"email": "olof2@example.se"}).status == 422
    session.expire_all()
    assert world["coordinator"].email == "omar@example.se"
    assert letters(session) == []


def test_a_role_stays_with_who_has_come_in_also_when_their_passkey_is_taken_away(
    browser, operator: Browser, world, session
) -> None:
    karin = factories.make_person(session, "Karin Lund", email="karin@example.se")
    holding = factories.make_role(session, karin, world["organisation"], "coordinator")
    make(browser(), link_for(session, karin), Key())
    operator.get("/installation/second-steps").submit(email=karin.email, is_sure="y")
    path = f"/installation/coordinators/{holding.id}"
    page = operator.get(path).submit(email="olof2@example.se")
    assert page.status == 422
    assert "rollen stannar hos deras adress" in page.text
    session.expire_all()
    assert session.get(RoleHolding, holding.id).person_id == karin.id
    assert {to for kind, to in letters(session) if kind != "sign_in_changed"} == set()
    assert operator.get(path).submit(email="karin@example.se").status == 200  # there it can go
    assert ("invitation", "karin@example.se") in letters(session)


@pytest.mark.parametrize("has_password", [True, False])
def test_no_page_and_no_mail_tells_the_name_of_a_known_address(operator: Browser, world, session, has_password) -> None:
    known = factories.make_person(session, "Deltagare Dold Två", email="known@example.se")
    known.password_hash = factories._PASSWORD_HASH if has_password else None
    page = operator.get(f"/installation/organisations/{world['organisation'].id}/coordinators/new")
    page.submit(name=" Eva Ny ", email="known@example.se")
    assert "Eva Ny" in page.text
    session.expire_all()
    holding = session.scalars(select(RoleHolding).where(RoleHolding.person_id == known.id)).one()
    seen = page.text + page.get(f"/installation/coordinators/{holding.id}").text
    for mail in session.scalars(select(Mail).where(Mail.kind == "let_in")):
        assert "Eva Ny" in mail.text
        seen += mail.text + mail.subject + mail.html
    assert "Dold" not in seen


def test_a_manager_s_role_is_not_the_operator_s(operator: Browser, world, session) -> None:
    holding = session.scalar(select(RoleHolding).where(RoleHolding.person_id == world["manager"].id))
    assert operator.get(f"/installation/coordinators/{holding.id}").status == 404


def test_second_steps_are_taken_away_with_a_mail_and_a_line(app, operator: Browser, world, session) -> None:
    omar = world["coordinator"]
    factories.give_authenticator(app, session, omar)
    session.add(RecoveryCode(person_id=omar.id, code_hash="r" * 64))
    session.commit()
    page = operator.get("/installation/second-steps").submit(email="omar@example.se")
    assert page.status == 422, "not without having made sure"
    said = page.submit(email="omar@example.se", is_sure="y").text
    for table in (Authenticator, RecoveryCode, LoginSession):
        assert session.scalar(select(table).where(table.person_id == omar.id)) is None
    assert letters(session) == [("sign_in_changed", "omar@example.se")]
    assert "second_steps.taken" in actions(session)
    for email in ("nobody@example.se", "dold@example.se"):
        told = operator.get("/installation/second-steps").submit(email=email, is_sure="y").text
        assert told == said, "what is answered tells nobody who has an account"
    assert letters(session) == [("sign_in_changed", "omar@example.se")]


def test_one_s_own_second_steps_stay(operator: Browser) -> None:
    page = operator.get("/installation/second-steps").submit(email="olof@example.se", is_sure="y")
    assert page.status == 422
    assert operator.get("/installation").status == 200


def test_letting_in_and_second_steps_want_a_factor_shown_lately(operator: Browser, world, session, clock) -> None:
    holding = session.scalar(select(RoleHolding).where(RoleHolding.person_id == world["coordinator"].id))
    paths = (
        "second-steps",
        "supervisors/new",
        f"organisations/{world['organisation'].id}/coordinators/new",
        f"coordinators/{holding.id}",
    )
    clock.forward(minutes=20)
    for path in paths:
        assert operator.get(f"/installation/{path}").path == "/sign-in/factor", path
        sent = {"name": "Eva Ny", "email": "eva@example.se", "language": "sv", "is_sure": "y"}
        operator.post(f"/installation/{path}", sent)
        assert operator.path == "/sign-in/factor", path
    assert letters(session) == []


def test_queries_do_not_grow(operator: Browser, session, count_queries: list[str]) -> None:
    def asked(path: str) -> int:
        operator.get(path)
        count_queries.clear()
        operator.get(path)
        return len(count_queries)

    few = [asked(path) for path in ("/installation", "/installation/coordinators", "/")]
    for _ in range(6):
        organisation = factories.make_organisation(session)
        for _ in range(3):
            factories.make_manager(session, organisation, "coordinator")
    session.commit()
    assert [asked(path) for path in ("/installation", "/installation/coordinators", "/")] == few
