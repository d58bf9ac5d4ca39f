import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.factors import passkey_rules as rules
from supervision.factors.passkey_rules import Party
from supervision.kernel.errors import RuleBroken


@pytest.mark.parametrize(
    ("address", "party", "can"),
    [
        ("https://rundan.example.org", Party("rundan.example.org", "https://rundan.example.org"), True),
        ("https://rundan.example.org:443/", Party("rundan.example.org", "https://rundan.example.org"), True),
        ("https://rundan.example.org:8443", Party("rundan.example.org", "https://rundan.example.org:8443"), True),
        ("http://rundan.example.org", Party("rundan.example.org", "http://rundan.example.org"), False),
        ("http://localhost:8000/", Party("localhost", "http://localhost:8000"), True),
        ("http://127.0.0.1:8000/", Party("127.0.0.1", "http://127.0.0.1:8000"), False),
        ("http://[::1]:8000/", Party("::1", "http://[::1]:8000"), False),
    ],
)
def test_whom_a_passkey_belongs_to(address: str, party: Party, can: bool) -> None:
    assert rules.party_of(address) == party
    assert party.can_have_passkeys == can


@given(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1))
def test_a_count_that_does_not_grow_is_refused_unless_both_are_nought(known: int, told: int) -> None:
    fits = told > known or known == told == 0
    if fits:
        rules.check_count(known=known, told=told)
        return
    with pytest.raises(RuleBroken, match="passkey_copied"):
        rules.check_count(known=known, told=told)


@pytest.mark.parametrize(
    ("passkeys", "has_authenticator", "has_password", "code"),
    [
        (1, False, True, "last_factor"),
        (1, True, True, None),
        (2, False, True, None),
        (1, False, False, "last_key"),
        (1, True, False, "last_key"),
        (2, False, False, None),
    ],
)
def test_the_last_way_in_and_the_last_factor_stay(
    passkeys: int, has_authenticator: bool, has_password: bool, code: str | None
) -> None:
    held = {"passkeys": passkeys, "has_authenticator": has_authenticator, "has_password": has_password}
    if code is None:
        rules.check_removal(**held)
        return
    with pytest.raises(RuleBroken, match=code):
        rules.check_removal(**held)
