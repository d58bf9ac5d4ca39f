"""Where sealed texts stand: the columns that models declare with `sealed_text`, and what is deleted along with what."""

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Column, Connection, ForeignKey, LargeBinary, MetaData, Select, Table, func, select
from sqlalchemy.orm import MappedColumn, mapped_column

from supervision.store.sealed import HEAD_BYTES, key_id_of

_MOST_AT_ONCE = 500
_INFO = "sealed"
_PLAIN = "was_plain"


def sealed_text(place: str, *, was_plain: str | None = None) -> MappedColumn[Any]:
    """Declare a column of sealed text; `place` is the name under which its texts are bound to it.

    `was_plain` names a column of the same table in which earlier releases kept the text unsealed.
    """
    return mapped_column(LargeBinary, info={_INFO: place, _PLAIN: was_plain})


@dataclass(frozen=True, slots=True)
class Place:
    """One column of sealed texts."""

    table: Table
    column: Column[Any]
    row: Column[uuid.UUID]
    name: str
    plain: Column[str] | None

    def __str__(self) -> str:
        """Return table and column, as the commands name them."""
        return f"{self.table.name}.{self.column.name}"

    @property
    def head(self) -> Any:  # noqa: ANN401 - an SQL expression
        """Return the start of the text as SQL: enough to know its key."""
        return func.substr(self.column, 1, HEAD_BYTES)


@dataclass(frozen=True, slots=True)
class Kept:
    """A sealed text in the database and the id of its data key."""

    place: Place
    row: uuid.UUID
    key_id: bytes


@cache
def places(metadata: MetaData) -> Sequence[Place]:
    """Return every column of sealed texts, by table."""
    found = []
    for table in metadata.sorted_tables:
        for column in table.columns:
            if _INFO in column.info:
                plain = column.info[_PLAIN]
                (row,) = table.primary_key.columns
                found.append(
                    Place(table, column, row, column.info[_INFO], table.columns[plain] if plain is not None else None)
                )
    return tuple(found)


def places_in(table: Table) -> Sequence[Place]:
    """Return a table's columns of sealed texts."""
    return [one for one in places(table.metadata) if one.table is table]


def all_kept(connection: Connection, metadata: MetaData) -> Iterator[bytes]:
    """Return the id of the data key of every sealed text in the database: one query for each column."""
    for place in places(metadata):
        for head in connection.scalars(select(place.head).where(place.column.is_not(None))):
            if (key_id := key_id_of(bytes(head))) is not None:
                yield key_id


def kept_in(connection: Connection, chosen: Select[Any], place: Place) -> Iterator[Kept]:
    """Return the sealed texts of a column in the rows that `chosen` (row ids) selects."""
    asked = select(place.row, place.head).where(place.column.is_not(None), place.row.in_(chosen))
    for row, head in connection.execute(asked).tuples():
        if (key_id := key_id_of(bytes(head))) is not None:
            yield Kept(place, row, key_id)


def leads_to_texts(table: Table) -> bool:
    """Whether deleting a row of this table can delete a sealed text, by itself or by what goes with it."""
    return table in _ancestors(table.metadata)


def going_with(connection: Connection, table: Table, rows: Collection[Any]) -> Iterator[Kept]:
    """Return the sealed texts that go with these rows: their own, and those the database deletes along."""
    seen: set[tuple[str, Any]] = set()
    waiting: list[tuple[Table, Collection[Any]]] = [(table, rows)]
    while waiting:
        current, ids = waiting.pop()
        fresh = [one for one in ids if (current.name, one) not in seen]
        seen.update((current.name, one) for one in fresh)
        for part in (fresh[at : at + _MOST_AT_ONCE] for at in range(0, len(fresh), _MOST_AT_ONCE)):
            for place in places_in(current):
                asked = select(place.row).where(place.row.in_(part))
                yield from kept_in(connection, asked, place)
            for key in _cascades(current):
                child = key.parent.table
                (row,) = child.primary_key.columns
                waiting.append((child, connection.scalars(select(row).where(key.parent.in_(part))).all()))


@cache
def _ancestors(metadata: MetaData) -> frozenset[Table]:
    found = {place.table for place in places(metadata)}
    while True:
        above = {key.column.table for table in found for key in _cascading(table.foreign_keys)} - found
        if not above:
            return frozenset(found)
        found |= above


@cache
def _cascades(table: Table) -> Sequence[ForeignKey]:
    """Return the keys by which other rows go with this table's rows, where sealed texts may be among them."""
    return tuple(
        key
        for child in _ancestors(table.metadata)
        for key in _cascading(child.foreign_keys)
        if key.column.table is table
    )


def _cascading(keys: Iterable[ForeignKey]) -> Iterator[ForeignKey]:
    return (key for key in keys if (key.ondelete or "").upper() == "CASCADE")
