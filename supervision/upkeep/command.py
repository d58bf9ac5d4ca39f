"""The commands `backup`, `restore`, `backup-keys` and `check`."""

import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import cast

import click
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask, current_app
from flask.cli import with_appcontext
from flask_migrate import upgrade

import config as settings
from supervision import jobs
from supervision.audit import rules
from supervision.audit import tasks as audit
from supervision.store.database import db, session, transaction
from supervision.upkeep import backup, check, restore, settling
from supervision.upkeep.manifest import Manifest, Refused
from supervision.web.edge import edge

FAULTY = 1  # exit code: something is wrong, or was refused
KEEP = click.option("--keep", type=click.IntRange(min=1), help="Delete all but so many of the newest backups.")


def _config() -> settings.Config:
    return cast("settings.Config", current_app.config["SETTINGS"])


@contextmanager
def _in_words() -> Iterator[None]:
    """Say a refusal in its own words and end with 1."""
    try:
        yield
    except Refused as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.command("backup")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@KEEP
@with_appcontext
def backup_command(folder: Path, keep: int | None) -> None:
    """Back the database up into FOLDER, verified, while everything runs. Keys are never in it: see backup-keys."""
    with _in_words():
        if any(folder.glob(f"keyring-*{backup.ENDING}")):
            raise Refused(f"{folder} holds backups of the keyring. The database's have to lie elsewhere.")
        path = backup.back_up(_config().database_url, folder, edge().clock(), keep=keep)
    click.echo(f"{path}\n{_size(path)}, revision {backup.manifest_of(path).revision}, verified")


@click.command("backup-keys")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@KEEP
@with_appcontext
def backup_keys_command(folder: Path, keep: int | None) -> None:
    """Back the keyring up into FOLDER: elsewhere than the database's backups, and only the newest kept.

    An old copy of the keyring opens in an old backup what has been deleted since. Keys of evaluations are in no backup.
    """
    with _in_words():
        if any(folder.glob(f"rundan-*{backup.ENDING}")):
            raise Refused(f"{folder} holds backups of the database. The keyring has to lie elsewhere.")
        current_app.extensions["keyring"].counts()  # made when first needed
        path = backup.back_up(_config().keyring, folder, edge().clock(), keep=keep or 1, name="keyring")
    click.echo(f"{path}\n{_size(path)}, verified. Keep it where the database's backups are not.")


@click.command("restore")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--replace", is_flag=True, help="Put it in the place of a database that holds rows.")
@with_appcontext
def restore_command(file: Path, *, replace: bool) -> None:
    """Restore the database from FILE. Stop the web and the jobs first. A keyring's backup is restored the same way."""
    app = cast("Flask", current_app._get_current_object())  # type: ignore[attr-defined]  # noqa: SLF001
    with _in_words():
        manifest = backup.manifest_of(file)
        if "data_key" in manifest.tables:
            _restore_keyring(file, replace=replace)
            return
        done = _restore_database(app, file, replace=replace)
    _say_restored(done.manifest, done.lines)


def _restore_database(app: Flask, file: Path, *, replace: bool) -> restore.Restored:
    now, at_once = edge().clock(), Event()
    at_once.set()
    with jobs.leadership(app, at_once) as leads:
        if not leads:
            raise Refused("The jobs process runs. Stop the web and the jobs first.")

        def settle(living_before: frozenset[uuid.UUID] | None) -> list[str]:
            return settling.settle(transaction, _config().instance, living_before, now)

        return restore.restore(
            _config().database_url,
            file,
            replace=replace,
            let_go_of_connections=_let_go,
            living=_living,
            migrate=upgrade,
            settle=settle,
        )


def _restore_keyring(file: Path, *, replace: bool) -> None:
    keyring = current_app.extensions["keyring"]
    done = restore.restore(
        _config().keyring,
        file,
        replace=replace,
        let_go_of_connections=keyring.close,
        living=lambda: None,
        migrate=lambda: None,
        settle=lambda living_before: [],  # noqa: ARG005 - a keyring has no people
    )
    click.echo(f"Restored the keyring of {done.manifest.made_at}. Next: flask keys check")


def _let_go() -> None:
    db.session.remove()
    db.engine.dispose()


def _living() -> frozenset[uuid.UUID] | None:
    with transaction() as opened:
        return settling.living_in(opened)


def _say_restored(manifest: Manifest, lines: tuple[str, ...]) -> None:
    click.echo(f"Restored: made {manifest.made_at} by release {manifest.version}, every row as it was.")
    for line in lines:
        click.echo(f"  {line}")
    click.echo(
        "Next: flask check; then start the web and the jobs.\n"
        "Everyone signs in anew. Passwords and roles are those of the backup: what was changed since is changed again\n"
        "by hand. Nothing that was told, answered or moved since is known."
    )


@click.command("check")
@click.option("--since", "since", metavar="NUMBER:HASH", help="A newest place that was written down elsewhere.")
@click.option("--note-anew", is_flag=True, help="Note the newest place as it is now, after you have judged the faults.")
@with_appcontext
def check_command(since: str | None, *, note_anew: bool) -> None:
    """Look whether everything is whole; ends with 1 when something is not, and names it."""
    noted = _noted(since)
    found = list(_findings(noted))
    for one in found:
        click.echo(
            f"{'FAULT' if one.faults else 'ok':5}  {one.about}: {one.said if not one.faults else ''}".rstrip(": ")
        )
        for fault in one.faults:
            click.echo(f"       {fault}")
    if note_anew:
        with transaction() as opened:
            audit.write_note(_config().instance, audit.newest(opened))
        click.echo("The newest place is noted as it is now.")
    click.echo(f"{sum(bool(one.faults) for one in found)} of {len(found)} have faults.")
    if any(one.faults for one in found):
        sys.exit(FAULTY)


def _noted(since: str | None) -> list[rules.Head]:
    kept = audit.read_note(_config().instance)
    try:
        told = [rules.Head.read(since)] if since else []
    except ValueError as error:
        raise click.BadParameter("write it as flask check does: NUMBER:HASH", param_hint="--since") from error
    return [*([kept] if kept else []), *told]


def _findings(noted: list[rules.Head]) -> Iterator[check.Finding]:
    url = db.engine.url
    if url.get_backend_name() == "sqlite":
        yield check.of_file(url)
    found, wanted = _revisions()
    yield check.of_revision(found, wanted)
    if found != wanted:
        return  # the rest would ask for tables that are not there
    with transaction() as opened:
        yield check.of_waiting(opened, edge().clock())
    audit.chain(transaction, _config().instance)
    yield check.of_chain(session(), noted)
    yield check.of_evaluations(session(), _config().instance)
    yield check.of_texts(session())
    yield check.of_folder(_config().instance)
    db.session.remove()


def _revisions() -> tuple[str, str]:
    folder = current_app.extensions["migrate"].directory
    wanted = ScriptDirectory(folder).get_current_head() or ""
    with db.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision() or ""
    return found, wanted


def _size(path: Path) -> str:
    return f"{path.stat().st_size / 1024:,.0f} KiB"
