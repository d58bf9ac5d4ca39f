"""What a lying or broken provider can say, against the checks of the token (one in memory, with its own keys)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

import config
from supervision.kernel.errors import RuleBroken
from supervision.single_sign_on import provider as module
from supervision.single_sign_on import rules
from supervision.single_sign_on.provider import Provider
from supervision.single_sign_on.rules import Errand, Told

ISSUER = "https://id.norrhamn.example"
BACK = "https://rundan.example.org/sign-in/organisation/back"
NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
ERRAND = Errand("state", "nonce", "v" * 43, "/", NOW)
SETTINGS = config.Oidc(issuer=ISSUER, client_id="rundan", client_secret="s" * 32, name="Norrhamn")
KEY = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
DOCUMENT = {
    "issuer": ISSUER,
    "authorization_endpoint": f"{ISSUER}/auth",
    "token_endpoint": f"{ISSUER}/token",
    "jwks_uri": f"{ISSUER}/keys",
    "userinfo_endpoint": f"{ISSUER}/me",
}


class Net:
    """The net of a test: what stands at each address."""

    def __init__(self) -> None:
        self.places: dict[str, Any] = {
            f"{ISSUER}/.well-known/openid-configuration": dict(DOCUMENT),
            f"{ISSUER}/keys": {"keys": [KEY.as_dict(private=False)]},
            f"{ISSUER}/me": {"sub": "karin", "email": "karin@example.se", "email_verified": True},
        }
        self.token: Any = {}
        self.asked: list[str] = []

    def get(self, address: str, **_more: object) -> requests.Response:
        self.asked.append(address)
        return self.answer(self.places[address])

    @staticmethod
    def answer(told: Any) -> requests.Response:
        if isinstance(told, Exception):
            raise told
        answer = requests.Response()
        answer.status_code = 200
        answer._content = told if isinstance(told, bytes) else requests.compat.json.dumps(told).encode()
        answer.headers["Content-Type"] = "application/json"
        return answer


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    made = Net()
    monkeypatch.setattr(module.requests, "get", made.get)
    monkeypatch.setattr(module.OAuth2Session, "request", lambda _self, *_a, **_more: made.answer(made.token))
    return made


def claims(**changes: Any) -> dict[str, Any]:
    seconds = int(NOW.timestamp())
    usual = {"iss": ISSUER, "sub": "karin", "aud": "rundan", "exp": seconds + 300, "iat": seconds, "nonce": "nonce"}
    return {name: value for name, value in (usual | changes).items() if value is not None}


def signed(told: dict[str, Any], key: Any = KEY, alg: str = "RS256") -> dict[str, str]:
    return {"access_token": "a", "token_type": "Bearer", "id_token": jwt.encode({"alg": alg, "kid": "one"}, told, key)}


def ask(now: datetime = NOW) -> Told:
    return Provider(SETTINGS).told("code", ERRAND, back=BACK, now=now)


def test_what_is_right_is_taken(net: Net) -> None:
    net.token = signed(claims())
    told = ask()
    assert told == Told(ISSUER, "karin", "karin@example.se", is_verified=True)


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "other"},
        {"aud": ["rundan", "other"], "azp": "rundan"},
        {"aud": []},
        {"aud": None},
        {"azp": "other"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": int(NOW.timestamp()) - 61},
        {"exp": None},
        {"exp": "never"},
        {"iat": int(NOW.timestamp()) + 3600},
        {"nbf": int(NOW.timestamp()) + 3600},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
    ],
)
def test_a_token_that_says_something_else_is_refused(net: Net, changes: dict[str, Any]) -> None:
    net.token = signed(claims(**changes))
    with pytest.raises(RuleBroken, match="provider_token"):
        ask()


def test_a_token_signed_by_another_or_by_nobody_is_refused(net: Net) -> None:
    shared = OctKey.import_key(SETTINGS.client_secret)
    head, body, _end = signed(claims())["id_token"].split(".")
    unsigned = "eyJhbGciOiJub25lIn0." + body + "."
    for token in (
        signed(claims(), OTHER),
        signed(claims(), shared, "HS256"),
        {"id_token": unsigned},
        {"id_token": f"{head}.{body}."},
        {"id_token": "no token"},
        {},
        {"error": "invalid_grant"},
    ):
        net.token = {"access_token": "a", **token} if "error" not in token else token
        with pytest.raises(RuleBroken, match="provider_token"):
            ask()


def test_what_the_provider_tells_of_somebody_else_is_refused(net: Net) -> None:
    net.token = signed(claims())
    net.places[f"{ISSUER}/me"] = {"sub": "jens", "email": "karin@example.se", "email_verified": True}
    with pytest.raises(RuleBroken, match="provider_token"):
        ask()


@pytest.mark.parametrize("said", [True, "true", 1, None])
def test_an_address_is_verified_only_by_true_itself(net: Net, said: Any) -> None:
    net.token = signed(claims(email="karin@example.se", email_verified=said))
    assert ask().is_verified == (said is True)


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("/.well-known/openid-configuration", DOCUMENT | {"issuer": "https://evil.example"}),
        ("/.well-known/openid-configuration", DOCUMENT | {"token_endpoint": "http://id.norrhamn.example/token"}),
        ("/.well-known/openid-configuration", {"issuer": ISSUER}),
        ("/.well-known/openid-configuration", ["no", "object"]),
        ("/.well-known/openid-configuration", b"<html>"),
        ("/.well-known/openid-configuration", requests.Timeout("too slow")),
        ("/keys", requests.ConnectionError("gone")),
        ("/keys", {"keys": "none"}),
        ("/keys", {}),
        ("/keys", {"keys": [{"kty": "RSA", "use": "sig"}]}),
        ("/me", requests.Timeout("too slow")),
        ("/me", b"\xff"),
    ],
)
def test_a_provider_that_is_not_itself_counts_as_away(net: Net, place: str, told: Any) -> None:
    net.places[ISSUER + place] = told
    net.token = signed(claims())
    with pytest.raises(RuleBroken, match="provider_away"):
        ask()


def test_a_token_place_that_does_not_answer_counts_as_away(net: Net) -> None:
    net.token = requests.Timeout("too slow")
    with pytest.raises(RuleBroken, match="provider_away"):
        ask()


def test_what_it_says_about_itself_is_asked_once_an_hour_and_keys_when_they_change(net: Net) -> None:
    net.token = signed(claims(email="karin@example.se"))
    asker = Provider(SETTINGS)
    for _time in range(3):
        asker.told("code", ERRAND, back=BACK, now=NOW)
    assert len(net.asked) == 2
    fresh = RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})
    net.places[f"{ISSUER}/keys"] = {"keys": [fresh.as_dict(private=False)]}
    token = jwt.encode({"alg": "RS256", "kid": "two"}, claims(email="k@example.se"), fresh)
    net.token = {"access_token": "a", "token_type": "Bearer", "id_token": token}
    with pytest.raises(RuleBroken, match="provider_token"):
        asker.told("code", ERRAND, back=BACK, now=NOW + timedelta(seconds=59))
    assert asker.told("code", ERRAND, back=BACK, now=NOW + timedelta(seconds=61)).subject == "karin"
    assert len(net.asked) == 4
    asker.way_out(ERRAND, back=BACK, now=NOW + timedelta(hours=1, seconds=61))
    assert len(net.asked) == 6


def test_the_way_out_asks_for_a_code_and_hides_the_secret_of_the_browser(net: Net) -> None:
    address = Provider(SETTINGS).way_out(ERRAND, back=BACK, now=NOW)
    assert address.startswith(f"{ISSUER}/auth?")
    for part in (
        "response_type=code",
        "code_challenge_method=S256",
        "nonce=nonce",
        "state=state",
        "scope=openid+email",
    ):
        assert part in address
    assert ERRAND.verifier not in address
    assert SETTINGS.client_secret not in address


@given(
    st.text() | st.sampled_from(["k@a.se", " K@B.SE ", "a.se", "k@b.se@a.se"]),
    st.booleans(),
    st.lists(st.sampled_from(["a.se", "b.se"]), max_size=2),
)
def test_a_first_meeting_wants_a_verified_address_in_a_domain_of_ours(
    email: str, verified: bool, domains: list[str]
) -> None:
    told = Told(ISSUER, "karin", email, is_verified=verified)
    tidy = email.strip().lower()
    if verified and "@" in tidy and (not domains or tidy.rpartition("@")[2] in domains):
        assert rules.check_first_meeting(told, domains=domains) == tidy
        return
    with pytest.raises(RuleBroken, match="provider_mail"):
        rules.check_first_meeting(told, domains=domains)


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"OIDC_ISSUER": ISSUER}, "OIDC_CLIENT_ID and OIDC_CLIENT_SECRET"),
        ({"OIDC_ISSUER": "http://id.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}, "https"),
        ({"OIDC_ISSUER": "norrhamn", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y"}, "https"),
    ],
)
def test_half_a_setting_stops_the_app(env: dict[str, str], words: str) -> None:
    with pytest.raises(config.SettingsMissing, match=words):
        config.read_oidc(env, production=True)


def test_a_whole_setting_is_read() -> None:
    env = {"OIDC_ISSUER": ISSUER, "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "y", "OIDC_DOMAINS": "@A.se, b.se"}
    found = config.read_oidc(env | {"OIDC_AMR": "mfa"}, production=True)
    assert found == config.Oidc(ISSUER, "x", "y", "id.norrhamn.example", (), ("mfa",), ("a.se", "b.se"))
    assert config.read_oidc({}, production=True) is None
