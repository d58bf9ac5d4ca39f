"""Put a backup in the place of the database: checked, brought up to date, and with nothing in it that has ended.

What was there waits aside until the restore has succeeded. If it fails, or is killed and begun again, it comes back.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sqlalchemy.engine import URL, make_url

from supervision.upkeep import backup, postgres_copy, sqlite_copy
from supervision.upkeep.manifest import Manifest, Refused, Table, differing

WAITS = ".before-restore"
"""What the file of an SQLite database is called while it waits aside."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was restored, and what was done to it afterwards, in plain lines."""

    manifest: Manifest
    lines: tuple[str, ...]


class Settle(Protocol):
    """What is done to restored rows; `living_before` are ids of the database that was replaced."""

    def __call__(self, living_before: frozenset[uuid.UUID] | None) -> list[str]:
        """Return what was done, in plain lines."""


class Place(Protocol):
    """Where a database is, and how it gives way."""

    def is_empty(self) -> bool:
        """Whether no table has rows."""

    def bring_back(self) -> bool:
        """Put back what waits aside; False when nothing does."""

    def set_aside(self) -> None:
        """Let what is there wait aside."""

    def fill(self, inside: Path) -> None:
        """Read the database of a backup."""

    def tables(self) -> dict[str, Table]:
        """Return count and hash of every table."""

    def let_go(self) -> None:
        """Delete what waits aside."""


def restore(
    url: str,
    path: Path,
    *,
    replace: bool,
    let_go_of_connections: Callable[[], None],
    living: Callable[[], frozenset[uuid.UUID] | None],
    migrate: Callable[[], None],
    settle: Settle,
) -> Restored:
    """Restore a backup into the database at `url`. Raises `Refused`; the database is then as it was.

    A database with rows is refused unless `replace`. The rows are compared with the manifest before they are migrated.
    """
    parts = make_url(url)
    place = _place(parts)
    let_go_of_connections()
    place.bring_back()  # an earlier restore was killed
    manifest = backup.manifest_of(path)
    check_kind(manifest, parts)
    is_empty = place.is_empty()
    if not is_empty and not replace:
        raise Refused("The database holds rows. Back it up first; then --replace puts the backup in its place.")
    before = None if is_empty else living()
    let_go_of_connections()
    inside = path.parent / f".{path.name}.inside"
    inside.unlink(missing_ok=True)
    try:
        backup.unpack(path, inside)
        place.set_aside()
        try:
            place.fill(inside)
            _compare(manifest, place)
            migrate()
            lines = settle(before)
        except BaseException:
            let_go_of_connections()
            place.bring_back()
            raise
    finally:
        inside.unlink(missing_ok=True)
    place.let_go()
    return Restored(manifest, tuple(lines))


def check_kind(manifest: Manifest, url: URL) -> None:
    """Raise `Refused` for a backup of another kind of database."""
    if manifest.database != url.get_backend_name():
        raise Refused(f"The backup is of {manifest.database}; this database is {url.get_backend_name()}.")


def _compare(manifest: Manifest, place: Place) -> None:
    wrong = differing(manifest.tables, place.tables())
    if wrong:
        raise Refused(f"The rows of {', '.join(wrong)} are not those of the backup.")


def _place(url: URL) -> Place:
    if url.get_backend_name() == "sqlite":
        return SqlitePlace(sqlite_copy.path_of(url))
    return PostgresPlace(url)


@dataclass(frozen=True)
class SqlitePlace:
    """The file of an SQLite database."""

    path: Path

    @property
    def _aside(self) -> Path:
        return self.path.with_name(self.path.name + WAITS)

    def is_empty(self) -> bool:
        """Whether no table has rows, or there is no file."""
        return sqlite_copy.is_empty(self.path)

    def bring_back(self) -> bool:
        """Put the file back that waits; False when none does."""
        if not self._aside.exists():
            return False
        self._clear()
        self._aside.replace(self.path)
        return True

    def set_aside(self) -> None:
        """Let the file wait; an empty one stands for none, so that a killed restore can be told."""
        self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.path.exists():
            sqlite_copy.fold(self.path)
            self._clear_sides()
            self.path.replace(self._aside)
        else:
            os.close(os.open(self._aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))

    def fill(self, inside: Path) -> None:
        """Put a copy of the backup's file here, readable by the owner alone."""
        self._clear_sides()
        with (
            inside.open("rb") as source,
            os.fdopen(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target,
        ):
            while part := source.read(1 << 20):
                target.write(part)
            target.flush()
            os.fsync(target.fileno())

    def tables(self) -> dict[str, Table]:
        """Return count and hash of every table."""
        return sqlite_copy.tables(self.path)

    def let_go(self) -> None:
        """Delete the file that waits."""
        self._aside.unlink(missing_ok=True)

    def _clear(self) -> None:
        self.path.unlink(missing_ok=True)
        self._clear_sides()

    def _clear_sides(self) -> None:
        for side in sqlite_copy.SIDES:
            self.path.with_name(self.path.name + side).unlink(missing_ok=True)


@dataclass(frozen=True)
class PostgresPlace:
    """A PostgreSQL database."""

    url: URL

    def is_empty(self) -> bool:
        """Whether no table has rows."""
        return postgres_copy.is_empty(self.url)

    def bring_back(self) -> bool:
        """Put the tables back that wait; False when none do."""
        return postgres_copy.bring_back(self.url)

    def set_aside(self) -> None:
        """Let the tables wait in a schema of their own."""
        postgres_copy.set_aside(self.url)

    def fill(self, inside: Path) -> None:
        """Read the dump."""
        postgres_copy.restore(self.url, inside)

    def tables(self) -> dict[str, Table]:
        """Return count and hash of every table."""
        return postgres_copy.tables(self.url)

    def let_go(self) -> None:
        """Drop the tables that wait."""
        postgres_copy.drop_aside(self.url)


def written_at(manifest: Manifest) -> datetime:
    """Return when a backup was made."""
    return datetime.fromisoformat(manifest.made_at)
