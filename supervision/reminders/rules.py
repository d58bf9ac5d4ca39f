"""When a member is reminded of a meeting, and what the link in the reminder opens."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from supervision.kernel.walltime import to_instant, to_wall
from supervision.outbox.rules import quiet_until

REMIND_DAYS = 3  # our choice: late enough to be remembered, early enough to arrange a shift
TOLD_IS_ENOUGH = timedelta(days=1)  # our choice: who has just had a mail about a new date is not reminded at once
ASK_DAYS = 14  # as long before as the supervisor's start page asks
TAG_BYTES = 16  # 128 bits: nobody guesses a link
ID_BYTES = 16
TIME_BYTES = 8
PURPOSE = b"the link of a reminder, for one date of one person"


@dataclass(frozen=True, slots=True)
class OneDate:
    """What a reminder's link opens: one start of one meeting, for one seat. It holds no name and no address."""

    meeting_id: UUID
    membership_id: UUID
    starts_at: datetime


def remind_at(
    starts_at: datetime, zone: str, *, previous_ends_at: datetime | None = None, changed_at: datetime | None = None
) -> datetime | None:
    """Return when the members of a meeting are reminded, or None when that would be after it has begun.

    Three local days before at the meeting's own hour, but never before the previous meeting has ended, a day after a
    mail about the date itself, and not between 20 and 7 where the group meets.
    """
    wall = to_wall(starts_at, zone)
    at = to_instant(wall.date() - timedelta(days=REMIND_DAYS), wall.time(), zone)
    if previous_ends_at is not None:
        at = max(at, previous_ends_at)
    if changed_at is not None:
        at = max(at, changed_at + TOLD_IS_ENOUGH)
    at = quiet_until(at, zone) or at
    return at if at < starts_at else None


def is_time(at: datetime | None, starts_at: datetime, now: datetime, zone: str) -> bool:
    """Return whether a reminder meant for an instant goes out now: later too, by day, until the meeting begins."""
    return at is not None and at <= now < starts_at and quiet_until(now, zone) is None


def asks_by_mail(starts_at: datetime, now: datetime, zone: str) -> bool:
    """Return whether the supervisor is asked now about a meeting with few: from 14 days before, by day."""
    return now < starts_at <= now + timedelta(days=ASK_DAYS) and quiet_until(now, zone) is None


def sign(secret: str, date: OneDate) -> str:
    """Return the token of a link: what it opens, and a tag nobody can make without the secret; 75 characters."""
    seconds = int(date.starts_at.timestamp())
    body = date.meeting_id.bytes + date.membership_id.bytes + seconds.to_bytes(TIME_BYTES, "big")
    return _written(body + _tag(secret, body))


def read(secret: str, token: str) -> OneDate | None:
    """Return what a token opens, or None for one that was not made here or has been changed."""
    try:
        raw = urlsafe_b64decode(token.encode() + b"=" * (-len(token) % 4))
    except (NotBase64, ValueError):
        return None
    body, tag = raw[:-TAG_BYTES], raw[-TAG_BYTES:]
    is_ours = len(body) == 2 * ID_BYTES + TIME_BYTES and hmac.compare_digest(tag, _tag(secret, body))
    if not is_ours or _written(raw) != token:
        return None
    seconds = int.from_bytes(body[2 * ID_BYTES :], "big")
    return OneDate(
        UUID(bytes=body[:ID_BYTES]),
        UUID(bytes=body[ID_BYTES : 2 * ID_BYTES]),
        datetime.fromtimestamp(seconds, UTC),
    )


def _written(raw: bytes) -> str:
    """Return the one way a token is written; others that decode to the same bytes are refused."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _tag(secret: str, body: bytes) -> bytes:
    return hmac.digest(secret.encode(), PURPOSE + body, hashlib.sha256)[:TAG_BYTES]
