"""Rules of known devices: tries from a browser that has signed in as somebody before are counted on their own.

So whoever guesses from elsewhere makes nobody wait but themselves (OWASP: slow down online guessing attacks with device
cookies). What the browser keeps tells nothing: an instant, a random number, and a signature over both, the person and
the count of times their devices were forgotten. It names nobody, and signs nobody in.
"""

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

LIFETIME = timedelta(days=365)  # our choice: longer than anybody's leave
MOST_PEOPLE = 4  # our choice: so many take turns at the computer of a workplace
NOBODY = UUID(int=0)
_BETWEEN, _INSIDE = "~", "."


@dataclass(frozen=True, slots=True)
class Whose:
    """A person as a device knows them: `forgotten` counts how often their devices were forgotten."""

    person_id: UUID
    forgotten: int


def known_number(kept: str, key: str, whose: Whose | None, now: datetime) -> str | None:
    """Return the random number of this device where it has signed in as the person; None where it has not.

    `kept` is what the browser sent. An unknown person costs as much work as a known one.
    """
    found = None
    for one in _parts(kept):
        if _is_of(one, key, whose or Whose(NOBODY, 0), now):
            found = one.split(_INSIDE)[1]
    return found if whose else None


def remember(kept: str, key: str, whose: Whose, now: datetime, *, number: str | None = None) -> str:
    """Return what the browser keeps from now on; `number` is the device's own where it was known already."""
    others = [one for one in _parts(kept) if not number or one.split(_INSIDE)[1] != number]
    head = f"{int(now.timestamp())}{_INSIDE}{number or secrets.token_urlsafe(16)}"
    return _BETWEEN.join([f"{head}{_INSIDE}{_mark(head, key, whose)}", *others][:MOST_PEOPLE])


def _parts(kept: str) -> list[str]:
    return [one for one in kept.split(_BETWEEN)[:MOST_PEOPLE] if one.count(_INSIDE) == 2]


def _is_of(one: str, key: str, whose: Whose, now: datetime) -> bool:
    head, _inside, mark = one.rpartition(_INSIDE)
    if not hmac.compare_digest(mark.encode(errors="replace"), _mark(head, key, whose).encode()):
        return False
    return now.timestamp() - int(head.split(_INSIDE)[0]) <= LIFETIME.total_seconds()


def _mark(head: str, key: str, whose: Whose) -> str:
    said = f"device|{head}|{whose.person_id}|{whose.forgotten}"
    return hmac.digest(key.encode(), said.encode(errors="replace"), "sha256").hex()
