import uuid
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from supervision.store.base import UtcDateTime
from supervision.store.keyring import Keyring
from supervision.store.sealed import CannotOpen, TextSeal, place_of
from supervision.store.wrapping import WrappingKey

ROW = uuid.UUID(int=7)


@pytest.fixture(scope="module")
def seal(tmp_path_factory) -> TextSeal:
    folder = tmp_path_factory.mktemp("keyring")
    return TextSeal(Keyring(f"sqlite:///{folder / 'keyring.sqlite'}", WrappingKey("key"), is_durable=False))


@given(text=st.text())
def test_a_text_comes_back(seal: TextSeal, text: str) -> None:
    sealed = seal.seal(text, "t", "c", ROW)
    assert seal.open(sealed, "t", "c", ROW) == text
    assert TextSeal(seal.keyring).open(sealed, "t", "c", ROW) == text


@pytest.mark.parametrize("place", [("u", "c", ROW), ("t", "d", ROW), ("t", "c", uuid.UUID(int=8))])
def test_a_moved_text_is_refused(seal: TextSeal, place) -> None:
    with pytest.raises(CannotOpen):
        seal.open(seal.seal("text", "t", "c", ROW), *place)


def test_every_changed_byte_is_refused(seal: TextSeal) -> None:
    sealed = seal.seal("text", "t", "c", ROW)
    for at in range(len(sealed)):
        with pytest.raises(CannotOpen):
            seal.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], "t", "c", ROW)
    for length in range(len(sealed)):
        with pytest.raises(CannotOpen):
            seal.open(sealed[:length], "t", "c", ROW)


def test_two_texts_have_two_keys_and_one_opens_nothing_of_the_other(seal: TextSeal) -> None:
    first, second = (seal.seal("text", "t", "c", ROW) for _ in range(2))
    assert first[:24] != second[:24]
    with pytest.raises(CannotOpen):
        seal.open(first[:24] + second[24:], "t", "c", ROW)


def test_another_text_key_opens_nothing(seal: TextSeal) -> None:
    sealed = seal.seal("text", "t", "c", ROW)
    with pytest.raises(CannotOpen):
        TextSeal(Keyring(seal.keyring.url, WrappingKey("another"))).open(sealed, "t", "c", ROW)


def test_a_text_of_the_first_release_still_opens_and_only_where_it_stands(seal: TextSeal) -> None:
    old = seal.keyring.key.seal_direct(b"text", place_of("t", "c", ROW))
    assert seal.open(old, "t", "c", ROW) == "text"
    with pytest.raises(CannotOpen):
        seal.open(old, "t", "c", uuid.UUID(int=8))


def test_a_key_in_another_key_s_row_of_the_keyring_is_refused(seal: TextSeal) -> None:
    (one, wrapped), (other, _) = ((key_id, seal.keyring.key.wrap(key, key_id)) for key_id, key in _made(seal))
    assert seal.keyring.key.unwrap(wrapped, one) is not None
    assert seal.keyring.key.unwrap(wrapped, other) is None


def _made(seal: TextSeal) -> list[tuple[bytes, bytes]]:
    return [seal.keyring.make() for _ in range(2)]


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001
