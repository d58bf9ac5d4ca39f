from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.factors import rules

# RFC 6238, appendix B: the secret "12345678901234567890", SHA-1; the last six of the eight digits given there.
SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("seconds", "digits"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"), (2000000000, "279037")],
)
def test_the_passwords_are_those_of_the_rfc(seconds: int, digits: str) -> None:
    assert rules.password_of(SECRET, rules.step_of(datetime.fromtimestamp(seconds, UTC))) == digits


@given(st.integers(1_600_000_000, 2_800_000_000), st.integers(-4, 4))
def test_one_step_either_way_is_taken(seconds: int, away: int) -> None:
    at = datetime.fromtimestamp(seconds, UTC)
    typed = rules.password_of(SECRET, rules.step_of(at) + away)
    near = {rules.password_of(SECRET, rules.step_of(at) + step) for step in (-1, 0, 1)}
    assert (rules.matching_step(SECRET, typed, at) is not None) == (typed in near)


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "12345a", "１２３４５６", "-12345", "٣٤٥٦٧٨"])
def test_what_is_no_password_is_none(typed: str) -> None:
    assert rules.matching_step(SECRET, typed, datetime(2026, 11, 24, tzinfo=UTC)) is None


def test_blanks_are_no_matter() -> None:
    at = datetime(2026, 11, 24, tzinfo=UTC)
    typed = rules.password_of(SECRET, rules.step_of(at))
    assert rules.matching_step(SECRET, f" {typed[:3]} {typed[3:]}", at + timedelta(seconds=1)) == rules.step_of(at)


def test_recovery_codes_are_ten_and_read_with_or_without_hyphens() -> None:
    codes = rules.new_recovery_codes()
    assert len(set(codes)) == 10
    for code in codes:
        assert rules.tidy_recovery_code(code.upper().replace("-", " ")) == rules.tidy_recovery_code(code)
        assert len(rules.tidy_recovery_code(code)) == 16
