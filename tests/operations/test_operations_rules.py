"""What of the state needs the operator, and in which order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from supervision.operations import rules
from supervision.operations.rules import AuditState, Jobs, KeyState, MailState, State, Sweep

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
WELL = State("sqlite", "0003", "0003", Jobs(NOW - timedelta(days=1), NOW, (Sweep("purge", 3600, finished_at=NOW),)))


def codes(state: State, now: datetime = NOW) -> list[str]:
    return [one.code for one in rules.troubles(state, now)]


def test_nothing_is_said_when_all_is_well() -> None:
    assert codes(WELL) == []
    assert rules.is_well([])


def test_of_tables_of_another_release_only_that_is_said() -> None:
    assert codes(replace(WELL, revision="0002", keys=KeyState(unknown=3))) == ["tables_behind"]
    assert codes(State(rules.UNREACHABLE, "", "0003")) == ["database_unreachable"]


def test_a_jobs_process_is_silent_after_two_minutes_and_no_later() -> None:
    assert codes(WELL, NOW + rules.SILENT_AFTER) == []
    assert codes(WELL, NOW + rules.SILENT_AFTER + timedelta(seconds=1)) == ["jobs_silent"]
    assert codes(replace(WELL, jobs=Jobs())) == ["jobs_never"]


def test_a_sweep_that_failed_is_told_until_it_comes_to_its_end() -> None:
    failed = Sweep("purge", 3600, NOW, NOW - timedelta(hours=1), NOW, "OSError")
    assert codes(replace(WELL, jobs=replace(WELL.jobs, sweeps=(failed,)))) == ["sweep_failed"]
    mended = replace(failed, finished_at=NOW)
    assert codes(replace(WELL, jobs=replace(WELL.jobs, sweeps=(mended,)))) == []


def test_a_sweep_is_late_after_three_periods_and_ten_minutes_but_not_right_after_a_start() -> None:
    old = Sweep("purge", 60, finished_at=NOW - timedelta(days=3))
    jobs = Jobs(NOW - timedelta(minutes=13), NOW, (old,))
    assert codes(replace(WELL, jobs=jobs)) == []
    assert codes(replace(WELL, jobs=replace(jobs, leads_since_at=NOW - timedelta(minutes=14)))) == ["sweep_late"]


def test_mail_waits_only_when_it_should_have_gone() -> None:
    def since(minutes: int) -> State:
        return replace(WELL, mail=MailState(waiting=4, oldest_at=NOW - timedelta(minutes=minutes)))

    assert codes(since(15)) == []
    assert codes(since(16)) == ["mail_waits"]


def test_what_goes_over_by_itself_is_told_and_all_is_well_all_the_same() -> None:
    found = rules.troubles(replace(WELL, keys=KeyState(9, previous=4), mail=MailState(refused=1)), NOW)
    assert [one.code for one in found] == ["mail_refused", "keys_rotating"]
    assert rules.is_well(found)
    assert not rules.is_well(rules.troubles(replace(WELL, keys=KeyState(9, unknown=1)), NOW))


@given(
    st.builds(KeyState, *[st.integers(0, 2)] * 4),
    st.builds(AuditState, st.just(""), st.integers(0, 2), st.booleans()),
    st.builds(MailState, st.integers(0, 2), st.none() | st.just(NOW - timedelta(hours=1)), *[st.integers(0, 2)] * 2),
)
def test_the_worst_comes_first_and_every_code_has_its_place(keys: KeyState, audit: AuditState, mail: MailState) -> None:
    found = codes(replace(WELL, keys=keys, audit=audit, mail=mail))
    assert [rules.ORDER.index(code) for code in found] == sorted(rules.ORDER.index(code) for code in found)
