"""What is asked of the provider over the net: discovery, the token, the address. Knows neither pages nor tables.

Each request has a timeout and follows no redirect. Authlib builds the requests and checks the claims.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from urllib.parse import urlsplit

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from supervision.kernel.errors import RuleBroken
from supervision.single_sign_on import rules
from supervision.single_sign_on.rules import Errand, Told

TIMEOUT_S = (3.05, 6)  # our choice: to connect, and between two reads
KEPT = timedelta(hours=1)  # our choice: how long what the provider says about itself is believed
KEYS_AGAIN = timedelta(minutes=1)  # our choice: how often an unknown key may make us ask for the keys again
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Only signatures that the provider alone can make: neither none nor a shared secret."""
LEEWAY_S = 60  # our choice: how far two clocks may be apart
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


class Settings(Protocol):
    """What the installation says about its provider; `config.Oidc` is one."""

    @property
    def issuer(self) -> str:
        """The provider's address, which its tokens name."""

    @property
    def client_id(self) -> str:
        """What the provider calls us."""

    @property
    def client_secret(self) -> str:
        """What we prove it with."""

    @property
    def acr(self) -> tuple[str, ...]:
        """The strengths of a sign-in that are enough."""


@dataclass(frozen=True, slots=True)
class Known:
    """What the provider says about itself, and since when we know."""

    document: dict[str, Any]
    keys: KeySet
    at: datetime


class Provider:
    """The provider of one installation; keeps what it says about itself for an hour."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._known: Known | None = None

    def way_out(self, errand: Errand, *, back: str, now: datetime) -> str:
        """Return the address that the browser is sent to (authorization code with PKCE); raises `provider_away`."""
        document = self._discover(now).document
        more = {"acr_values": " ".join(self.settings.acr)} if self.settings.acr else {}
        address, _state = self._client(back, document).create_authorization_url(
            document["authorization_endpoint"],
            state=errand.state,
            nonce=errand.nonce,
            code_verifier=errand.verifier,
            **more,
        )
        return str(address)

    def names_itself(self, now: datetime) -> bool:
        """Whether the provider says in each answer who it is (RFC 9207); raises `provider_away`."""
        return self._discover(now).document.get("authorization_response_iss_parameter_supported") is True

    def told(self, code: str, errand: Errand, *, back: str, now: datetime) -> Told:
        """Trade the code for a token, check it, and return what it says.

        Raises `provider_away` when the provider does not answer, `provider_token` when the code or the token is not
        right: another signature, issuer, audience or nonce, or too old.
        """
        known = self._discover(now)
        token = self._trade(code, errand, back, known.document)
        claims = self._claims(token, errand.nonce, now)
        subject = rules.check_subject(claims.get("sub"))
        about = claims if "email" in claims else self._about(token, subject, known.document)
        amr = claims.get("amr") or []
        return Told(
            issuer=self.settings.issuer,
            subject=subject,
            email=str(about.get("email") or ""),
            is_verified=about.get("email_verified") is True,
            acr=str(claims.get("acr") or ""),
            amr=tuple(str(one) for one in amr) if isinstance(amr, list) else (),
        )

    def _client(self, back: str, document: dict[str, Any]) -> Any:  # noqa: ANN401 - authlib has no types
        ways = document.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return OAuth2Session(
            self.settings.client_id,
            self.settings.client_secret,
            scope="openid email",
            redirect_uri=back,
            code_challenge_method="S256",
            token_endpoint_auth_method="client_secret_basic" if "client_secret_basic" in ways else "client_secret_post",
        )

    def _discover(self, now: datetime, *, anew: bool = False) -> Known:
        known = self._known
        if anew or known is None or not timedelta(0) <= now - known.at < KEPT:
            document = _get(self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
            if document.get("issuer") != self.settings.issuer or not all(self._is_ours(document, e) for e in ENDPOINTS):
                raise RuleBroken("provider_away")
            known = self._known = Known(document, self._fetch_keys(document), now)
        return known

    def _is_ours(self, document: dict[str, Any], endpoint: str) -> bool:
        """Whether an endpoint is as safe to ask as the issuer itself: https, unless the issuer is not either."""
        parts = urlsplit(str(document.get(endpoint, "")))
        return bool(parts.hostname) and parts.scheme in {"https", urlsplit(self.settings.issuer).scheme}

    @staticmethod
    def _fetch_keys(document: dict[str, Any]) -> KeySet:
        """Return the keys that the provider signs with; those for anything else are left out."""
        try:
            keys = [key for key in _get(document["jwks_uri"])["keys"] if key.get("use", "sig") == "sig"]
            return KeySet.import_key_set({"keys": [key for key in keys if key["kty"] in {"RSA", "EC", "OKP"}]})
        except RuleBroken:
            raise
        except Exception as fault:  # no keys, or none that can be read
            raise RuleBroken("provider_away") from fault

    def _trade(self, code: str, errand: Errand, back: str, document: dict[str, Any]) -> dict[str, Any]:
        try:
            token = self._client(back, document).fetch_token(
                document["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=errand.verifier,
                timeout=TIMEOUT_S,
                allow_redirects=False,
            )
        except requests.RequestException as fault:
            raise RuleBroken("provider_away") from fault
        except Exception as fault:  # authlib raises its own and its parsers' errors; all of it means "no token"
            raise RuleBroken("provider_token") from fault
        return dict(token)

    def _claims(self, token: dict[str, Any], nonce: str, now: datetime) -> dict[str, Any]:
        try:
            found = self._open(str(token["id_token"]), now)
            claims = CodeIDToken(
                found.claims,
                found.header,
                {
                    "iss": {"essential": True, "value": self.settings.issuer},
                    "aud": {"essential": True, "value": self.settings.client_id},
                    "nonce": {"essential": True, "value": nonce},
                },
                {"nonce": nonce, "client_id": self.settings.client_id, "access_token": token.get("access_token")},
            )
            claims.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
            rules.check_audience(claims.get("aud"), self.settings.client_id)
        except RuleBroken:
            raise
        except Exception as fault:  # whatever is wrong with a token, it is not taken
            raise RuleBroken("provider_token") from fault
        return dict(claims)

    def _open(self, token: str, now: datetime) -> jwt.Token:
        registry = JWSRegistry(algorithms=list(SIGNATURES), strict_check_header=False)
        known = self._discover(now)
        try:
            return jwt.decode(token, known.keys, registry=registry)
        except InvalidKeyIdError:  # the provider may have changed its keys
            if now - known.at < KEYS_AGAIN:
                raise
            return jwt.decode(token, self._discover(now, anew=True).keys, registry=registry)

    def _about(self, token: dict[str, Any], subject: str, document: dict[str, Any]) -> dict[str, Any]:
        """Return what the provider tells about the subject, where it has a place for that."""
        if not self._is_ours(document, "userinfo_endpoint") or not token.get("access_token"):
            return {}
        about = _get(document["userinfo_endpoint"], {"Authorization": f"Bearer {token['access_token']}"})
        if about.get("sub") != subject:  # OpenID Connect Core, 5.3.2
            raise RuleBroken("provider_token")
        return about


def _get(address: str, more: dict[str, str] | None = None) -> dict[str, Any]:
    """Return a JSON object of the provider; raises `provider_away`."""
    try:
        answer = requests.get(
            address, headers={"Accept": "application/json", **(more or {})}, timeout=TIMEOUT_S, allow_redirects=False
        )
        found = answer.json() if answer.status_code == requests.codes.ok else None
    except (requests.RequestException, ValueError) as fault:
        raise RuleBroken("provider_away") from fault
    if not isinstance(found, dict):
        raise RuleBroken("provider_away")
    return found
