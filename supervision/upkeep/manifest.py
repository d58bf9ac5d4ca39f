"""What a backup says of itself: where it comes from, and hashes by which it is checked before anything is restored."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

FORMAT = 1
MANIFEST = "manifest.json"
MEMBERS = {"sqlite": "database.sqlite", "postgresql": "database.dump"}
"""The file with the database inside a backup, by the kind of database."""
UNCOUNTED = frozenset({"ballot"})
"""Tables whose rows no manifest counts: nobody sees a count while it is open (PRIVACY: evaluations, flow 6)."""
CHUNK = 1 << 20


class Refused(Exception):
    """A backup or a restore is not done; the text says why and what to do, in one sentence or two."""


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a backup: how many rows, and a hash over all of them in a fixed order."""

    rows: int | None
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself."""

    format: int
    made_at: str
    version: str
    revision: str
    database: str
    file: str
    bytes: int
    sha256: str
    tables: Mapping[str, Table]

    def to_json(self) -> str:
        """Return it as it is kept in the backup."""
        return json.dumps(asdict(self), indent=1, sort_keys=True)


def read(text: str | bytes) -> Manifest:
    """Return a manifest; raises `Refused` for anything else, or a format of a later release."""
    try:
        told = json.loads(text)
        if told["format"] != FORMAT:
            raise Refused(f"The backup has format {told['format']}, this release reads {FORMAT}. Use a later release.")
        tables = {str(name): Table(**one) for name, one in told.pop("tables").items()}
        return Manifest(**told, tables=tables)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise Refused("The file is no backup of Rundan: its manifest cannot be read.") from error


def hash_rows(name: str, rows: Iterable[str]) -> Table:
    """Return count and hash of a table's rows, which come as text in a fixed order."""
    digest, count = hashlib.sha256(name.encode()), 0
    for row in rows:
        line = row.encode()
        digest.update(len(line).to_bytes(8, "big") + line)
        count += 1
    return Table(None if name in UNCOUNTED else count, digest.hexdigest())


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while part := file.read(CHUNK):
            digest.update(part)
    return digest.hexdigest()


def differing(told: Mapping[str, Table], found: Mapping[str, Table]) -> list[str]:
    """Return the tables that are not what a manifest tells, by name."""
    return sorted(name for name in told.keys() | found.keys() if told.get(name) != found.get(name))
