"""Sealing anew what earlier releases sealed with `TEXT_KEY` itself or kept in plain; and opening all, to check."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, null, or_, select, update
from sqlalchemy.orm import Session

from supervision.store.base import Base
from supervision.store.forgetting import keyring_of, seal_of
from supervision.store.places import Place, places
from supervision.store.sealed import MARK, CannotOpen, is_marked, key_id_of

Transaction = Callable[[], AbstractContextManager[Session]]
BATCH = 100  # texts in one transaction; our choice: the web waits for less than a second


@dataclass(frozen=True, slots=True)
class Faulty:
    """A sealed text that does not open: where it stands and why, never what it says."""

    place: Place
    row: uuid.UUID
    why: str


@dataclass(frozen=True, slots=True)
class Adopted:
    """What sealing anew has done: how many texts, and which could not be opened."""

    count: int
    faulty: Sequence[Faulty]


def adopt(transaction: Transaction, tell: Callable[[int], None] = lambda _count: None) -> Adopted:
    """Give every text of earlier releases a data key of its own; each batch is one transaction, and it can be stopped.

    A text changed meanwhile by someone else is left as they wrote it. `tell` hears how many are done.
    """
    count, faulty = 0, []
    for place in places(Base.metadata):
        last: uuid.UUID | None = None
        while True:
            with transaction() as session:
                rows = session.execute(_unadopted(place, last).limit(BATCH)).all()
                for row, sealed, plain in rows:
                    try:
                        count += _adopt_one(session, place, row, sealed, plain)
                    except CannotOpen as error:
                        faulty.append(Faulty(place, row, str(error)))
            if not rows:
                break
            last = rows[-1][0]
            tell(count)
    return Adopted(count, faulty)


def unadopted(session: Session) -> int:
    """Return how many texts still are as an earlier release wrote them."""
    return sum(
        session.scalar(select(func.count()).select_from(_unadopted(place, None).subquery())) or 0
        for place in places(Base.metadata)
    )


def check(session: Session) -> Iterator[Faulty | None]:
    """Open every sealed text, a hundred at a time, and forget it: for each None, or what is wrong with it."""
    for place in places(Base.metadata):
        last: uuid.UUID | None = None
        while True:
            asked = select(place.row, place.column).where(place.column.is_not(None)).order_by(place.row).limit(BATCH)
            rows = session.execute(asked if last is None else asked.where(place.row > last)).tuples().all()
            if not rows:
                break
            yield from _checked(session, place, [(row, bytes(sealed)) for row, sealed in rows])
            last = rows[-1][0]


def _checked(session: Session, place: Place, rows: Sequence[tuple[uuid.UUID, bytes]]) -> Iterator[Faulty | None]:
    seal = seal_of(session)
    seal.ready(sealed for _row, sealed in rows)
    there = keyring_of(session).kept({key_id for _row, sealed in rows if (key_id := key_id_of(sealed)) is not None})
    for row, sealed in rows:
        key_id = key_id_of(sealed)
        try:
            seal.open(sealed, place.table.name, place.name, row)
        except CannotOpen:
            if key_id is None:
                why = "it was changed or moved, or TEXT_KEY is another"
            elif key_id not in there:
                why = "its key is not in the keyring"
            elif not seal.is_ready(sealed):
                why = "its key is wrapped by another TEXT_KEY"
            else:
                why = "it was changed or moved"
            yield Faulty(place, row, why)
        else:
            yield None


def _unadopted(place: Place, after: uuid.UUID | None) -> Select[Any]:
    old = place.column.is_not(None) & (func.substr(place.column, 1, len(MARK)) != MARK)
    plain = place.plain
    asked = select(place.row, place.column, plain if plain is not None else null())
    asked = asked.where(or_(old, plain != "") if plain is not None else old)
    return (asked.where(place.row > after) if after is not None else asked).order_by(place.row)


def _adopt_one(session: Session, place: Place, row: uuid.UUID, sealed: bytes | None, plain: object) -> bool:
    """Seal one text anew, unless somebody else has written it meanwhile; returns whether it is done."""
    seal, table = seal_of(session), place.table
    change = update(table).where(place.row == row)
    values: dict[str, Any] = {}
    if place.plain is not None and plain:
        change, values[place.plain.name] = change.where(place.plain == plain), ""
        if sealed is None:
            values[place.column.name] = seal.seal(str(plain), table.name, place.name, row)
            change = change.where(place.column.is_(None))
    if sealed is not None and not is_marked(bytes(sealed)):
        text = seal.open(bytes(sealed), table.name, place.name, row)
        values[place.column.name] = seal.seal(text, table.name, place.name, row)
        change = change.where(place.column == sealed)
    done = session.connection().execute(change.values(values))
    return bool(done.rowcount)
