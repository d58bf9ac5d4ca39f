"""Runs the migrations with the app's own engine; `flask db upgrade` and the tests come through here."""

from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy.engine import Connection

from supervision.store.database import db, writing

if context.config.config_file_name is not None and not current_app.testing:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def leave_out_empty(_context: object, _revision: object, directives: list[object]) -> None:
    """Write no migration when nothing has changed."""
    script = directives[0] if directives else None
    if getattr(context.config.cmd_opts, "autogenerate", False) and script is not None:
        upgrades = script.upgrade_ops  # type: ignore[attr-defined]
        if upgrades.is_empty():
            directives[:] = []


def let_references_rest(connection: Connection, *, rest: bool) -> None:
    """Keep SQLite from deleting what refers to a table while that table is written anew.

    To change a table SQLite copies it and drops the old one; with foreign keys on, dropping it deletes its members,
    meetings and the like by their ON DELETE CASCADE. The pragma works outside a transaction only.
    """
    if connection.dialect.name == "sqlite":
        driver = connection.connection.driver_connection
        driver.execute(f"PRAGMA foreign_keys={'OFF' if rest else 'ON'}").close()  # type: ignore[union-attr]


def run(connection: Connection) -> None:
    """Run the migrations in one transaction each."""
    options = dict(current_app.extensions["migrate"].configure_args)
    options.setdefault("process_revision_directives", leave_out_empty)
    context.configure(connection=connection, target_metadata=db.metadata, transaction_per_migration=True, **options)
    with context.begin_transaction():
        context.run_migrations()


writing.set(True)
with db.engine.connect() as connection:
    let_references_rest(connection, rest=True)
    try:
        run(connection)
        if connection.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA foreign_key_check").first():
            raise RuntimeError("a row refers to another that is missing")
    finally:
        connection.rollback()
        let_references_rest(connection, rest=False)
