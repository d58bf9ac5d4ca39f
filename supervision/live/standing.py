"""The rounds as they stand, kept in the process: only what is new in a log is read and folded.

Nothing is kept that another process or a rolled-back transaction could make wrong: with the new events the last one
known is read once more, and when it is not the same row, or something was undone, the log is folded from its start.
"""

import uuid
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from threading import Lock
from typing import Any, cast

from sqlalchemy import Connection, Row, Select, Table, and_, bindparam, or_, select
from sqlalchemy.orm import Session

from supervision.live.models import LiveControl, LiveEvent
from supervision.live.rules import EMPTY, Event, RoundState, fold

MOST_KEPT = 2_000  # rounds a process remembers; some 100 kB each
AT_ONCE = 50  # rounds read with one query

# The tables themselves: what is read at each tap and for each screen needs no objects of the session.
_LOG = cast("Table", LiveEvent.__table__).c
_CONTROL = cast("Table", LiveControl.__table__)
_COLUMNS = tuple(
    _LOG[name] for name in ("meeting_id", "id", "seq", "kind", "at", "device_id", "device_event_id", "data")
)

# Made once: a tap asks for one round, and building the statement costs more than running it.
_ONE = (
    select(*_COLUMNS, _CONTROL.c.device_id.label("controlled_by"), _CONTROL.c.since_at)
    .join_from(LiveEvent.__table__, _CONTROL, _CONTROL.c.meeting_id == _LOG.meeting_id, isouter=True)
    .where(_LOG.meeting_id == bindparam("meeting_id"), _LOG.seq >= bindparam("since"))
    .order_by(_LOG.seq)
)


@dataclass(frozen=True, slots=True)
class Control:
    """Which device controls a round, and since when."""

    device_id: str
    since_at: datetime


@dataclass(frozen=True, slots=True)
class Stood:
    """A round up to the event `row_id`, its last one, at `last_at`; an empty log has neither."""

    row_id: uuid.UUID | None
    last_at: datetime | None
    state: RoundState


_kept: OrderedDict[uuid.UUID, Stood] = OrderedDict()
_lock = Lock()


def standing(session: Session, meeting_id: uuid.UUID) -> RoundState:
    """Return the round of a meeting as it stands; one query.

    Its `before` is the last state alone: enough to say what an undo would take back, not to undo. Whoever undoes folds
    the whole log (`queries.state_of`).
    """
    return stood(session, meeting_id).state


def stood(session: Session, meeting_id: uuid.UUID) -> Stood:
    """Return the round of a meeting as it stands, with the instant of its last event; one query."""
    return _stood(session, meeting_id)[0]


def controlled(session: Session, meeting_id: uuid.UUID) -> tuple[Stood, Control | None]:
    """Return the round of a meeting as it stands, and which device controls it; one query.

    A round without a log has no control: both begin together.
    """
    found, rows = _stood(session, meeting_id)
    if not rows or rows[-1].controlled_by is None:
        return found, None
    return found, Control(rows[-1].controlled_by, rows[-1].since_at)


def standings(session: Session, meeting_ids: Sequence[uuid.UUID]) -> Mapping[uuid.UUID, Stood]:
    """Return the rounds of several meetings as they stand; one query for 50."""
    found: dict[uuid.UUID, Stood] = {}
    for start in range(0, len(meeting_ids), AT_ONCE):
        found |= _standings(session, meeting_ids[start : start + AT_ONCE])
    return found


def _stood(session: Session, meeting_id: uuid.UUID) -> tuple[Stood, Sequence[Row[Any]]]:
    with _lock:
        kept = _kept.get(meeting_id)
    rows = _read_one(session, meeting_id, kept.state.last_seq if kept else 0)
    state = _continued(kept, rows)
    if state is None:
        rows = _read_one(session, meeting_id, 0)
        state = _folded(EMPTY, rows)
    return _keep(meeting_id, rows, state), rows


def _standings(session: Session, meeting_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, Stood]:
    with _lock:
        kept = {meeting_id: _kept.get(meeting_id) for meeting_id in meeting_ids}
    rows = _read(session, {key: one.state.last_seq if one else 0 for key, one in kept.items()})
    found, anew = {}, []
    for meeting_id, one in kept.items():
        state = _continued(one, rows[meeting_id])
        if state is None:
            anew.append(meeting_id)
        else:
            found[meeting_id] = _keep(meeting_id, rows[meeting_id], state)
    if anew:
        rows = _read(session, dict.fromkeys(anew, 0))
        found |= {key: _keep(key, rows[key], _folded(EMPTY, rows[key])) for key in anew}
    return found


def _read(session: Session, since: Mapping[uuid.UUID, int]) -> Mapping[uuid.UUID, Sequence[Row[Any]]]:
    if len(since) == 1:
        [(key, seq)] = since.items()
        return {key: _read_one(session, key, seq)}
    asked: dict[str, Any] = {}
    for number, (key, seq) in enumerate(since.items()):
        asked |= {f"meeting_{number}": key, f"since_{number}": seq}
    rows: dict[uuid.UUID, list[Row[Any]]] = {key: [] for key in since}
    for row in _connection(session).execute(_many(len(since)), asked):
        rows[row.meeting_id].append(row)
    return rows


@cache
def _many(count: int) -> Select[Any]:
    wanted = [
        and_(_LOG.meeting_id == bindparam(f"meeting_{number}"), _LOG.seq >= bindparam(f"since_{number}"))
        for number in range(count)
    ]
    return select(*_COLUMNS).where(or_(*wanted)).order_by(_LOG.seq)


def _read_one(session: Session, meeting_id: uuid.UUID, since: int) -> Sequence[Row[Any]]:
    return _connection(session).execute(_ONE, {"meeting_id": meeting_id, "since": since}).all()


def _connection(session: Session) -> Connection:
    session.flush()
    return session.connection()


def _continued(kept: Stood | None, rows: Sequence[Row[Any]]) -> RoundState | None:
    """Return the kept state with the new events, or None where the log has to be folded from its start."""
    if kept is None:
        return _folded(EMPTY, rows)
    if not rows or rows[0].id != kept.row_id or any(row.kind == "undo" for row in rows[1:]):
        return None
    return _folded(kept.state, rows[1:]) if len(rows) > 1 else kept.state


def _folded(state: RoundState, rows: Sequence[Row[Any]]) -> RoundState:
    return fold(
        [Event(row.seq, row.kind, row.at, row.device_id, row.device_event_id, None, row.data) for row in rows], state
    )


def _keep(meeting_id: uuid.UUID, rows: Sequence[Row[Any]], state: RoundState) -> Stood:
    before = state.before
    if before is not None and (before.before is not None or before.seen):
        state = replace(state, before=replace(before, before=None, seen=frozenset()))
    made = Stood(rows[-1].id, rows[-1].at, state) if rows else Stood(None, None, state)
    with _lock:
        if rows:
            _kept[meeting_id] = made
            _kept.move_to_end(meeting_id)
        while len(_kept) > MOST_KEPT:
            _kept.popitem(last=False)
    return made
