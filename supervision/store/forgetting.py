"""A deleted text's data key is destroyed, so that no old backup opens it.

It happens by itself. Before rows are deleted or a sealed text is replaced, the keys that will be left over are noted,
with all that the database deletes along; after the commit they are destroyed, each only when its text is really gone.
What this misses (a process that dies in between, a row deleted by hand) `sweep` finds.
"""

import logging
import uuid
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Delete, Engine, Table, event, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Mapper, ORMExecuteState, Session, object_mapper
from sqlalchemy.orm.attributes import get_history, instance_state

from supervision.store.base import Base
from supervision.store.keyring import Keyring
from supervision.store.places import Kept, Place, all_kept, going_with, kept_in, leads_to_texts, places_in
from supervision.store.sealed import TextSeal, key_id_of
from supervision.store.transactions import writing

log = logging.getLogger(__name__)
GRACE = timedelta(hours=1)  # our choice: longer than any transaction that has made a key and not yet written its text
MANY = 20  # our choice: below this many a sweep never hesitates

_NOTED = "keys_left_over"
_SEAL = "text_seal"
_keyrings: WeakKeyDictionary[Engine, Keyring] = WeakKeyDictionary()


class TooMany(RuntimeError):
    """More than half of all keys have no text: probably another database. Nothing is destroyed."""


def attach(engine: Engine, keyring: Keyring) -> None:
    """Say which keyring holds the keys of the texts in this database."""
    _keyrings[engine] = keyring


def keyring_of(session: Session) -> Keyring:
    """Return the keyring of a session's database; raises `LookupError` where none was attached."""
    return _keyrings[session.get_bind().engine]


def seal_of(session: Session) -> TextSeal:
    """Return what seals and opens texts in this session; it forgets the keys it has fetched when the session ends."""
    if _SEAL not in session.info:
        session.info[_SEAL] = TextSeal(keyring_of(session))
    return cast("TextSeal", session.info[_SEAL])


def sweep(engine: Engine, now: datetime) -> int:
    """Destroy the keys that have been seen without a text for an hour; returns how many. Raises `TooMany`.

    The keyring is read before the database: a key made in between is not judged.
    """
    keyring = _keyrings[engine]
    kept = keyring.all_ids()
    used = _used(engine)
    due = {one for one, since in kept.items() if one not in used and since is not None and since <= now - GRACE}
    if len(due) >= MANY and 2 * len(due) > len(kept):
        raise TooMany(f"{len(due)} of {len(kept)} keys have no text")
    keyring.mark([one for one, since in kept.items() if one not in used and since is None], now)
    keyring.mark([one for one, since in kept.items() if one in used and since is not None], None)
    destroyed = keyring.destroy(due)
    keyring.settle()
    return destroyed


def unused(engine: Engine) -> frozenset[bytes]:
    """Return the ids of all keys without a text, however new."""
    kept = _keyrings[engine].all_ids()
    return frozenset(kept.keys() - _used(engine))


def _used(engine: Engine) -> set[bytes]:
    asked = writing.set(False)
    try:
        with engine.connect() as connection:
            return set(all_kept(connection, Base.metadata))
    finally:
        writing.reset(asked)


@event.listens_for(Session, "before_flush")
def _note_flush(session: Session, _context: object, _instances: object) -> None:
    if session.get_bind().engine not in _keyrings:
        return
    for row in session.deleted:
        table = _table_of(object_mapper(row))
        if leads_to_texts(table):
            _note(session, going_with(session.connection(), table, _identity(row)))
    for row in session.dirty:
        for place in places_in(_table_of(object_mapper(row))):
            _note(session, _replaced(session, row, place))


def _replaced(session: Session, row: object, place: Place) -> Iterator[Kept]:
    """Return the text that a change of this row leaves behind in one column, if it has a key."""
    history = get_history(row, object_mapper(row).get_property_by_column(place.column).key)
    (row_id,) = _identity(row)
    if not history.has_changes():
        return
    if not history.deleted:  # the earlier text was never read
        yield from kept_in(session.connection(), select(place.row).where(place.row == row_id), place)
        return
    for before in history.deleted:
        key_id = key_id_of(before) if before else None
        if key_id is not None:
            yield Kept(place, row_id, key_id)


@event.listens_for(Session, "do_orm_execute")
def _note_delete(state: ORMExecuteState) -> None:
    if not state.is_delete or state.session.get_bind().engine not in _keyrings:
        return
    statement = cast("Delete", state.statement)
    table = Base.metadata.tables.get(str(cast("Table", statement.table).key))  # what a statement holds is a copy
    if table is None or not leads_to_texts(table):
        return
    (row,) = table.primary_key.columns
    chosen = select(row)
    if statement.whereclause is not None:
        chosen = chosen.where(statement.whereclause)
    connection = state.session.connection()
    _note(state.session, going_with(connection, table, connection.scalars(chosen, state.parameters).all()))


@event.listens_for(Session, "after_commit")
def _destroy(session: Session) -> None:
    if session.in_nested_transaction():
        return
    noted: set[Kept] = session.info.pop(_NOTED, set())
    if not noted:
        return
    engine = session.get_bind().engine
    try:
        _keyrings[engine].destroy({one.key_id for one in noted} - _still_there(engine, noted))
    except SQLAlchemyError:  # what was asked is done and committed; the sweep destroys what is left
        log.warning("keys of deleted texts are left for the next sweep", exc_info=True)


@event.listens_for(Session, "after_rollback")
def _drop_notes(session: Session) -> None:
    if not session.in_nested_transaction():  # of a part that is taken back the texts are found to be there still
        session.info.pop(_NOTED, None)


def _still_there(engine: Engine, noted: Iterable[Kept]) -> set[bytes]:
    """Return the keys whose text has stayed after all: a part of the transaction was taken back."""
    by_place: dict[Place, list[uuid.UUID]] = {}
    for one in noted:
        by_place.setdefault(one.place, []).append(one.row)
    found: set[bytes] = set()
    asked = writing.set(False)
    try:
        with engine.connect() as connection:
            for place, rows in by_place.items():
                for at in range(0, len(rows), 500):
                    chosen = select(place.row).where(place.row.in_(rows[at : at + 500]))
                    found |= {one.key_id for one in kept_in(connection, chosen, place)}
    finally:
        writing.reset(asked)
    return found


def _note(session: Session, left: Iterable[Kept]) -> None:
    session.info.setdefault(_NOTED, set()).update(left)


def _identity(row: object) -> tuple[Any, ...]:
    """Return the row's id as the database has it."""
    return cast("tuple[Any, ...]", cast("Any", instance_state(row)).key[1])


def _table_of(mapper: Mapper[Any]) -> Table:
    return cast("Table", mapper.local_table)
