"""Rotation survives SIGKILL at each percent: everything opens afterwards, and it ends with all keys under the new one.

`RUNDAN_KEYS_FULL=1` kills at each of the 100; the usual run at 12 of them.
"""

import os
import signal
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from supervision.store.keyring import Keyring
from supervision.store.sealed import CannotOpen, TextSeal
from supervision.store.wrapping import WrappingKey
from tests.keys.rotating import KEY, OLD_KEY, Rotations

KEYS = 500
KILLS = range(1, 101) if os.environ.get("RUNDAN_KEYS_FULL") else (1, 2, 11, 20, 33, 44, 50, 66, 77, 88, 99, 100)
TO_THE_END = 1000

Open = Callable[..., Keyring]


@pytest.fixture(params=["sqlite", "postgres"])
def url(request, tmp_path: Path) -> Iterator[str]:
    """A keyring on each of the two databases."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'keyring.sqlite'}"
        return
    server = request.getfixturevalue("postgres")
    if server is None:
        pytest.skip("no PostgreSQL found")
    name = f"keyring_{os.getpid()}"
    yield server.create_database(name)
    server.drop_database(name)


@pytest.fixture
def unlock(url: str) -> Iterator[Open]:
    """Open the keyring with these keys: `unlock(now, before)`."""
    opened: list[Keyring] = []

    def with_keys(secret: str, before: str | None = None) -> Keyring:
        previous = WrappingKey(before) if before else None
        opened.append(Keyring(url, WrappingKey(secret), previous, is_durable=False))
        return opened[-1]

    yield with_keys
    for one in opened:
        one.close()


def test_killed_at_each_percent_everything_opens_and_it_ends_under_the_new_key(url: str, unlock: Open) -> None:
    before, both, alone = unlock(OLD_KEY), unlock(KEY, OLD_KEY), unlock(KEY)
    seal = TextSeal(before)
    texts = {row: seal.seal(f"text {row}", "t", "c", row) for row in (uuid.UUID(int=n) for n in range(KEYS))}
    rotated = 0
    with Rotations(url) as rotate:
        for percent in KILLS:
            moment = "within" if percent % 2 == 0 else "between"
            assert rotate(percent, moment) == -signal.SIGKILL
            counts = both.counts()
            assert (counts.total, counts.unknown) == (KEYS, 0)
            assert counts.current >= rotated
            if moment == "between":
                assert counts.current >= KEYS * percent // 100
            rotated = counts.current
            check_all_open(both, texts)
        assert rotated < KEYS
        assert rotate(TO_THE_END, "between") == 0
    assert both.counts().current == KEYS
    check_all_open(alone, texts)


def check_all_open(keyring: Keyring, texts: dict[uuid.UUID, bytes]) -> None:
    seal = TextSeal(keyring)
    seal.ready(texts.values())
    assert all(seal.open(sealed, "t", "c", row) == f"text {row}" for row, sealed in texts.items())


def test_the_old_key_opens_nothing_after_rotation(unlock: Open) -> None:
    sealed = TextSeal(unlock(OLD_KEY)).seal("text", "t", "c", uuid.UUID(int=1))
    unlock(KEY, OLD_KEY).rewrap()
    assert TextSeal(unlock(KEY)).open(sealed, "t", "c", uuid.UUID(int=1)) == "text"
    with pytest.raises(CannotOpen):
        TextSeal(unlock(OLD_KEY)).open(sealed, "t", "c", uuid.UUID(int=1))


def test_a_key_nobody_can_unwrap_stops_nothing_and_is_counted(unlock: Open) -> None:
    for secret in (OLD_KEY, "a third one nobody remembers", OLD_KEY):
        unlock(secret).make()
    keyring = unlock(KEY, OLD_KEY)
    assert keyring.rewrap(batch=1) == 1
    counts = keyring.counts()
    assert (counts.current, counts.previous, counts.unknown) == (2, 0, 1)
