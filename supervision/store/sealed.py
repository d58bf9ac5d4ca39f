"""Texts at rest: authenticated encryption bound to table, column and row (PRIVACY: data at rest)."""

import hashlib
import uuid

import nacl.exceptions
import nacl.utils
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)

_NONCE_BYTES = 24


class CannotOpen(Exception):
    """The text was moved, changed or sealed with another key."""


class TextSeal:
    """Seals and opens texts with one key; where a text stands is part of what is authenticated."""

    def __init__(self, secret: str) -> None:
        self._key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"rundan-texts").digest()

    def seal(self, text: str, table: str, column: str, row: uuid.UUID) -> bytes:
        """Return nonce and ciphertext of `text` for this one place."""
        nonce = nacl.utils.random(_NONCE_BYTES)
        place = f"{table}|{column}|{row}".encode()
        return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(text.encode(), place, nonce, self._key)

    def open(self, sealed: bytes, table: str, column: str, row: uuid.UUID) -> str:
        """Return the text; raises `CannotOpen` when it does not belong in this place."""
        place = f"{table}|{column}|{row}".encode()
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return crypto_aead_xchacha20poly1305_ietf_decrypt(body, place, nonce, self._key).decode()
        except nacl.exceptions.CryptoError as error:
            raise CannotOpen("the text does not belong here or the key is another") from error
