import smtplib
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.kernel.walltime import to_wall
from supervision.outbox.rules import backoff, quiet_until
from supervision.outbox.tasks import kind_of

STOCKHOLM = "Europe/Stockholm"


@given(st.integers(-5, 10**6))
def test_waits_grow_and_are_bounded(attempt):
    assert timedelta(minutes=1) <= backoff(attempt) <= backoff(attempt + 1) <= timedelta(hours=6)


def test_first_waits():
    assert [backoff(n) for n in (1, 2, 3)] == [timedelta(minutes=n) for n in (1, 2, 4)]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_quiet_hours_end_at_seven(now):
    until = quiet_until(now, STOCKHOLM)
    wall = to_wall(now, STOCKHOLM)
    assert (until is None) == (7 <= wall.hour < 20)
    if until is not None:
        assert to_wall(until, STOCKHOLM).time() == time(7)
        assert now < until <= now + timedelta(hours=12)
        assert quiet_until(until, STOCKHOLM) is None


def test_edges_of_the_quiet_hours():
    evening = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # 20:00 in Stockholm
    assert quiet_until(evening - timedelta(seconds=1), STOCKHOLM) is None
    assert quiet_until(evening, STOCKHOLM) == datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        (smtplib.SMTPRecipientsRefused({"leyla@example.se": (550, b"no leyla@example.se here")}), "550"),
        (smtplib.SMTPSenderRefused(451, b"leyla@example.se", "leyla@example.se"), "451"),
        (smtplib.SMTPDataError(554, b"leyla@example.se looks like spam"), "554"),
        (ConnectionRefusedError(111, "leyla@example.se"), "111"),
        (ValueError("leyla@example.se"), "ValueError"),
    ],
)
def test_the_log_tells_the_servers_code_and_never_the_address(fault, told) -> None:
    assert told in kind_of(fault)
    assert "leyla" not in kind_of(fault)
