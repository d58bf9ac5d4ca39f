"""What a device sends of a round and gets back, as JSON: taps with their ages, rows of the log."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from supervision.kernel.errors import RuleBroken
from supervision.live.rules import Event
from supervision.live.services import Sent

ID = re.compile(r"[A-Za-z0-9_.:-]{1,64}")  # the log's column has room for 64
NUMBERS = ("case_no", "from", "phase", "floor_s")  # all that a command carries besides a person
MOST_EVENTS = 500  # in one request; a device with more waiting sends them in turns
MOST_NO = 2**31 - 1
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOST_MS = 253_402_300_799_000  # the end of the year 9999


def read(body: object) -> tuple[int, list[Sent]]:
    """Return the last seq the device has, and its taps in the order it sent them (`command_incomplete`).

    The body is `{sent_at, after, events: [{id, kind, person_id, data, at, no}]}`; `sent_at` and `at` are milliseconds
    by the device's own clock, of which only the difference counts.
    """
    if not isinstance(body, dict) or not isinstance(body.get("events"), list) or len(body["events"]) > MOST_EVENTS:
        raise RuleBroken("command_incomplete")
    sent_at = _number(body.get("sent_at"))
    after = body.get("after")
    if sent_at is None or not _is_count(after):
        raise RuleBroken("command_incomplete")
    return int(str(after)), [_tap(one, sent_at) for one in body["events"]]


def _tap(one: object, sent_at: float) -> Sent:
    if not isinstance(one, dict):
        raise RuleBroken("command_incomplete")
    event_id, kind, at = one.get("id"), one.get("kind"), _number(one.get("at"))
    person_id, data, no = one.get("person_id"), one.get("data") or {}, one.get("no")
    is_whole = (
        isinstance(event_id, str)
        and ID.fullmatch(event_id)
        and isinstance(kind, str)
        and at is not None
        and (person_id is None or isinstance(person_id, str))
        and isinstance(data, dict)
        and (no is None or _is_count(no))
    )
    if not is_whole or at is None:
        raise RuleBroken("command_incomplete")
    numbers = {name: data[name] for name in NUMBERS if _number(data.get(name)) is not None}
    return Sent(str(event_id), str(kind), sent_at - at, person_id, numbers, _instant(at), no)


def _number(value: object) -> float | None:
    if not isinstance(value, int | float) or isinstance(value, bool):
        return None
    return float(value) if abs(value) <= MOST_MS else None  # NaN is not


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_NO


def _instant(ms: float) -> datetime | None:
    return EPOCH + timedelta(milliseconds=ms) if 0 <= ms <= MOST_MS else None


def rows(log: Iterable[Event], after: int = 0) -> list[dict[str, Any]]:
    """Return the log's events with a seq over `after` as the device's engine reads them; instants in ISO 8601."""
    return [_row(event) for event in log if event.seq > after]


def _row(event: Event) -> dict[str, Any]:
    data: Mapping[str, Any] = event.data
    return event.to_data() | {"person_id": event.command.person_id, "data": dict(data)}
