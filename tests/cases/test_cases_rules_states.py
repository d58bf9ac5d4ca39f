from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.cases.rules import states
from supervision.cases.rules.states import CaseState, Reader
from supervision.kernel.errors import RuleBroken

MEETS_ON = date(2026, 11, 24)


def test_the_usual_way():
    state = CaseState.DRAFT
    for action in ("offer", "choose", "postpone", "choose", "present", "purge"):
        state = states.next_state(state, action)
    assert state is CaseState.PURGED


@pytest.mark.parametrize("state", [CaseState.OFFERED, CaseState.CHOSEN])
def test_withdrawn_is_the_authors_again(state):
    withdrawn = states.next_state(state, "withdraw")
    assert states.readers(withdrawn, MEETS_ON, MEETS_ON) == {Reader.AUTHOR}
    assert states.next_state(withdrawn, "offer") is CaseState.OFFERED


@pytest.mark.parametrize("state", [CaseState.PRESENTED, CaseState.PURGED])
def test_too_late_to_withdraw(state):
    with pytest.raises(RuleBroken, match="case_state"):
        states.next_state(state, "withdraw")
    assert not states.can_edit(state)


@given(st.sampled_from(CaseState), st.sampled_from(["offer", "withdraw", "choose", "postpone", "present", "purge"]))
def test_only_chosen_is_presented_and_purged_is_the_end(state, action):
    try:
        after = states.next_state(state, action)
    except RuleBroken:
        return
    assert state is not CaseState.PURGED
    assert (after is CaseState.PRESENTED) <= (state is CaseState.CHOSEN)


@given(st.sampled_from(CaseState), st.integers(-30, 30))
def test_readers(state, days):
    seen = states.readers(state, MEETS_ON, MEETS_ON + timedelta(days=days))
    assert (Reader.AUTHOR in seen) == (state is not CaseState.PURGED)
    assert (Reader.SUPERVISOR in seen) == (state not in {CaseState.DRAFT, CaseState.WITHDRAWN, CaseState.PURGED})
    is_read_by_group = state in {CaseState.CHOSEN, CaseState.PRESENTED} or (
        state is CaseState.OFFERED and -3 <= days <= 0
    )
    assert (Reader.GROUP in seen) == is_read_by_group


def test_the_group_reads_from_saturday_before_a_tuesday():
    assert states.group_reads_on(MEETS_ON) == date(2026, 11, 21)
    assert Reader.GROUP not in states.readers(CaseState.OFFERED, None, MEETS_ON)


def test_purge_day():
    assert states.purge_on(MEETS_ON) == date(2026, 12, 8)
    assert states.purge_on(MEETS_ON, 0) == MEETS_ON
    for days in (-1, 31):
        with pytest.raises(RuleBroken, match="purge_days_out_of_range"):
            states.purge_on(MEETS_ON, days)
