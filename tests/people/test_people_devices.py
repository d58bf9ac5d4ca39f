"""Whoever guesses in somebody's name makes themselves wait, not the one who has signed in on their device before."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from supervision.outbox.models import Mail
from supervision.people import device_rules, rules, services
from supervision.people.device_rules import Whose
from supervision.people.models import Attempt, Person, SignInCode
from tests import factories

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
KEY = "a key of the tests"
ANNA, BO = (Whose(UUID(int=number), 0) for number in (7, 8))
WRONG = "inte rätt lösenord"
NEW = "en annan lång mening om te"
COOKIE = "rundan-device"


def with_password(page, email: str, password: str):
    return page.get("/sign-in/password").submit("", email=email, password=password)


@pytest.fixture
def someone(session, monkeypatch) -> Person:
    """Someone with a password and no role: a password is all they need. Comparing it costs a fiftieth here."""
    cheap = services.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    monkeypatch.setattr(services, "HASHER", cheap)
    return factories.make_person(session, password_hash=cheap.hash(factories.PASSWORD))


@pytest.fixture
def own(browser, someone):
    """Their own browser, in which they have signed in once, and out again."""
    page = with_password(browser(), someone.email, factories.PASSWORD)
    assert page.path == "/"
    return page.post("/sign-out")


def guess(page, email: str, clock, times: int = 12):
    for _second in range(times):
        with_password(page, email, WRONG)
        clock.forward(seconds=1)
    return page


def must_wait(page) -> bool:
    return page.status == 422 and "Vänta" in page.text


def test_who_guesses_elsewhere_makes_only_strange_browsers_wait(browser, someone, own, clock) -> None:
    attacker = guess(browser(), someone.email, clock)
    assert must_wait(with_password(attacker, someone.email, WRONG))
    assert must_wait(with_password(browser(), someone.email, factories.PASSWORD))  # a browser nobody knows
    assert with_password(own, someone.email, factories.PASSWORD).path == "/"


def test_a_device_is_known_for_its_person_alone(browser, session, someone, own, clock) -> None:
    other = factories.make_person(session, password_hash=factories._PASSWORD_HASH)
    guess(browser(), other.email, clock)
    assert must_wait(with_password(own, other.email, factories.PASSWORD))


def test_a_known_device_waits_for_its_own_wrong_tries(browser, someone, own, clock) -> None:
    assert must_wait(guess(own, someone.email, clock, rules.TRIES_FREE + 1))
    assert with_password(browser(), someone.email, factories.PASSWORD).path == "/"


@pytest.mark.parametrize("end", ["password", "others", "one"])
def test_another_password_or_ending_sessions_makes_devices_strange(browser, someone, own, clock, end) -> None:
    here, lost = (with_password(browser(), someone.email, factories.PASSWORD) for _ in range(2))
    password = NEW if end == "password" else factories.PASSWORD
    if end == "password":
        here.get("/me/security/password").submit(present=factories.PASSWORD, password=NEW)
    elif end == "others":
        here.get("/me/security").submit("Logga ut överallt annars")
    else:
        here.post(here.get("/me/security").soup.select_one('form[action$="/end"]')["action"])
    assert here.path == "/me/security"
    here.post("/sign-out")
    clock.forward(minutes=20)
    guess(browser(), someone.email, clock)
    assert must_wait(with_password(lost, someone.email, password))
    assert must_wait(with_password(own, someone.email, password))
    assert with_password(here, someone.email, password).path == "/"  # this one stays


def test_ending_sessions_wins_no_free_tries(browser, someone, clock) -> None:
    page = with_password(browser(), someone.email, factories.PASSWORD)
    for _ in range(rules.TRIES_FREE + 1):
        page.get("/me/security/password").submit(present=WRONG, password=NEW)
    assert must_wait(page)
    page.post("/me/security/sessions/end-others")
    assert must_wait(page.get("/me/security/password").submit(present=WRONG, password=NEW))


def test_a_password_alone_makes_no_known_device(app, browser, session, clock) -> None:
    maria = factories.make_supervisor(session)
    factories.give_authenticator(app, session, maria)
    thief = with_password(browser(), maria.email, factories.PASSWORD)
    assert thief.path == "/sign-in/factor"
    assert thief.client.get_cookie(COOKIE) is None
    own = with_password(browser(), maria.email, factories.PASSWORD)
    assert own.submit(code=factories.app_code(clock())).path == "/"
    assert own.client.get_cookie(COOKIE) is not None
    clock.forward(seconds=30)  # the app shows another one
    for _second in range(12):
        thief.get("/sign-in/factor").submit(code="000000")
        clock.forward(seconds=1)
    assert must_wait(thief)
    own.get("/sign-in/factor").submit(code=factories.app_code(clock()))
    assert own.path == "/"


def test_asking_for_codes_in_a_name_keeps_nobody_from_their_own(browser, session, clock) -> None:
    person = factories.make_person(session)
    page = browser().get("/sign-in").submit("", email=person.email)
    page.submit(code=session.scalars(select(Mail)).one().subject.partition(": ")[2])
    assert page.path == "/"
    page.post("/sign-out")
    attacker = browser()
    for _second in range(12):
        attacker.get("/sign-in").submit("", email=person.email)
        clock.forward(seconds=1)
    assert must_wait(attacker)
    before = len(session.scalars(select(SignInCode)).all())
    assert page.get("/sign-in").submit("", email=person.email).path == "/sign-in/code"
    assert len(session.scalars(select(SignInCode)).all()) == before + 1


def test_known_and_unknown_addresses_wait_alike_with_a_known_device_too(browser, session, someone, own) -> None:
    known = factories.make_supervisor(session).email
    said = []
    for email in (known, "nobody@example.se"):
        for _ in range(rules.TRIES_FREE + 1):
            with_password(own, email, WRONG)
        said.append((own.status, own.text))
    assert said[0] == said[1]
    assert "Vänta" in said[0][1]


def test_the_cookie_and_the_counts_name_nobody(browser, session, someone, own) -> None:
    cookie = own.client.get_cookie(COOKIE)
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert str(someone.id) not in cookie.value
    assert someone.id.hex not in cookie.value
    number = cookie.value.split(".")[1]
    guess_one = with_password(own, someone.email, WRONG)
    assert guess_one.status == 422
    assert not [key for key in session.scalars(select(Attempt.key_hash)) if number in key or len(key) != 64]


def test_a_signature_holds_for_person_count_and_time() -> None:
    kept = device_rules.remember("", KEY, ANNA, AT)
    number = device_rules.known_number(kept, KEY, ANNA, AT)
    assert number
    later = AT + device_rules.LIFETIME
    assert device_rules.known_number(kept, KEY, ANNA, later) == number
    assert device_rules.known_number(kept, KEY, ANNA, later + timedelta(seconds=1)) is None
    for key, whose in ((KEY, BO), (KEY, Whose(ANNA.person_id, 1)), ("another key", ANNA), (KEY, None)):
        assert device_rules.known_number(kept, key, whose, AT) is None
    for at in range(len(kept)):
        changed = kept[:at] + ("A" if kept[at] != "A" else "B") + kept[at + 1 :]
        assert device_rules.known_number(changed, KEY, ANNA, AT) is None


@pytest.mark.parametrize("sent", ["", ".", "~", "..", "a.b.c", "~".join(["1.b.c"] * 9), "é.ü.ö", "\ud800.x.y"])
def test_what_is_no_such_cookie_is_nobodys(sent) -> None:
    assert device_rules.known_number(sent, KEY, ANNA, AT) is None


def test_some_take_turns_at_one_computer() -> None:
    people = [Whose(UUID(int=number), 0) for number in range(1, 7)]
    kept = ""
    for one in people:
        kept = device_rules.remember(kept, KEY, one, AT)
    known = [device_rules.known_number(kept, KEY, one, AT) is not None for one in people]
    assert known == [False, False, True, True, True, True]
    number = device_rules.known_number(kept, KEY, people[-1], AT)
    again = device_rules.remember(kept, KEY, people[-1], AT, number=number)
    assert len(again.split("~")) == device_rules.MOST_PEOPLE
    assert device_rules.known_number(again, KEY, people[2], AT)
