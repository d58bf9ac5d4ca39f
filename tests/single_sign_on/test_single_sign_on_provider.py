"""The whole way through a real provider: sign in, agree, come back; and every way in which it is refused."""

from urllib.parse import parse_qs, urlencode, urlsplit, urlunsplit

import pytest
from sqlalchemy import func, select

from supervision.audit.models import AuditEvent
from supervision.outbox.models import Mail
from supervision.people import services as people
from supervision.people.models import LoginSession, Person
from supervision.single_sign_on.models import OuterIdentity
from tests import factories
from tests.client import Browser
from tests.single_sign_on.conftest import BACK, Visitor

WAY = "/sign-in/organisation"


@pytest.fixture
def karin(session) -> Person:
    return factories.make_manager(session, factories.make_organisation(session), email="karin@example.se")


def out(browser: Browser, path: str = WAY) -> str:
    """Leave for the provider; return the address the browser is sent to."""
    answer = browser.client.get(path)
    assert answer.status_code == 303, answer.get_data(as_text=True)
    return answer.headers["Location"]


def come_back(browser: Browser, address: str) -> Browser:
    parts = urlsplit(address)
    return browser.get(f"{parts.path}?{parts.query}")


def bent(address: str, **changes: str) -> str:
    """Return an address with other parameters; the browser is the attacker's, after all."""
    parts = urlsplit(address)
    told = {name: values[0] for name, values in parse_qs(parts.query).items()} | changes
    return urlunsplit(parts._replace(query=urlencode(told)))


def sign_in(browser: Browser, login: str = "karin") -> Browser:
    return come_back(browser, Visitor(login).walk(out(browser)))


def is_signed_in(browser: Browser) -> bool:
    return browser.client.get("/me").status_code == 200


def test_who_has_a_role_signs_in_and_is_known_the_next_time(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    first = browser()
    assert "Norrhamns kommun" in first.get("/sign-in?next=/me").text
    page = come_back(first, Visitor("karin").walk(out(first, f"{WAY}?next=/me")))
    assert (page.path, page.status) == ("/me", 200)
    kept = session.scalars(select(OuterIdentity)).one()
    assert (kept.person_id, kept.issuer, kept.subject) == (karin.id, issuer, "karin")
    assert session.scalars(select(LoginSession.factor)).all() == ["oidc"]
    assert session.scalars(select(Mail.kind)).all() == ["provider_connected"]
    assert "identity.connected" in session.scalars(select(AuditEvent.action)).all()
    assert first.get("/").status == 200

    karin.email = "another@example.se"  # from now on the subject decides, not the address
    session.commit()
    again = sign_in(browser())
    assert (again.path, again.status) == ("/", 200)
    assert session.scalar(select(func.count()).select_from(OuterIdentity)) == 1
    assert session.scalars(select(Mail.kind)).all() == ["provider_connected"]


def test_a_link_of_an_invitation_ends_once_the_invited_has_come_by_the_provider(
    browser, session, issuer, connect, karin
) -> None:
    karin.password_hash = None
    token = people.invite(session, factories.actor_of(karin), karin, now=factories.NOW)
    session.commit()
    connect(issuer)
    assert browser().get(f"/invitation/{token}").status == 200
    assert sign_in(browser()).path == "/"
    for path in ("", "/passkey"):
        assert browser().get(f"/invitation/{token}{path}").status == 409


def test_the_address_can_stand_in_the_token_itself(browser, session, start_provider, connect, karin) -> None:
    connect(start_provider(f"http://localhost{BACK}", CLAIMS_IN="token"))
    assert sign_in(browser()).path == "/"


def test_nobody_is_created_and_a_participant_stays_with_codes(browser, session, issuer, connect) -> None:
    connect(issuer)
    factories.make_member(
        session, factories.make_group(session), factories.make_person(session, email="elin@example.se")
    )
    people = session.scalar(select(func.count()).select_from(Person))
    for login in ("nobody", "elin"):
        someone = browser()
        page = sign_in(someone, login)
        assert page.status == 409
        assert "Ingen med en roll här" in page.text
        assert not is_signed_in(someone)
    assert session.scalar(select(func.count()).select_from(Person)) == people
    assert session.scalars(select(OuterIdentity)).all() == []


def test_who_lost_the_role_is_refused_although_connected(browser, session, issuer, connect) -> None:
    maria = factories.make_person(session, email="karin@example.se", is_supervisor=True)
    connect(issuer)
    assert sign_in(browser()).path == "/"
    maria.is_supervisor = False
    session.commit()
    assert sign_in(browser()).status == 409


@pytest.mark.parametrize("login", ["unverified", "silent"])
def test_an_address_that_is_not_verified_decides_nothing(browser, session, issuer, connect, karin, login) -> None:
    connect(issuer)
    page = sign_in(browser(), login)
    assert page.status == 409
    assert "ingen bekräftad adress" in page.text
    assert session.scalars(select(OuterIdentity)).all() == []


def test_an_address_with_a_new_owner_opens_nothing(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    assert sign_in(browser()).path == "/"
    someone = browser()
    assert "Ett annat konto" in sign_in(someone, "new-karin").text
    assert not is_signed_in(someone)


def test_only_the_domains_of_the_installation_decide(browser, session, issuer, connect, karin) -> None:
    connect(issuer, domains=("norrhamn.se",))
    assert sign_in(browser()).status == 409
    connect(issuer, domains=("norrhamn.se", "example.se"))
    assert sign_in(browser()).path == "/"


def test_who_stops_is_told_so(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, Visitor("karin").walk(out(someone), stop=True))
    assert page.status == 409
    assert "Du avbröt" in page.text
    assert not is_signed_in(someone)


def test_an_answer_to_another_question_is_refused(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, Visitor("karin").walk(bent(out(someone), nonce="another")))
    assert page.status == 409
    assert "stämde inte" in page.text
    assert not is_signed_in(someone)


def test_a_code_for_another_client_is_refused(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, Visitor("karin").walk(bent(out(someone), client_id="other")))
    assert page.status == 409
    assert not is_signed_in(someone)


def test_a_code_begun_with_another_secret_is_refused(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, Visitor("karin").walk(bent(out(someone), code_challenge="A" * 43)))
    assert page.status == 409
    assert not is_signed_in(someone)


def test_the_way_back_is_good_once_and_in_one_browser(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone, other = browser(), browser()
    address = Visitor("karin").walk(out(someone))
    out(other)
    assert come_back(other, address).status == 409
    assert come_back(browser(), address).status == 409
    assert come_back(someone, address).path == "/"
    someone.client.post("/sign-out")
    again = come_back(someone, address)
    assert again.status == 409
    assert "det tog för länge" in again.text.lower()


@pytest.mark.parametrize("change", [{"state": "another"}, {"state": ""}, {"iss": "https://evil.example"}])
def test_a_bent_way_back_is_refused(browser, session, issuer, connect, karin, change) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, bent(Visitor("karin").walk(out(someone)), **change))
    assert page.status == 409
    assert not is_signed_in(someone)


def test_who_comes_back_after_ten_minutes_begins_anew(browser, session, issuer, connect, clock, karin) -> None:
    connect(issuer)
    someone = browser()
    address = Visitor("karin").walk(out(someone))
    clock.forward(minutes=11)
    page = come_back(someone, address)
    assert page.status == 409
    assert "tog för länge" in page.text


def test_a_token_past_its_time_is_refused(browser, session, issuer, connect, clock, karin) -> None:
    connect(issuer)
    someone = browser()
    clock.forward(minutes=8)  # the provider's tokens are good for five
    assert sign_in(someone).status == 409
    assert not is_signed_in(someone)


def test_a_second_step_can_be_asked_for(browser, session, issuer, connect, karin) -> None:
    connect(issuer, acr=("urn:test:two-steps",), amr=("otp", "hwk"))
    assert sign_in(browser()).path == "/"
    connect(issuer, amr=("hwk",))
    assert "i två steg" in sign_in(browser()).text
    connect(issuer, acr=("urn:test:three-steps",))
    assert sign_in(browser()).status == 409


def test_a_wrong_secret_of_ours_is_a_page_and_no_fault(browser, session, issuer, connect, karin) -> None:
    connect(issuer, client_secret="not the one the provider knows")
    assert sign_in(browser()).status == 409


def test_a_provider_that_is_away_is_a_page_and_no_fault(browser, session, connect, karin) -> None:
    connect("http://127.0.0.1:9")
    page = browser().get(WAY)
    assert page.status == 409
    assert "svarar inte" in page.text


def test_next_leads_nowhere_else(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    page = come_back(someone, Visitor("karin").walk(out(someone, f"{WAY}?next=//evil.example/")))
    assert page.path == "/"


def test_the_connection_is_shown_and_can_be_cut(browser, session, issuer, connect, karin) -> None:
    connect(issuer)
    someone = browser()
    sign_in(someone)
    assert "Norrhamns kommun" in someone.get("/me/security").text
    kept = session.scalars(select(OuterIdentity)).one()
    jens = factories.sign_in(browser(), factories.make_supervisor(session, "Jens Holm"), session)
    assert jens.post(f"/me/security/organisation/{kept.id}/remove").status == 404
    assert someone.get("/me/security").submit("Ta bort kopplingen").status == 200
    assert session.scalars(select(OuterIdentity)).all() == []


def test_without_a_provider_there_is_nothing(browser, session) -> None:
    someone = browser()
    assert not someone.get("/sign-in").soup.select(f'a[href*="{WAY}"]')
    assert someone.get(WAY).status == 404
    assert someone.get(BACK).status == 404
