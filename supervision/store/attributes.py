"""A sealed column that reads and writes like a text, for rows that are made in many places."""

import uuid
from typing import Any, Protocol, cast

from sqlalchemy import event
from sqlalchemy.orm import Session, object_mapper, object_session

from supervision.kernel.ids import new_id
from supervision.store.base import Base
from supervision.store.forgetting import seal_of
from supervision.store.places import Place, places_in

_WAITING = "texts_to_seal"


class _Row(Protocol):
    id: uuid.UUID | None


class SealedText:
    """The text of a sealed column of the same row; "" is kept as nothing.

    A new row's text is sealed with its first flush. Reading needs the row to be in a session, and raises `CannotOpen`
    when the text does not belong there.
    """

    def __init__(self, column: str, plain: str = "") -> None:
        """`plain` names where earlier releases kept the text: read until it is adopted, emptied by every change."""
        self._column, self._plain = column, plain

    def __get__(self, row: Any, owner: type) -> Any:  # noqa: ANN401 - the class itself when asked of the class
        """Open the text."""
        if row is None:
            return self
        waiting: dict[str, str] = row.__dict__.get(_WAITING, {})
        if self._column in waiting:
            return waiting[self._column]
        sealed = getattr(row, self._column)
        if sealed is None:
            return (getattr(row, self._plain) if self._plain else "") or ""
        session, place = _session(row), self._place(row)
        seal = seal_of(session)
        if not seal.is_ready(sealed):  # with the keys of all such rows that were read: whoever opens one opens more
            seal.ready(one.__dict__.get(self._column) for one in session.identity_map.values() if type(one) is owner)
        return seal.read(sealed, place.table.name, place.name, row.id)

    def __set__(self, row: Any, text: str) -> None:  # noqa: ANN401 - any row with such a column
        """Seal the text, at once or when its row is first written; an unchanged text keeps its key."""
        session = object_session(row)
        if session is None:
            row.__dict__.setdefault(_WAITING, {})[self._column] = text
            return
        if text != self.__get__(row, type(row)):
            self._seal(session, row, text)
            if self._plain and getattr(row, self._plain):
                setattr(row, self._plain, "")

    def _seal(self, session: Session, row: _Row, text: str) -> None:
        if row.id is None:
            row.id = new_id()
        place = self._place(row)
        sealed = seal_of(session).seal(text, place.table.name, place.name, row.id) if text else None
        setattr(row, self._column, sealed)
        row.__dict__.get(_WAITING, {}).pop(self._column, None)

    def _place(self, row: object) -> Place:
        mapper = object_mapper(row)
        column = mapper.columns[self._column]
        return next(place for place in places_in(cast("Any", mapper.local_table)) if place.column is column)


@event.listens_for(Session, "before_flush")
def _seal_new(session: Session, _context: object, _instances: object) -> None:
    for row in session.new:
        for column, text in list(row.__dict__.get(_WAITING, {}).items()):
            SealedText(column)._seal(session, cast("_Row", row), text)  # noqa: SLF001 - the same module


def _session(row: object) -> Session:
    found = object_session(cast("Base", row))
    if found is None:
        raise LookupError("a sealed text is read in a session")
    return found
