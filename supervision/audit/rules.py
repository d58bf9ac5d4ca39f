"""The chain of the audit log: each event's hash rests on the one before, so that nothing changes unseen.

`names_digest` hides who and what behind a random salt. Forgetting a person empties the names and the salt and leaves
the digest, so the chain can still be checked and the digest tells nothing.
"""

import hashlib
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

SALT_BYTES = 16
START = bytes(32)
"""What the first event of all rests on."""
CHAINED_WITHIN = timedelta(hours=1)
"""Our choice: the jobs process chains each minute; an event that waits longer tells that it does not run."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Head:
    """A place in the chain: its number, from 1, and its hash. Number 0 is the start of all."""

    number: int = 0
    chain_hash: bytes = START

    def __str__(self) -> str:
        """Write it down as NUMBER:HASH, the hash in hexadecimal."""
        return f"{self.number}:{self.chain_hash.hex()}"

    @classmethod
    def read(cls, written: str) -> "Head":
        """Read NUMBER:HASH; raises ValueError."""
        number, _colon, told = written.strip().partition(":")
        found = cls(int(number), bytes.fromhex(told))
        if found.number < 1 or len(found.chain_hash) != len(START):
            raise ValueError(written)
        return found


@dataclass(frozen=True, slots=True)
class Link:
    """One event as it is kept."""

    number: int
    at: datetime
    action: str
    object_kind: str
    actor_id: uuid.UUID | None
    object_id: uuid.UUID | None
    salt: bytes | None
    names_digest: bytes | None
    chain_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with the chain, and at which number.

    `missing`: the number is not there. `changed`: time, action, kind or digest are not what was chained, or the event
    was moved or put in. `names_changed`: who or what is not what was chained. `not_as_witnessed`: its hash is not the
    one written down elsewhere.
    """

    code: str
    number: int


def digest_names(salt: bytes, actor_id: uuid.UUID | None, object_id: uuid.UUID | None) -> bytes:
    """Return the digest of who and what (32 bytes)."""
    names = b"".join(one.bytes if one else bytes(16) for one in (actor_id, object_id))
    return hashlib.blake2b(salt + names, digest_size=32, person=b"rundan-names").digest()


def hash_link(before: bytes, number: int, at: datetime, action: str, object_kind: str, names_digest: bytes) -> bytes:
    """Return an event's hash (32 bytes), which rests on the hash before it; `at` counts in microseconds."""
    micros = (at - _EPOCH) // timedelta(microseconds=1)
    words = f"{number}|{micros}|{action}|{object_kind}|".encode()
    return hashlib.blake2b(before + words + names_digest, digest_size=32, person=b"rundan-audit").digest()


def examine(start: Head, links: Iterable[Link], witnesses: Iterable[Head] = ()) -> Iterator[Fault]:
    """Return every fault of the events after `start`, in order of their numbers; `links` come by number.

    A witness is a place noted earlier elsewhere; without one nobody can tell that the newest events have been removed.
    """
    noted = {one.number: one.chain_hash for one in witnesses}
    before = start
    for link in links:
        for number in range(before.number + 1, link.number):
            yield Fault("missing", number)
        yield from _faults(before, link)
        if noted.pop(link.number, link.chain_hash) != link.chain_hash:
            yield Fault("not_as_witnessed", link.number)
        before = Head(link.number, link.chain_hash or START)
    if noted.pop(start.number, start.chain_hash) != start.chain_hash:
        yield Fault("not_as_witnessed", start.number)
    for number in sorted(noted):
        if number > before.number:
            yield Fault("missing", number)


def _faults(before: Head, link: Link) -> Iterator[Fault]:
    if link.names_digest is None or link.chain_hash != hash_link(
        before.chain_hash, link.number, link.at, link.action, link.object_kind, link.names_digest
    ):
        yield Fault("changed", link.number)
    if link.salt is None:  # forgotten: a person's name may be gone, never new
        is_whole = link.actor_id is not None and link.object_id is not None
        if is_whole or (link.actor_id is not None and link.object_kind != "person"):
            yield Fault("names_changed", link.number)
    elif link.names_digest != digest_names(link.salt, link.actor_id, link.object_id):
        yield Fault("names_changed", link.number)
