from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.formats.catalogue import formats
from supervision.formats.rules import (
    BLOCKS,
    LANGUAGES,
    LENGTH_S,
    MODES,
    Format,
    check_format,
    expand,
    moved,
    names_in,
)
from supervision.kernel.errors import RuleBroken

KEYS = sorted(formats())


def test_there_are_thirteen_formats():
    assert len(KEYS) == 13


@pytest.mark.parametrize("key", KEYS)
def test_every_format_sums_to_ninety_minutes(key):
    chosen = formats()[key]
    assert chosen.total_min == 90
    check_format(chosen)


@pytest.mark.parametrize("key", KEYS)
def test_every_phase_has_a_known_mode_three_names_and_a_possible_minimum(key):
    chosen = formats()[key]
    for phase in chosen.opening + chosen.case + chosen.closing:
        assert phase.mode in MODES
        assert all(phase.name[language] for language in LANGUAGES)
        assert 0 < phase.min_s <= phase.planned_s


@given(st.sampled_from(KEYS), st.data())
def test_the_sum_stays_whatever_is_wished(key, data):
    chosen = formats()[key]
    wishes = tuple(data.draw(st.booleans()) for _ in range(chosen.cases))
    phases = expand(chosen, wishes)
    assert sum(phase.planned_s for phase in phases) == LENGTH_S
    assert [phase.case_no for phase in phases if phase.case_no] == sorted(
        phase.case_no for phase in phases if phase.case_no
    )


def test_unwished_advice_gives_its_minutes_to_the_next_phase():
    phases = expand(formats()["classic_two"], (False, True))
    first = {phase.key: phase.planned_s for phase in phases if phase.case_no == 1}
    second = {phase.key: phase.planned_s for phase in phases if phase.case_no == 2}
    assert "advise" not in first
    assert first["finish"] == 8 * 60
    assert second["advise"] == second["finish"] == 4 * 60


def test_a_wished_phase_at_the_end_gives_its_minutes_to_the_one_before():
    chosen = formats()["classic_two"]
    case = (*chosen.case[:-1], replace(chosen.case[-1], if_wished=True))
    phases = expand(replace(chosen, case=case), (False, False))
    assert sum(phase.planned_s for phase in phases) == LENGTH_S
    assert [phase.key for phase in phases if phase.case_no == 1] == ["present", "ask", "reflect"]


def test_a_format_comes_back_from_its_data():
    for chosen in formats().values():
        assert Format.from_data(chosen.to_data()) == chosen


def changed(**changes):
    chosen = formats()["classic_two"]
    return replace(chosen, opening=(replace(chosen.opening[0], **changes), *chosen.opening[1:]))


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        (changed(planned_s=240), "format_sum_wrong"),
        (changed(min_s=240), "format_minimum_too_long"),
        (changed(mode="X"), "format_mode_unknown"),
        (changed(planned_s=0, min_s=0), "format_phase_too_short"),
        (changed(name={"sv": "Inramning", "en": "Opening"}), "format_name_missing"),
        (replace(formats()["classic_two"], cases=0), "format_without_case"),
        (replace(formats()["classic_two"], case=()), "format_without_case"),
    ],
)
def test_a_format_that_cannot_be_run_is_refused(broken, code):
    with pytest.raises(RuleBroken) as refusal:
        check_format(broken)
    assert refusal.value.code == code


def test_wishes_must_match_the_cases():
    with pytest.raises(RuleBroken) as refusal:
        expand(formats()["classic_two"], (True,))
    assert refusal.value.code == "wishes_do_not_match_cases"


def test_the_shortest_a_format_can_be():
    chosen = formats()["classic_two"]
    assert chosen.least_s == sum(phase.min_s for phase in expand(chosen, (True, True)))


PLACES = st.tuples(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))


@given(PLACES, st.data())
def test_a_move_keeps_every_phase_and_a_move_back_undoes_it(counts, data):
    blocks = [block for block, count in zip(BLOCKS, counts, strict=True) for _ in range(count)]
    index = data.draw(st.integers(0, len(blocks) - 1))
    step = data.draw(st.sampled_from([-1, 1]))
    order, after = moved(blocks, index, step)
    assert sorted(order) == list(range(len(blocks)))
    assert after == sorted(after, key=BLOCKS.index)
    at = order.index(index)
    if (order, after) != (list(range(len(blocks))), blocks):
        again, back = moved(after, at, -step)
        assert ([order[place] for place in again], back) == (list(range(len(blocks))), blocks)


def test_names_fall_back_to_the_one_that_was_typed():
    known = [{"sv": "Incheckning", "da": "Tjek ind", "en": "Check-in"}]
    assert names_in("Incheckning", "sv", known) == known[0]
    assert names_in("Tjek ind", "sv", known) == {"sv": "Tjek ind", "da": "Tjek ind", "en": "Tjek ind"}
