"""Passkeys through the pages, with an authenticator written in Python."""

import json
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from supervision.audit.models import AuditEvent
from supervision.factors import passkey_services as services
from supervision.factors.models import Passkey, PasskeyChallenge
from supervision.factors.passkey_rules import Party
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.people.models import LoginSession
from tests import factories
from tests.client import Browser
from tests.factors.authenticators import Key

LOCALHOST = Party("localhost", "http://localhost")


def ask(browser: Browser, path: str) -> dict:
    token = browser.get("/sign-in/passkey").soup.find("input", {"name": "csrf_token"})["value"]
    answer = browser.client.post(path, headers={"X-CSRFToken": token})
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return json.loads(answer.get_data(as_text=True))


def make(browser: Browser, key: Key, name: str = "min mobil") -> Browser:
    options = ask(browser, "/me/security/passkeys/options")
    return browser.get("/me/security/passkeys/new").submit(name=name, credential=key.make(options))


def use(browser: Browser, key: Key) -> Browser:
    options = ask(browser, "/sign-in/passkey/options")
    return browser.get("/sign-in/passkey").submit(credential=key.use(options))


@pytest.fixture
def maria(session):
    return factories.make_supervisor(session)


@pytest.fixture
def office(browser, session, maria) -> Browser:
    return factories.sign_in(browser(), maria, session)


@pytest.fixture
def key(office) -> Key:
    """A key that opens Maria's account."""
    made = Key()
    make(office, made)
    return made


def test_a_passkey_is_made_and_opens_the_account(office, browser, session, maria) -> None:
    key = Key(count=3)
    page = make(office, key)
    assert len(page.soup.select("ol.recovery-codes li")) == 10
    assert "min mobil" in office.get("/me/security").text
    kept = session.scalars(select(Passkey)).one()
    assert (kept.person_id, kept.sign_count, kept.used_at) == (maria.id, 3, None)
    assert session.scalars(select(Mail.kind)).all() == ["sign_in_changed"]
    key.count = 4
    other = use(browser(), key)
    assert other.path == "/"
    assert other.status == 200
    session.expire_all()
    assert session.scalars(select(LoginSession.factor)).all() == ["passkey", "passkey"]
    assert session.scalars(select(Passkey)).one().sign_count == 4
    assert session.scalars(select(PasskeyChallenge)).all() == []


def test_a_passkey_is_the_second_step_after_a_password(browser, session, maria, key) -> None:
    half = browser()
    half.get("/sign-in/password").submit(email=maria.email, password=factories.PASSWORD)
    assert half.get("/").path != "/"
    options = ask(half, "/sign-in/passkey/options")
    assert len(options["allowCredentials"]) == 1
    whole = half.get("/sign-in/passkey").submit(credential=key.use(options))
    assert (whole.path, whole.status) == ("/", 200)


def test_the_passkey_of_another_person_is_no_second_step(browser, session, key) -> None:
    jens = factories.make_supervisor(session, "Jens Holm")
    half = browser()
    half.get("/sign-in/password").submit(email=jens.email, password=factories.PASSWORD)
    refused = use(half, key)
    assert refused.status == 422
    assert "en annan person" in refused.text
    assert session.scalars(select(PasskeyChallenge)).all() == []
    assert half.get("/").path != "/"


def test_a_passkey_can_be_the_first_second_factor(browser, session, maria) -> None:
    new = browser()
    new.get("/sign-in/password").submit(email=maria.email, password=factories.PASSWORD)
    assert "passkeys/new" in str(new.get("/sign-in/factor").soup)
    page = make(new, Key())
    assert page.soup.select("ol.recovery-codes li")
    assert (new.get("/").path, new.status) == ("/", 200)


def test_after_the_first_factor_a_password_alone_makes_no_passkey(browser, session, maria, key) -> None:
    thief = browser()
    thief.get("/sign-in/password").submit(email=maria.email, password=factories.PASSWORD)
    assert thief.get("/me/security/passkeys/new").path != "/me/security/passkeys/new"
    token = thief.get("/sign-in/passkey").soup.find("input", {"name": "csrf_token"})["value"]
    assert thief.client.post("/me/security/passkeys/options", headers={"X-CSRFToken": token}).status_code == 403
    assert len(session.scalars(select(Passkey)).all()) == 1


def test_a_participant_has_no_passkeys(browser, session) -> None:
    elin = factories.make_member(session, factories.make_group(session))
    phone = factories.sign_in(browser(), elin, session)
    assert "Passkeys" not in phone.get("/me/security").text
    assert phone.get("/me/security/passkeys/new").status == 403
    assert phone.post("/me/security/passkeys/options").status == 403


def test_an_answer_is_good_once(browser, key) -> None:
    first = browser()
    options = ask(first, "/sign-in/passkey/options")
    answer = key.use(options)
    assert first.get("/sign-in/passkey").submit(credential=answer).path == "/"
    again = first.get("/sign-in/passkey").submit(credential=answer)
    assert again.status == 422
    assert "för länge" in again.text


def test_an_answer_is_good_in_the_browser_that_asked(browser, key) -> None:
    here, there = browser(), browser()
    answer = key.use(ask(here, "/sign-in/passkey/options"))
    ask(there, "/sign-in/passkey/options")
    refused = there.get("/sign-in/passkey").submit(credential=answer)
    assert refused.status == 422


def test_a_challenge_is_good_for_five_minutes_and_used_up_by_a_refusal(browser, session, clock, key) -> None:
    slow = browser()
    options = ask(slow, "/sign-in/passkey/options")
    clock.forward(minutes=5)
    assert slow.get("/sign-in/passkey").submit(credential=key.use(options)).status == 422
    wrong = browser()
    options = ask(wrong, "/sign-in/passkey/options")
    assert wrong.get("/sign-in/passkey").submit(credential="{}").status == 422
    assert wrong.get("/sign-in/passkey").submit(credential=key.use(options)).status == 422
    assert session.scalars(select(PasskeyChallenge)).all() == []


def test_a_challenge_for_a_new_passkey_signs_nobody_in(office, browser, session, key) -> None:
    options = ask(office, "/me/security/passkeys/options")
    assert office.get("/sign-in/passkey").submit(credential=key.use(options)).status == 422


@pytest.mark.parametrize(
    ("bent", "words"),
    [
        ({"origin": "https://rundan.evil.example"}, "gick inte"),
        ({"rp_id": "evil.example"}, "gick inte"),
        ({"is_verified": False}, "gick inte"),
        ({"user_handle": b"somebody else who"}, "gick inte"),
        ({"credential_id": b"another id"}, "känner inte"),
    ],
)
def test_what_is_not_right_is_refused(browser, key, bent, words) -> None:
    for name, value in bent.items():
        setattr(key, name, value)
    refused = use(browser(), key)
    assert refused.status == 422
    assert words in refused.text
    assert refused.get("/").path == "/sign-in"


def test_a_new_passkey_of_another_origin_or_without_a_finger_is_refused(office, session) -> None:
    for key in (Key(origin="https://rundan.evil.example"), Key(rp_id="evil.example"), Key(is_verified=False)):
        assert make(office, key).status == 422
    assert session.scalars(select(Passkey)).all() == []


def test_another_key_does_not_open(browser, key) -> None:
    forged = Key(credential_id=key.credential_id, user_handle=key.user_handle)
    assert use(browser(), forged).status == 422


def test_a_count_that_falls_is_refused_and_written_down(office, browser, session) -> None:
    key = Key(count=7)
    make(office, key)
    key.count = 6
    refused = use(browser(), key)
    assert refused.status == 422
    assert "kopierad" in refused.text
    assert session.scalars(select(AuditEvent.action)).all().count("passkey.count_fell") == 1
    assert session.scalars(select(Passkey)).one().sign_count == 7
    forged = Key(credential_id=key.credential_id, user_handle=key.user_handle, count=1)
    use(browser(), forged)
    assert session.scalars(select(AuditEvent.action)).all().count("passkey.count_fell") == 1


def test_a_passkey_is_renamed_and_removed_but_not_the_last(office, browser, session, key) -> None:
    page = office.get("/me/security")
    assert not page.soup.select("form[action*=passkeys]")
    kept = session.scalars(select(Passkey)).one()
    path = f"/me/security/passkeys/{kept.id}"
    assert office.get(path).submit(name="").status == 422
    assert "arbetsmobilen" in office.get(path).submit(name="  arbetsmobilen ").text
    assert office.post(f"{path}/remove").status == 409
    second = Key()
    assert "Ta bort" in make(office, second, "nyckelknippan").text
    assert office.post(f"{path}/remove").status == 200
    assert use(browser(), key).status == 422
    assert use(browser(), second).path == "/"


def test_nobody_else_touches_a_passkey(browser, session, key) -> None:
    jens = factories.sign_in(browser(), factories.make_supervisor(session, "Jens Holm"), session)
    path = f"/me/security/passkeys/{session.scalars(select(Passkey)).one().id}"
    assert jens.get(path).status == 404
    assert jens.post(path, {"name": "mitt"}).status == 404
    assert jens.post(f"{path}/remove").status == 404


def test_changing_keys_wants_a_factor_shown_lately(office, session, clock, key) -> None:
    clock.forward(minutes=16)
    assert office.get("/me/security").status == 200
    assert office.get("/me/security/passkeys/new").path != "/me/security/passkeys/new"
    office.post(f"/me/security/passkeys/{session.scalars(select(Passkey)).one().id}/remove")
    assert session.scalars(select(Passkey)).one()


def test_there_is_room_for_twenty(office, session, maria) -> None:
    for number in range(20):
        session.add(
            Passkey(
                person_id=maria.id,
                credential_id=bytes([number]),
                public_key=b"",
                name=str(number),
                created_at=factories.NOW,
            )
        )
    assert office.get("/me/security").status == 200
    assert office.post("/me/security/passkeys/options").status == 409


def test_a_person_who_goes_takes_the_passkeys_along(session, maria, key) -> None:
    session.delete(maria)
    session.flush()
    assert session.scalars(select(Passkey)).all() == []


def test_many_challenges_have_to_wait(browser, session, clock) -> None:
    someone = browser()
    for _time in range(5):
        ask(someone, "/sign-in/passkey/options")
    token = someone.get("/sign-in/passkey").soup.find("input", {"name": "csrf_token"})["value"]
    wait = someone.client.post("/sign-in/passkey/options", headers={"X-CSRFToken": token})
    assert wait.status_code == 429
    assert "sekunder" in wait.get_json()["said"]
    clock.forward(seconds=10)
    assert ask(someone, "/sign-in/passkey/options")["challenge"]


def test_next_leads_nowhere_else(browser, key) -> None:
    someone = browser()
    options = ask(someone, "/sign-in/passkey/options")
    page = someone.get("/sign-in/passkey?next=https://evil.example/").submit(credential=key.use(options))
    assert page.path == "/"


def test_at_a_bare_number_the_page_says_where_passkeys_work(browser) -> None:
    page = browser().get("/sign-in/passkey", base_url="http://127.0.0.1:8000")
    assert "http://localhost:8000" in page.text
    assert not page.soup.select("form[data-passkey]")


bits = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=30) | st.binary(max_size=40).map(lambda b: b.hex()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(told=bits, part=st.sampled_from(["id", "rawId", "type", "response", "clientDataJSON", "attestationObject"]))
def test_whatever_a_browser_sends_is_refused_in_words(session, told, part) -> None:
    key = Key()
    options = {"challenge": "AAAA", "user": {"id": "AAAA"}}
    for answer in (json.loads(key.make(options)), json.loads(key.use(options))):
        holder = answer["response"] if part in {"clientDataJSON", "attestationObject"} else answer
        holder[part] = told
        for credential in (json.dumps(answer), json.dumps(told)):
            with pytest.raises(RuleBroken):
                services.use_passkey(
                    session, party=LOCALHOST, challenge=b"123", credential=credential, now=factories.NOW
                )
            with pytest.raises(RuleBroken):
                services.add_passkey(
                    session,
                    factories.actor_of(factories.make_supervisor(session)),
                    party=LOCALHOST,
                    challenge=b"123",
                    credential=credential,
                    name="x",
                    now=factories.NOW + timedelta(0),
                )
