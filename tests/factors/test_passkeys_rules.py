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
    ("passkeys", "has_authenticator", "may"), [(1, False, False), (1, True, True), (2, False, True)]
)
def test_the_last_factor_stays(passkeys: int, has_authenticator: bool, may: bool) -> None:
    if may:
        rules.check_removal(passkeys=passkeys, has_authenticator=has_authenticator)
        return
    with pytest.raises(RuleBroken, match="last_factor"):
        rules.check_removal(passkeys=passkeys, has_authenticator=has_authenticator)
