import uuid
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.dialects import sqlite

from supervision.store.base import UtcDateTime
from supervision.store.sealed import CannotOpen, TextSeal

ROW = uuid.UUID(int=7)


@given(st.text())
def test_a_text_comes_back(text: str) -> None:
    seal = TextSeal("key")
    assert seal.open(seal.seal(text, "t", "c", ROW), "t", "c", ROW) == text


@pytest.mark.parametrize("place", [("u", "c", ROW), ("t", "d", ROW), ("t", "c", uuid.UUID(int=8))])
def test_a_moved_text_is_refused(place) -> None:
    seal = TextSeal("key")
    with pytest.raises(CannotOpen):
        seal.open(seal.seal("text", "t", "c", ROW), *place)


def test_another_key_or_a_changed_byte_is_refused() -> None:
    sealed = TextSeal("key").seal("text", "t", "c", ROW)
    with pytest.raises(CannotOpen):
        TextSeal("other").open(sealed, "t", "c", ROW)
    with pytest.raises(CannotOpen):
        TextSeal("key").open(sealed[:-1] + bytes([sealed[-1] ^ 1]), "t", "c", ROW)


def test_a_naive_instant_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        UtcDateTime().process_bind_param(datetime(2026, 1, 1), sqlite.dialect())  # noqa: DTZ001
