"""Copies of a PostgreSQL database by its own `pg_dump` and `pg_restore`, checked row by row in the same snapshot."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL

from supervision.upkeep.manifest import Refused, Table, hash_rows

ASIDE = "rundan_before_restore"
"""The schema in which the tables wait that a restore replaces, until it has succeeded."""
_SETTINGS = ("TIME ZONE 'UTC'", "DateStyle TO ISO", "bytea_output TO hex", "extra_float_digits TO 3")
Connection = psycopg.Connection[tuple[object, ...]]


def connect(url: URL) -> Connection:
    """Open a connection of one's own."""
    return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False), connect_timeout=10)


def dump(url: URL, target: Path) -> tuple[dict[str, Table], str]:
    """Write the database into one new file, and return its tables and revision as of the same instant.

    A transaction is held open for as long as it takes, so on an evaluation's closing hour it delays the wiping.
    """
    with connect(url) as connection:
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        row = connection.execute("SELECT pg_export_snapshot()").fetchone()
        snapshot = str(row[0]) if row else ""
        words = ["--format=custom", "--no-owner", "--no-privileges", f"--exclude-schema={ASIDE}"]
        run("pg_dump", url, *words, f"--snapshot={snapshot}", f"--file={target}")
        return tables_in(connection), _revision(connection)


def restore(url: URL, source: Path) -> None:
    """Read a dump into the database in one transaction."""
    run("pg_restore", url, "--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges", str(source))


def list_dump(source: Path) -> None:
    """Raise `Refused` when a dump cannot be read."""
    run("pg_restore", None, "--list", str(source))


def run(program: str, url: URL | None, *words: str) -> None:
    """Run a program of PostgreSQL; the password goes by the environment. Raises `Refused` with its last words."""
    path = shutil.which(program)
    if path is None:
        raise Refused(f"{program} is not found. Install the client programs of PostgreSQL (postgresql-client).")
    env = dict(os.environ)
    command = [path, *words]
    if url is not None:
        if url.password:
            env["PGPASSWORD"] = str(url.password)
        bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
        command.append(f"--dbname={bare.render_as_string(hide_password=False)}")
    done = subprocess.run(command, env=env, check=False, capture_output=True, text=True)  # noqa: S603 - words of ours
    if done.returncode != 0:
        said = [line for line in done.stderr.splitlines() if line.strip()]
        raise Refused(f"{program} did not succeed: {said[0] if said else done.returncode}")


def tables(url: URL) -> dict[str, Table]:
    """Return count and hash of every table."""
    with connect(url) as connection:
        return tables_in(connection)


def tables_in(connection: Connection) -> dict[str, Table]:
    """Return count and hash of every table, as this transaction sees them."""
    for setting in _SETTINGS:
        connection.execute(f"SET LOCAL {setting}".encode())
    return {name: hash_rows(name, _rows(connection, name)) for name in names(connection)}


def names(connection: Connection, schema: str = "public") -> list[str]:
    """Return the tables of a schema."""
    rows = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", (schema,))
    return [str(name) for (name,) in rows]


def is_empty(url: URL) -> bool:
    """Whether no table has a row but the one for the revision."""
    with connect(url) as connection:
        for name in names(connection):
            found = connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(sql.Identifier(name))).fetchone()
            if found and name != "alembic_version":
                return False
        return True


def set_aside(url: URL) -> None:
    """Move all tables into a schema where they wait; in one transaction."""
    with connect(url) as connection:
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(ASIDE)))
        _move(connection, "public", ASIDE)


def bring_back(url: URL) -> bool:
    """Drop what a restore has made and move the tables back that waited; False when none did."""
    with connect(url) as connection:
        if not connection.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", (ASIDE,)).fetchone():
            return False
        for name in names(connection):
            connection.execute(sql.SQL("DROP TABLE public.{} CASCADE").format(sql.Identifier(name)))
        _move(connection, ASIDE, "public")
        connection.execute(sql.SQL("DROP SCHEMA {}").format(sql.Identifier(ASIDE)))
        return True


def drop_aside(url: URL) -> None:
    """Drop the tables that waited: the restore has succeeded."""
    with connect(url) as connection:
        connection.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(ASIDE)))


def _move(connection: Connection, source: str, target: str) -> None:
    for name in names(connection, source):
        connection.execute(
            sql.SQL("ALTER TABLE {} SET SCHEMA {}").format(sql.Identifier(source, name), sql.Identifier(target))
        )


def _revision(connection: Connection) -> str:
    if "alembic_version" not in names(connection):
        return ""
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else ""


def _rows(connection: Connection, name: str) -> Iterator[str]:
    asked = sql.SQL(
        'SELECT rundan_row::text FROM public.{} AS rundan_row ORDER BY (rundan_row::text) COLLATE "C"'
    ).format(sql.Identifier(name))
    with connection.cursor(name="rundan_rows") as cursor:
        cursor.itersize = 1000
        for (row,) in cursor.execute(asked):
            yield str(row)
