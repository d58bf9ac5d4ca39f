"""The ballot box of an open campaign: register and ballots, put down anew as a whole at each answer.

Neither place, transaction nor order then tells which ballot came now, or who came now (PRIVACY: evaluations, flow 3).
"""

import random
import uuid
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Delete, Insert, Select, Table, Uuid, case, column, delete, func, insert, literal, select, table
from sqlalchemy.orm import Session

from supervision.evaluations.models import Ballot, RegisterEntry
from supervision.kernel.ids import new_id

REGISTER: Table = RegisterEntry.__table__  # type: ignore[assignment]
BALLOTS: Table = Ballot.__table__  # type: ignore[assignment]


def put(session: Session, campaign_id: uuid.UUID, person_id: uuid.UUID, group_id: uuid.UUID, sealed: bytes) -> None:
    """Tick a person in the register, add a sealed ballot, and write every row of the campaign anew in random order.

    The caller holds the campaign's lock and has found that the person may answer. No row is written twice: a row that
    was put in its old place first would show, until it is overwritten, that it is the new one.
    """
    if session.get_bind().dialect.name == "postgresql":
        _inside(session, campaign_id, person_id, group_id, sealed)
    else:
        _in_memory(session, campaign_id, person_id, group_id, sealed)


def empty(session: Session, campaign_id: uuid.UUID) -> None:
    """Delete register and ballots of a campaign."""
    for box in (REGISTER, BALLOTS):
        session.execute(_emptied(box, campaign_id), execution_options={"synchronize_session": False})


def fill(session: Session, campaign_id: uuid.UUID, seats: Sequence[tuple[uuid.UUID, uuid.UUID]]) -> None:
    """Write the register of a campaign that opens, in random order: `seats` are person and group."""
    rows = [
        {"campaign_id": campaign_id, "person_id": person_id, "group_id": group_id, "done": False}
        for person_id, group_id in seats
    ]
    random.SystemRandom().shuffle(rows)
    session.execute(insert(REGISTER), rows)


def _inside(session: Session, campaign_id: uuid.UUID, person_id: uuid.UUID, group_id: uuid.UUID, sealed: bytes) -> None:
    """Do it with two statements inside PostgreSQL, so that no row travels.

    The rows are sorted by random ids, drawn anew, before the first of them is inserted; PostgreSQL draws them from
    its strong source.
    """
    register = _emptied(REGISTER, campaign_id).returning(*REGISTER.columns).cte("moved")
    ticked = case((register.c.person_id == person_id, True), else_=register.c.done)
    session.execute(_filled(REGISTER, select(*(ticked if one.name == "done" else one for one in register.columns))))
    ballots = _emptied(BALLOTS, campaign_id).returning(*BALLOTS.columns).cte("moved")
    given = {"id": new_id(), "campaign_id": campaign_id, "group_id": group_id, "sealed": sealed}
    own = select(*(literal(given[one.name], one.type).label(one.name) for one in BALLOTS.columns))
    session.execute(_filled(BALLOTS, select(own.union_all(select(ballots)).subquery("every"))))


def _emptied(box: Table, campaign_id: uuid.UUID) -> Delete:
    return delete(box).where(box.c.campaign_id == campaign_id)


def _filled(box: Table, rows: Select[Any]) -> Insert:
    return insert(box).from_select(_names(box), rows.order_by(func.gen_random_uuid()))


def _names(box: Table) -> list[str]:
    return [one.name for one in box.columns]


def _in_memory(
    session: Session, campaign_id: uuid.UUID, person_id: uuid.UUID, group_id: uuid.UUID, sealed: bytes
) -> None:
    """Do it in memory, since SQLite neither inserts what it deletes nor shuffles with a source known to be strong.

    The rows stay as the driver gives them: as words of 32 hexadecimal digits, which is how ids are stored there.
    """
    register = [list(row) for row in _raw_rows(session, REGISTER, campaign_id)]
    who, done = _names(REGISTER).index("person_id"), _names(REGISTER).index("done")
    for row in register:
        row[done] = 1 if row[who] == person_id.hex else row[done]
    given = {"id": new_id().hex, "campaign_id": campaign_id.hex, "group_id": group_id.hex, "sealed": sealed}
    ballots = [*map(list, _raw_rows(session, BALLOTS, campaign_id)), [given[name] for name in _names(BALLOTS)]]
    empty(session, campaign_id)
    _insert_raw(session, REGISTER, register)
    _insert_raw(session, BALLOTS, ballots)


def _bare(box: Table) -> Any:  # noqa: ANN401 - a table whose columns have no types
    return table(box.name, *(column(name) for name in _names(box)))


def _raw_rows(session: Session, box: Table, campaign_id: uuid.UUID) -> Sequence[Any]:
    bare = _bare(box)
    return session.execute(select(bare).where(bare.c.campaign_id == literal(campaign_id, Uuid()))).all()


def _insert_raw(session: Session, box: Table, rows: list[list[Any]]) -> None:
    random.SystemRandom().shuffle(rows)
    connection = session.connection()
    statement = str(insert(_bare(box)).compile(dialect=connection.dialect))
    connection.exec_driver_sql(statement, [tuple(row) for row in rows])
