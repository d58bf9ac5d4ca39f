"""The waiting line must not grow slow: a line ten times as long may take little more than ten times as long."""

from collections.abc import Iterator
from datetime import UTC, datetime

from supervision.groups import rules
from tests.bench import Figure, shortest_s

NOW = datetime(2026, 11, 2, 8, 0, tzinfo=UTC)


def figures() -> Iterator[Figure]:
    short, long = _line(2_000), _line(20_000)
    one = shortest_s(lambda: _offer(short))
    ten = shortest_s(lambda: _offer(long))
    yield Figure("offer_for_ten_times_the_line", ten / one, "times", 30)


def _offer(line: rules.Line) -> None:
    for _ in range(20):
        rules.promote(line, NOW, None)


def _line(waiting: int) -> rules.Line:
    return rules.Line(7, waiting=tuple(map(str, range(waiting))))
