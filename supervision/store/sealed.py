"""Texts at rest: each sealed with a data key of its own and bound to table, column and row (PRIVACY: data at rest).

A sealed text is a mark of 8 bytes, the id of its data key (16), a nonce (24) and the ciphertext. Every sealing takes a
new data key, so that a changed text cannot be read in an old backup either. The key goes by itself when the text goes
(`store/forgetting.py`). Texts of the first releases lack the mark: they were sealed with `TEXT_KEY` itself, still open,
and are sealed anew by `flask keys adopt`.
"""

import logging
import uuid
from collections.abc import Callable, Iterable

from supervision.store.keyring import ID_BYTES, Keyring
from supervision.store.wrapping import lock, unlock

_log = logging.getLogger(__name__)
MARK = b"rundan\x01\n"
HEAD_BYTES = len(MARK) + ID_BYTES


class CannotOpen(Exception):
    """The text was moved or changed, or its key is destroyed or another. `place` is table, column and row."""

    def __init__(self, why: str, place: str = "") -> None:
        """Say why, and which text it is; never what it was about."""
        super().__init__(why)
        self.place = place


def is_marked(sealed: bytes) -> bool:
    """Whether a text has a data key of its own."""
    return sealed.startswith(MARK) and len(sealed) > HEAD_BYTES


def key_id_of(sealed: bytes) -> bytes | None:
    """Return the id of the data key of a sealed text, or of its first 24 bytes; None for one of the first release."""
    return bytes(sealed[len(MARK) : HEAD_BYTES]) if sealed.startswith(MARK) and len(sealed) >= HEAD_BYTES else None


def place_of(table: str, column: str, row: uuid.UUID) -> bytes:
    """Return where a text stands, as it is authenticated."""
    return f"{table}|{column}|{row}".encode()


class TextSeal:
    """Seals and opens texts for one request or job; remembers the data keys it has fetched, as long as it lives."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self.said_instead: Callable[[], str] | None = None
        """What a page says in place of a text that does not open (`read`); None where it must open."""
        self._data_keys: dict[bytes, bytes] = {}

    def seal(self, text: str, table: str, column: str, row: uuid.UUID) -> bytes:
        """Return `text` sealed for this one place with a new data key, which is kept before this returns."""
        key_id, data_key = self.keyring.make()
        self._data_keys[key_id] = data_key
        head = MARK + key_id
        return head + lock(text.encode(), head + place_of(table, column, row), data_key)

    def open(self, sealed: bytes, table: str, column: str, row: uuid.UUID) -> str:
        """Return the text; raises `CannotOpen` when it does not belong in this place or its key is gone."""
        place, head = place_of(table, column, row), sealed[:HEAD_BYTES]
        key_id = key_id_of(sealed)
        if key_id is None:
            opened = (key.open_direct(sealed, place) for key in self.keyring.known())
            text = next((one for one in opened if one is not None), None)
        else:
            self.ready([sealed])
            data_key = self._data_keys.get(key_id)
            if data_key is None:
                raise CannotOpen("its key is destroyed, or the keyring or TEXT_KEY is another", place.decode())
            text = unlock(sealed[HEAD_BYTES:], head + place, data_key)
        if text is None:
            raise CannotOpen("it does not belong here, was changed, or TEXT_KEY is another", place.decode())
        return text.decode()

    def read(self, sealed: bytes, table: str, column: str, row: uuid.UUID) -> str:
        """Return the text; on a page that only shows things, what is said in its place, and a line in the log.

        Raises `CannotOpen` elsewhere, so that nothing is ever written over or decided by a text nobody has read.
        """
        try:
            return self.open(sealed, table, column, row)
        except CannotOpen as fault:
            if self.said_instead is None:
                raise
            _log.warning("a text cannot be opened: %s", fault.place)
            return self.said_instead()

    def is_ready(self, sealed: bytes) -> bool:
        """Whether a text can be opened without asking the keyring."""
        key_id = key_id_of(sealed)
        return key_id is None or key_id in self._data_keys

    def ready(self, sealed: Iterable[bytes | None]) -> None:
        """Fetch the keys of many texts at once, before they are opened one by one: one query, however many."""
        wanted = {key_id for one in sealed if one and (key_id := key_id_of(one)) is not None}
        missing = wanted - self._data_keys.keys()
        if missing:
            self._data_keys |= self.keyring.fetch(missing)
