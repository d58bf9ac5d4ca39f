"""Rules of signing in through an organisation's provider (OpenID Connect Core 1.0; PRIVACY: signing in)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hmac import compare_digest

from supervision.kernel.errors import RuleBroken

ERRAND_LIFETIME = timedelta(minutes=10)  # our choice: time to find one's work phone for the second step
SUBJECT_MOST = 255  # OpenID Connect Core, 2: ASCII characters of `sub`
DENIED = "access_denied"  # RFC 6749, 4.1.2.1


@dataclass(frozen=True, slots=True)
class Errand:
    """What a browser was sent to the provider with; it comes back with the same `state`."""

    state: str
    nonce: str
    verifier: str
    onward: str
    left_at: datetime


@dataclass(frozen=True, slots=True)
class Told:
    """What the provider says about who signed in, once its signature and all bounds have been checked."""

    issuer: str
    subject: str
    email: str = ""
    is_verified: bool = False
    acr: str = ""
    amr: tuple[str, ...] = ()


def check_return(errand: Errand | None, *, state: str, now: datetime) -> Errand:
    """Accept who comes back to the same browser within ten minutes; raises `provider_state`."""
    if errand is None or not compare_digest(errand.state.encode(), state.encode()):
        raise RuleBroken("provider_state")
    if not timedelta(0) <= now - errand.left_at <= ERRAND_LIFETIME:
        raise RuleBroken("provider_state")
    return errand


def check_speaker(*, issuer: str, said: str | None, always_says: bool) -> None:
    """Accept an answer that names its provider, or need not (RFC 9207); raises `provider_state`."""
    if (said is None and always_says) or (said is not None and said != issuer):
        raise RuleBroken("provider_state")


def check_error(error: str | None) -> None:
    """Accept an answer without an error; raises `provider_denied` when the person said no, else `provider_no`."""
    if error == DENIED:
        raise RuleBroken("provider_denied")
    if error:
        raise RuleBroken("provider_no")


def check_subject(subject: object) -> str:
    """Return who the provider says it is; raises `provider_token` for none or one too long."""
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_MOST:
        raise RuleBroken("provider_token")
    return subject


def check_audience(audience: object, client_id: str) -> None:
    """Accept a token that is meant for us alone; raises `provider_token`."""
    if audience not in (client_id, [client_id]):
        raise RuleBroken("provider_token")


def check_strength(told: Told, *, acr: Collection[str], amr: Collection[str]) -> None:
    """Accept a sign-in that was as strong as the installation wants, if it wants anything; raises `provider_weak`."""
    if (acr and told.acr not in acr) or (amr and not set(amr) & set(told.amr)):
        raise RuleBroken("provider_weak")


def check_first_meeting(told: Told, *, domains: Collection[str]) -> str:
    """Return the address by which a person is found the first time.

    The provider must have verified it, and where the installation names domains it must be in one of them; raises
    `provider_mail`.
    """
    email = told.email.strip().lower()
    domain = email.rpartition("@")[2]
    if not told.is_verified or "@" not in email or (domains and domain not in domains):
        raise RuleBroken("provider_mail")
    return email
