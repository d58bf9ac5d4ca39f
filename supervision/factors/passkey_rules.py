"""Rules of passkeys (PRIVACY: signing in; WebAuthn level 2)."""

import ipaddress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from supervision.kernel.errors import RuleBroken

CHALLENGE_LIFETIME = timedelta(minutes=5)  # our choice: time to look for a key and touch it
MOST_PASSKEYS = 20  # our choice: nobody has more devices, and the browser is told each of them
NAME_MOST = 80
CREDENTIAL_MOST = 20_000  # characters of JSON; an answer with a long chain of attestation has some 5,000


@dataclass(frozen=True, slots=True)
class Party:
    """Whom a passkey belongs to besides its owner: a host name (`rp_id`) and the address of the page (`origin`)."""

    rp_id: str
    origin: str

    @property
    def can_have_passkeys(self) -> bool:
        """Whether browsers make passkeys here: a host name over https, or `localhost`; never a bare number."""
        try:
            ipaddress.ip_address(self.rp_id)
        except ValueError:
            return self.origin.startswith("https://") or self.rp_id == "localhost" or self.rp_id.endswith(".localhost")
        return False


def party_of(address: str) -> Party:
    """Return the party of an installation's address, such as https://rundan.example.org/."""
    parts = urlsplit(address)
    port = (
        "" if parts.port is None or (parts.scheme, parts.port) in {("https", 443), ("http", 80)} else f":{parts.port}"
    )
    host = parts.hostname or ""
    shown = f"[{host}]" if ":" in host else host
    return Party(rp_id=host, origin=f"{parts.scheme}://{shown}{port}")


def check_room(passkeys: int) -> None:
    """Accept one more passkey; raises `passkeys_many` from twenty on."""
    if passkeys >= MOST_PASSKEYS:
        raise RuleBroken("passkeys_many", most=MOST_PASSKEYS)


def check_removal(*, passkeys: int, has_authenticator: bool, has_password: bool) -> None:
    """Accept that a passkey goes when a way in and a second factor are left; raises `last_key`, `last_factor`.

    An authenticator app alone opens nothing: it is asked for after a password.
    """
    if passkeys > 1:
        return
    if not has_password:
        raise RuleBroken("last_key")
    if not has_authenticator:
        raise RuleBroken("last_factor")


def check_challenge(expires_at: datetime | None, now: datetime) -> None:
    """Accept a challenge that is there and younger than five minutes; raises `passkey_expired`."""
    if expires_at is None or now >= expires_at:
        raise RuleBroken("passkey_expired")


def check_count(*, known: int, told: int) -> None:
    """Accept a count of uses that has grown, or none at all; raises `passkey_copied`.

    A count that stands still or falls means that the key lives in two places (WebAuthn: signature counter). Passkeys
    that travel between devices always tell 0.
    """
    if (known or told) and told <= known:
        raise RuleBroken("passkey_copied")


def check_owner(*, owner: object, expected: object) -> None:
    """Accept a passkey of the person who is signed in; raises `passkey_of_another`."""
    if owner != expected:
        raise RuleBroken("passkey_of_another")


def tidy_name(name: str) -> str:
    """Return a passkey's name as it is kept: blanks folded, at most 80 characters."""
    return " ".join(name.split())[:NAME_MOST]
