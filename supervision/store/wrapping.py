"""The key that wraps other keys: derived from `TEXT_KEY`, it never touches a text written today.

Everything is XChaCha20-Poly1305 with a random nonce of 24 bytes; what is authenticated besides says
where a value stands.
"""

import hashlib

import nacl.exceptions
import nacl.utils
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)

KEY_BYTES = 32
NONCE_BYTES = 24


def lock(content: bytes, place: bytes, key: bytes) -> bytes:
    """Return nonce and ciphertext of `content`, bound to `place`."""
    nonce = nacl.utils.random(NONCE_BYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(content, place, nonce, key)


def unlock(locked: bytes, place: bytes, key: bytes) -> bytes | None:
    """Return the content, or None when it was changed, stands elsewhere, or is locked with another key."""
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(locked[NONCE_BYTES:], place, locked[:NONCE_BYTES], key)
    except (nacl.exceptions.CryptoError, ValueError):
        return None


class WrappingKey:
    """What `TEXT_KEY` stands for: wraps data keys, and opens texts of the release that sealed with it directly."""

    def __init__(self, secret: str) -> None:
        self._key = _derived(secret, b"rundan-wrapping")
        self._direct = _derived(secret, b"rundan-texts")
        self.name = _derived(secret, b"rundan-key-name")[:8].hex()
        """Tells keys apart in the keyring and says nothing about them."""

    def wrap(self, data_key: bytes, key_id: bytes) -> bytes:
        """Return a data key as the keyring keeps it, bound to its id and to this key's name."""
        return lock(data_key, self._place(key_id), self._key)

    def unwrap(self, wrapped: bytes, key_id: bytes) -> bytes | None:
        """Return a data key, or None when it was moved, changed, or wrapped by another."""
        return unlock(wrapped, self._place(key_id), self._key)

    def open_direct(self, sealed: bytes, place: bytes) -> bytes | None:
        """Return a text sealed without a data key, as the first release did, or None."""
        return unlock(sealed, place, self._direct)

    def seal_direct(self, text: bytes, place: bytes) -> bytes:
        """Seal as the first release did; for its demonstration and its tests, nothing is written so any more."""
        return lock(text, place, self._direct)

    def _place(self, key_id: bytes) -> bytes:
        return key_id + b"|" + self.name.encode()


def _derived(secret: str, purpose: bytes) -> bytes:
    return hashlib.blake2b(secret.encode(), digest_size=KEY_BYTES, person=purpose[:16]).digest()
