"""Sealed ballots and the keys that open them. Keys lie outside the database and its backups (PRIVACY: evaluations)."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox

BALLOT_BYTES = 800
"""The one length of all ballots of an evaluation that opens now; each campaign keeps its own.

Our choice: seventeen statements need less than 500, and a row of this length lies whole in a page of either database.
"""


class BallotTooLong(ValueError):
    """The answers do not fit in the one length every ballot has."""


class KeyRing:
    """The private keys of open evaluations: one file each, named by the campaign, readable by the house alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self, campaign_id: UUID) -> bytes:
        """Make a campaign's key pair, keep the private key and return the public one.

        A key that is there already is kept, so that opening again after a crash loses nothing.
        """
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder.chmod(0o700)
        kept = self.read(campaign_id)
        if kept is not None:
            return bytes(kept.public_key)
        key = PrivateKey.generate()
        part = self._path(campaign_id).with_suffix(".part")
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(bytes(key))
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._path(campaign_id))
        return bytes(key.public_key)

    def read(self, campaign_id: UUID) -> PrivateKey | None:
        """Return a campaign's private key, or None when it is lost or destroyed."""
        try:
            return PrivateKey(self._path(campaign_id).read_bytes())
        except (FileNotFoundError, CryptoError, ValueError):
            return None

    def destroy(self, campaign_id: UUID) -> None:
        """Overwrite and delete a campaign's private key; nothing happens when it is gone already."""
        path = self._path(campaign_id)
        if not path.exists():
            return
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
        path.unlink(missing_ok=True)

    def kept(self) -> tuple[UUID, ...]:
        """Return the campaigns whose key is still kept."""
        if not self.folder.is_dir():
            return ()
        return tuple(UUID(path.name) for path in sorted(self.folder.iterdir()) if not path.suffix)

    @property
    def is_marked(self) -> bool:
        """Whether a campaign has closed and the database's files have not been wiped since."""
        return self._mark.exists()

    def mark(self) -> None:
        """Note that the database's files are to be wiped."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._mark.touch(mode=0o600)

    def unmark(self) -> None:
        """Note that the database's files have been wiped."""
        self._mark.unlink(missing_ok=True)

    @property
    def _mark(self) -> Path:
        return self.folder / "wipe.due"

    def _path(self, campaign_id: UUID) -> Path:
        return self.folder / str(campaign_id)


def seal(public_key: bytes, answers: Mapping[str, int | None], size: int = BALLOT_BYTES) -> bytes:
    """Return answers as a ballot only the private key opens; every ballot of a `size` has one length.

    Raises `BallotTooLong`.
    """
    text = json.dumps(dict(answers), sort_keys=True).encode()
    if len(text) > size:
        raise BallotTooLong(len(text))
    return bytes(SealedBox(PublicKey(public_key)).encrypt(text.ljust(size)))


def unseal(key: PrivateKey, sealed: bytes) -> dict[str, object] | None:
    """Return the answers of a ballot, or None when this key does not open it."""
    try:
        opened = json.loads(SealedBox(key).decrypt(sealed))
    except (CryptoError, ValueError):
        return None
    return opened if isinstance(opened, dict) else None
