from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cover.rules import STEPS, Status, can_ask, is_reminded, next_status, remind_not_before
from supervision.kernel.errors import RuleBroken

START = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
minutes = st.integers(-60 * 24 * 10, 60 * 24 * 2).map(lambda m: START + timedelta(minutes=m))


@given(st.sampled_from(list(Status)), st.sampled_from(["arrange", "decline", "withdraw", "end"]))
def test_only_declared_steps_are_taken(status, action) -> None:
    if (status, action) in STEPS:
        assert next_status(status, action) is STEPS[status, action]
    else:
        with pytest.raises(RuleBroken, match="cover_status"):
            next_status(status, action)


def test_what_is_withdrawn_or_ended_stays_so() -> None:
    assert not [step for step in STEPS if step[0] in {Status.WITHDRAWN, Status.ENDED}]


@given(minutes, minutes, st.sampled_from(list(Status)))
def test_a_reminder_comes_within_two_days_of_an_open_request_only(asked_at, now, status) -> None:
    reminded = is_reminded(status, asked_at, START, now)
    two_days_before = START - timedelta(days=2)
    assert reminded == (status is Status.OPEN and asked_at < two_days_before <= now < START)


@given(minutes, minutes)
def test_a_reminder_never_waits_until_the_time_has_begun(now, quiet) -> None:
    at = remind_not_before(now, START, quiet)
    assert at == now or at == quiet < START


def test_cover_is_asked_for_before_a_planned_date() -> None:
    before = START - timedelta(minutes=1)
    assert can_ask("planned", START, before)
    assert not can_ask("planned", START, START)
    assert not any(can_ask(status, START, before) for status in ("live", "held", "cancelled"))
