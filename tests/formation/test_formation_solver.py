import dataclasses
import random

import pytest
from hypothesis import given, settings

from supervision.formation import solver
from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Instance, Plan
from supervision.formation.solver import solving
from supervision.formation.solver.bound import upper_bound
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.relaxed import relaxed_bound
from tests.formation.brute import most_placed
from tests.formation.making import applicant, instance, instances, leader, load


@given(instances(most_people=9, most_slots=2))
@settings(max_examples=40)
def test_a_small_plan_is_sound_and_as_large_as_can_be(given_: Instance) -> None:
    plan = solver.solve(given_, time_limit_s=10)
    assert faults(given_, plan) == []
    assert plan.placed == most_placed(given_)
    assert plan.is_optimal


@given(instances(most_people=14))
@settings(max_examples=40)
def test_the_search_alone_is_sound_and_below_no_bound(given_: Instance) -> None:
    exact = solver.solve(given_, time_limit_s=10)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(solving, "EXACT_PEOPLE", 0)
        patch.setattr(solving, "PROVEN_PEOPLE", 0)
        patch.setattr(solving, "FIRST_LOOKS", (2_000, 0, 2_000))
        patch.setattr(solving, "MORE_LOOKS", (2_000, 0, 2_000))
        searched = solver.solve(given_, time_limit_s=10)
    assert faults(given_, searched) == []
    assert searched.placed <= exact.placed <= searched.bound


@given(instances(most_people=14))
@settings(max_examples=40)
def test_no_bound_is_too_low(given_: Instance) -> None:
    plan = solver.solve(given_, time_limit_s=10)
    lookup = Lookup(given_)
    flow = upper_bound(lookup)
    relaxed = relaxed_bound(lookup, flow, seconds=10)
    assert relaxed is not None
    assert plan.placed <= relaxed <= flow.most


@given(instances(most_people=14))
@settings(max_examples=40)
def test_a_plan_at_the_flow_s_bound_seats_all_wanted_on_seats_of_their_own(given_: Instance) -> None:
    plan = solver.solve(given_, time_limit_s=10)
    lookup = Lookup(given_)
    flow = upper_bound(lookup)
    seats = {
        lookup.person_of[person]: (lookup.number[group.bucket], given_.supervisor[group.supervisor].employer)
        for person, group in plan.group_of.items()
    }
    lacking = [one for one in flow.wanted if seats.get(one) is None or seats[one] in flow.scarce]
    assert len(lacking) <= flow.most - plan.placed
    assert all(seat in flow.scarce for one, seat in seats.items() if one not in flow.wanted)


def drawn(chance: random.Random, people: int) -> Instance:
    """Return an instance of the files' kind: fortnight slots, three places, two languages, teams within employers."""
    big = load("base-120-1")
    some = chance.sample(list(big.people), people)
    ids = {one.id for one in some}
    return dataclasses.replace(
        big,
        people=some,
        supervisors=chance.sample(list(big.supervisors), 2),
        apart=frozenset(pair for pair in big.apart if ids.issuperset(pair)),
    )


@pytest.mark.parametrize("seed", range(4))
def test_forty_people_are_placed_as_many_as_a_programme_of_its_own_places(seed: int) -> None:
    given_ = drawn(random.Random(seed), 40)
    plan = solver.solve(given_, time_limit_s=20)
    assert faults(given_, plan) == []
    assert plan.placed == by_programme(given_)


def by_programme(given_: Instance) -> int:
    """Return the optimum by a programme that shares nothing with the solver's but HiGHS."""
    import numpy as np
    from scipy.optimize import Bounds, LinearConstraint, milp

    groups = [
        (one, slot, place, language)
        for one in given_.supervisors
        for slot in one.slots
        for place in one.places
        for language in one.languages
    ]
    columns: list[tuple[int, int | None]] = [(at, None) for at in range(len(groups))]
    for at, (one, slot, place, language) in enumerate(groups):
        for number, person in enumerate(given_.people):
            fits = slot in person.slots and place in person.places and language in person.languages
            if fits and (one.employer is None or one.employer != person.employer):
                columns.append((at, number))
    rows: dict[object, dict[int, float]] = {}
    sides: dict[object, tuple[float, float]] = {}

    def add(key: object, column: int, value: float, least: float, most: float) -> None:
        rows.setdefault(key, {})[column] = value
        sides[key] = (least, most)

    ids = {person.id: number for number, person in enumerate(given_.people)}
    for column, (at, number) in enumerate(columns):
        one, slot, place, _language = groups[at]
        if number is None:
            add(("leads", one.id), column, 1, 0, one.max_groups)
            add(("at", one.id, slot), column, 1, 0, 1)
            if given_.rooms[place] is not None:
                add(("room", place, slot), column, 1, 0, given_.rooms[place])
            add(("least", at), column, -given_.smallest, 0, np.inf)
            add(("most", at), column, -given_.largest, -np.inf, 0)
        else:
            person = given_.people[number]
            add(("person", number), column, 1, 0, 1)
            add(("least", at), column, 1, 0, np.inf)
            add(("most", at), column, 1, -np.inf, 0)
            if person.team is not None:
                add(("team", at, person.team), column, 1, 0, given_.same_team)
            for pair in given_.apart:
                if number in {ids[pair[0]], ids[pair[1]]}:
                    add(("apart", at, pair), column, 1, 0, 1)
    matrix = np.zeros((len(rows), len(columns)))
    for at, row in enumerate(rows.values()):
        for column, value in row.items():
            matrix[at, column] = value
    least, most = zip(*sides.values(), strict=True)
    cost = np.array([0.0 if number is None else -1.0 for _at, number in columns])
    found = milp(
        cost,
        constraints=LinearConstraint(matrix, least, most),
        bounds=Bounds(0, 1),
        integrality=np.ones(len(columns)),
        options={"mip_rel_gap": 0},
    )
    return round(-found.fun)


@pytest.mark.parametrize(
    ("name", "most"), [("base-30-0", 25), ("base-30-1", 15), ("base-120-1", 84), ("base-500-1", 492)]
)
def test_the_known_optimum_is_reached_and_proven(name: str, most: int) -> None:
    given_ = load(name)
    plan = solver.solve(given_, time_limit_s=60)
    assert (plan.placed, plan.bound, plan.ended) == (most, most, "bound")
    assert faults(given_, plan) == []


def test_two_runs_with_one_seed_are_equal() -> None:
    given_ = load("base-500-1")
    assert solver.solve(given_, seed=7) == solver.solve(given_, seed=7)


def test_parts_that_share_nothing_are_solved_on_their_own() -> None:
    people = [applicant(number, slots={number // 6: 1}) for number in range(12)]
    leaders = [leader(0), leader(1, slots=frozenset({1}))]
    plan = solver.solve(instance(people, leaders))
    assert [len(group.people) for group in plan.groups] == [6, 6]
    assert plan.is_optimal


def test_nobody_and_nothing_give_an_empty_plan() -> None:
    assert solver.solve(instance([], [])) == Plan((), 0)
    assert solver.solve(instance([applicant(number) for number in range(4)], [leader(0)])).groups == ()


def test_a_stop_keeps_the_best_so_far_and_progress_is_told() -> None:
    given_ = load("base-500-1")
    told: list[solver.Progress] = []
    plan = solver.solve(given_, tell=told.append, stop=lambda: bool(told and told[-1].placed > 300))
    assert plan.ended == "stopped"
    assert faults(given_, plan) == []
    assert plan.placed > 300
    assert told[0].bound == 492
    assert all(0 <= one.share <= 1 for one in told)


def test_wishes_decide_between_plans_that_place_as_many() -> None:
    people = [applicant(number, slots={0: 2, 1: 0}) for number in range(5)]
    plan = solver.solve(instance(people, [leader(0, slots=frozenset({0, 1}))]))
    assert [group.slot for group in plan.groups] == [1]
