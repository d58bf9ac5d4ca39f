"""Copies of an SQLite database: consistent while others write, by SQLite's own online backup."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL

from supervision.upkeep.manifest import Refused, Table, hash_rows

SIDES = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database's file."""


def path_of(url: URL) -> Path:
    """Return the database's file; raises `Refused` for a database in memory."""
    if not url.database or url.database == ":memory:":
        raise Refused("A database in memory cannot be backed up.")
    return Path(url.database)


def copy(url: URL, target: Path) -> None:
    """Copy the database into one new file: everything that was committed when it began, and nothing later.

    The copy is one step, so writers neither wait nor make it begin anew. Raises `Refused` when it is damaged.
    """
    source = path_of(url)
    if not source.exists():
        raise Refused(f"There is no database at {source}.")
    with closing(sqlite3.connect(source, timeout=15)) as old, closing(sqlite3.connect(target)) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode=DELETE")
    check(target)


def check(path: Path) -> None:
    """Raise `Refused` when a database's file is damaged or a row refers to one that is missing."""
    try:
        with closing(sqlite3.connect(path)) as opened:
            faults = faults_of(opened)
    except sqlite3.DatabaseError as error:
        raise Refused(f"The database is damaged: {error}.") from error
    if faults:
        raise Refused(f"The database is damaged: {faults[0]}.")


def faults_of(opened: sqlite3.Connection) -> list[str]:
    """Return what SQLite says of a damaged file, and of rows that refer to others that are missing."""
    said = [str(row[0]) for row in opened.execute("PRAGMA integrity_check(5)")]
    lost = sorted({f"a row of {row[0]} refers to one of {row[2]} that is missing" for row in _lost(opened)})
    return [one for one in said if one != "ok"] + lost


def _lost(opened: sqlite3.Connection) -> list[tuple[str, int, str, int]]:
    return opened.execute("PRAGMA foreign_key_check").fetchall()


def tables(path: Path) -> dict[str, Table]:
    """Return count and hash of every table of a database's file."""
    with closing(sqlite3.connect(path)) as opened:
        opened.execute("BEGIN")
        return {name: hash_rows(name, _rows(opened, name)) for name in _names(opened)}


def revision(path: Path) -> str:
    """Return the revision of the tables, or "" where there are none."""
    with closing(sqlite3.connect(path)) as opened:
        try:
            found = opened.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError:
            return ""
        return str(found[0]) if found else ""


def is_empty(path: Path) -> bool:
    """Whether a database has no row in any table but the one for the revision."""
    if not path.exists():
        return True
    with closing(sqlite3.connect(path)) as opened:
        kept = (name for name in _names(opened) if name != "alembic_version")
        return not any(opened.execute(f'SELECT 1 FROM "{name}" LIMIT 1').fetchone() for name in kept)  # noqa: S608  # nosec B608


def fold(path: Path) -> None:
    """Write what stands in the log into the database's file itself, so that the file alone is the database."""
    with closing(sqlite3.connect(path, timeout=5)) as opened:
        busy = opened.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    if busy:
        raise Refused("The database is in use. Stop the web and the jobs first.")


def _names(opened: sqlite3.Connection) -> list[str]:
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
    return [str(name) for (name,) in opened.execute(named)]


def _rows(opened: sqlite3.Connection, name: str) -> Iterator[str]:
    columns = ", ".join(f'"{row[1]}"' for row in opened.execute(f'PRAGMA table_info("{name}")'))
    # names of the schema, as SQLite itself tells them
    for row in opened.execute(f'SELECT {columns} FROM "{name}" ORDER BY {columns}'):  # noqa: S608  # nosec B608
        yield repr(row)
