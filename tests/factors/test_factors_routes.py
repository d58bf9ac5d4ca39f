import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supervision.factors import services
from supervision.factors.models import Authenticator, RecoveryCode
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession, Person
from supervision.single_sign_on.models import OuterIdentity
from supervision.web.texts import text_seal
from tests import factories
from tests.client import Browser
from tests.conftest import Clock


def with_password(browser: Browser, person: Person, onward: str = "/me") -> Browser:
    browser.get(f"/sign-in/password?next={onward}")
    return browser.submit("", email=person.email, password=factories.PASSWORD)


@pytest.fixture
def maria(app: Flask, session: Session) -> Person:
    person = factories.make_supervisor(session)
    factories.give_authenticator(app, session, person)
    session.commit()
    return person


def key_on(page: Browser) -> str:
    return page.soup.select_one(".secret-key").get_text().replace(" ", "")


def test_the_first_sign_in_sets_it_up(browser, session, clock) -> None:
    person = factories.make_supervisor(session)
    page = with_password(browser(), person)
    assert page.path == "/sign-in/factor/set-up"
    assert page.soup.select_one(".qr-frame svg path")
    first = key_on(page)
    page.submit(code="000000")
    assert page.status == 422
    assert key_on(page) == first
    page.submit(code=factories.app_code(clock(), first))
    assert page.status == 200
    codes = [one.get_text() for one in page.soup.select(".recovery-codes code")]
    assert len(set(codes)) == 10
    stored = session.scalars(select(RecoveryCode.code_hash)).all()
    assert not {code for code in codes for kept in stored if code.replace("-", "") in kept}
    assert first.encode() not in session.scalars(select(Authenticator.sealed_secret)).one()
    assert page.get("/me").path == "/me"
    assert "Authenticator" in session.scalars(select(Mail.text)).one() or session.scalars(select(Mail)).one()


def test_the_code_is_asked_and_taken_once(browser, maria, clock) -> None:
    page = with_password(browser(), maria)
    assert page.path == "/sign-in/factor"
    code = factories.app_code(clock())
    page.submit(code=code)
    assert (page.path, page.status) == ("/me", 200)
    thief = with_password(browser(), maria)
    thief.submit(code=code)
    assert thief.status == 422
    clock.forward(seconds=30)
    thief.submit(code=factories.app_code(clock()))
    assert thief.path == "/me"


def test_no_step_is_taken_twice_by_two_at_once(app, session, maria, clock) -> None:
    with app.app_context():
        code = factories.app_code(clock())
        services.show_authenticator(session, text_seal(), maria.id, code, now=clock())
        session.commit()
        for later_s in (0, 20):
            clock.forward(seconds=later_s)
            with pytest.raises(RuleBroken, match="factor_wrong"):
                services.show_authenticator(session, text_seal(), maria.id, code, now=clock())


@pytest.mark.parametrize("path", ["/", "/me", "/me/security", "/organisations/new", "/me/security/recovery-codes"])
def test_a_password_alone_opens_nothing(browser, maria, path) -> None:
    page = with_password(browser(), maria)
    assert page.get(path).path == "/sign-in/factor"
    answer = page.client.get(path, headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["HX-Redirect"]) == (204, "/sign-in/factor")


def test_it_cannot_be_set_up_anew_with_the_password_alone(browser, maria) -> None:
    page = with_password(browser(), maria)
    assert page.get("/sign-in/factor/set-up").path == "/sign-in/factor"


def test_with_recovery_codes_left_it_is_not_set_up_with_the_password_alone(app, browser, session, maria, clock) -> None:
    codes = services.renew_recovery_codes(session, maria.id, now=clock())
    session.delete(session.get(Authenticator, maria.id))  # as a restore does with one that was replaced since
    session.commit()
    page = with_password(browser(), maria)
    for path in ("/sign-in/factor/set-up", "/me/security/passkeys/new"):
        assert page.get(path).path == "/sign-in/factor"
    page.get("/sign-in/factor/recovery").submit(code=codes[0])
    assert page.get("/sign-in/factor/set-up").path == "/sign-in/factor/set-up"


def test_the_session_gets_a_new_token(browser, maria, clock) -> None:
    page = with_password(browser(), maria)
    before = page.client.get_cookie("rundan").value
    page.submit(code=factories.app_code(clock()))
    thief = browser()
    thief.client.set_cookie("rundan", before)
    assert thief.get("/me").path == "/sign-in"
    assert page.get("/me").path == "/me"


def test_a_recovery_code_works_once_and_the_person_is_told(app, browser, session, maria, clock) -> None:
    codes = services.renew_recovery_codes(session, maria.id, now=clock())
    page = with_password(browser(), maria).get("/sign-in/factor/recovery")
    page.submit(code=codes[3].upper())
    assert page.path == "/me/security"
    assert "9" in page.text
    assert session.scalars(select(Mail)).one().to_email == maria.email
    again = with_password(browser(), maria).get("/sign-in/factor/recovery")
    again.submit(code=codes[3])
    assert again.status == 422


def test_new_recovery_codes_end_the_old_ones(browser, session, maria, clock) -> None:
    (old, *_rest) = services.renew_recovery_codes(session, maria.id, now=clock())
    page = with_password(browser(), maria).submit(code=factories.app_code(clock()))
    page.get("/me/security/recovery-codes").submit("koder")
    assert len(page.soup.select(".recovery-codes code")) == 10
    again = with_password(browser(), maria).get("/sign-in/factor/recovery").submit(code=old)
    assert again.status == 422


def test_loading_new_recovery_codes_again_ends_none(browser, session, maria, clock) -> None:
    page = with_password(browser(), maria).submit(code=factories.app_code(clock()))
    page.get("/me/security/recovery-codes")
    seen = page.soup.find("input", {"name": "seen"})["value"]
    page.submit("koder")
    codes = [one.get_text() for one in page.soup.select(".recovery-codes code")]
    for again in ({"seen": seen}, {}):
        page.get("/me").post("/me/security/recovery-codes", again)
        assert page.path == "/me/security/recovery-codes"
        assert page.soup.select(".recovery-codes code") == []
        assert "de senaste koderna gäller" in page.text
    other = with_password(browser(), maria).get("/sign-in/factor/recovery").submit(code=codes[0])
    assert other.path == "/me/security"
    assert len([one for one in session.scalars(select(Mail)) if "reservkoder har gjorts" in one.text]) == 1


@pytest.mark.parametrize(
    ("language", "two", "one", "none"),
    [
        ("sv", "2 reservkoder kvar", "1 reservkod kvar", "din sista reservkod"),
        ("da", "2 reservekoder tilbage", "1 reservekode tilbage", "din sidste reservekode"),
        ("en", "2 recovery codes left", "1 recovery code left", "your last recovery code"),
    ],
)
def test_what_is_left_is_said_in_one_and_in_many(browser, session, maria, clock, language, two, one, none) -> None:
    codes = services.renew_recovery_codes(session, maria.id, now=clock())[:3]
    session.execute(delete(RecoveryCode).where(RecoveryCode.code_hash.not_in([_kept(code) for code in codes])))
    page = with_password(browser(), maria).get(f"/sign-in/factor/recovery?lang={language}")
    for code, said in zip(codes, (two, one, none), strict=True):
        page.get("/sign-in/factor/recovery").submit(code=code)
        assert said in page.text


def _kept(code: str) -> str:
    return fingerprint(code.replace("-", ""))


def test_tries_wait(browser, maria, clock) -> None:
    page = with_password(browser(), maria)
    for _ in range(6):
        page.submit(code="000000")
    assert "Vänta" in page.text
    page.submit(code=factories.app_code(clock()))
    assert page.status == 422
    clock.forward(minutes=16)
    page.submit(code=factories.app_code(clock()))
    assert page.path == "/me"


def test_changing_wants_it_shown_lately(browser, session, maria, clock) -> None:
    services.renew_recovery_codes(session, maria.id, now=clock())
    page = with_password(browser(), maria).submit(code=factories.app_code(clock()))
    clock.forward(minutes=20)
    page.get("/sign-in/factor/set-up")
    assert page.path == "/sign-in/factor"
    page.submit(code=factories.app_code(clock()))
    assert page.path == "/sign-in/factor/set-up"
    elsewhere = factories.sign_in(browser(), maria, session)
    page.submit(code=factories.app_code(clock(), key_on(page)))
    assert page.path == "/me/security"
    assert elsewhere.get("/me").path == "/sign-in"
    assert len(session.scalars(select(LoginSession)).all()) == 1


def test_another_s_secret_cannot_be_slipped_in(browser, session, clock) -> None:
    pages = []
    for number in (1, 2):
        person = factories.make_supervisor(session, f"Person {number}")
        pages.append(with_password(browser(), person))
    mine, theirs = pages
    secret = key_on(theirs)
    signed = theirs.soup.select_one("input[name=secret]")["value"]
    mine.submit(secret=signed, code=factories.app_code(clock(), secret))
    assert mine.status == 422
    assert not session.scalars(select(Authenticator)).all()


def test_the_only_factor_stays(app, session, maria, clock) -> None:
    with pytest.raises(RuleBroken, match="last_factor"):
        services.remove_authenticator(session, maria.id, now=clock())


def test_whoever_has_lost_everything_reads_who_can_help(browser, session, maria) -> None:
    page = with_password(browser(), maria)
    assert "Är mobilen borta?" in page.text
    page.submit(code=factories.app_code(factories.NOW))
    assert "Ingen är kvar." in page.get("/me/security").text
    services.renew_recovery_codes(session, maria.id, now=factories.NOW)
    assert "10 av 10 är kvar." in page.get("/me/security").text
    assert "Är mobilen borta?" not in with_password(browser(), maria).text


def test_participants_need_none(browser, session) -> None:
    leyla = factories.sign_in(browser(), factories.make_person(session), session)
    assert leyla.get("/me/security").status == 200
    assert not leyla.soup.find(id="authenticator")
    assert leyla.get("/sign-in/factor/set-up").status == 403


def test_whoever_gets_a_role_is_asked_at_the_next_request(browser, session) -> None:
    organisation = factories.make_organisation(session)
    person = factories.make_person(session, password_hash=factories.people.HASHER.hash(factories.PASSWORD))
    page = with_password(browser(), person)
    assert page.path == "/me"
    factories.make_role(session, person, organisation, "coordinator")
    assert page.get("/me").path == "/sign-in/factor/set-up"


def test_an_operator_s_reset_removes_everything(app: Flask, browser: Callable[[], Browser], session, maria) -> None:
    signed_in = factories.sign_in(browser(), maria, session)
    services.renew_recovery_codes(session, maria.id, now=factories.NOW)
    session.add(OuterIdentity(person_id=maria.id, issuer="https://id.example", subject="7", linked_at=factories.NOW))
    email = maria.email
    session.commit()
    done = app.test_cli_runner().invoke(args=["factors-reset", email.upper()])
    assert done.exit_code == 0, done.output
    assert session.scalars(select(OuterIdentity)).all() == []
    assert signed_in.get("/me").path == "/sign-in"
    assert with_password(browser(), maria).path == "/sign-in/factor/set-up"
    assert re.search(maria.email, session.scalars(select(Mail)).one().to_email)
    assert app.test_cli_runner().invoke(args=["factors-reset", "nobody@example.org"]).exit_code != 0


def test_a_clock_that_went_back_does_not_help(browser, maria, clock: Clock) -> None:
    page = with_password(browser(), maria)
    code = factories.app_code(clock())
    page.submit(code=code)
    clock.forward(seconds=-30)
    again = with_password(browser(), maria)
    again.submit(code=factories.app_code(clock()))
    assert again.status == 422
