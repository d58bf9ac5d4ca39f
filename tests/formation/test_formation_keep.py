import random
from dataclasses import replace

from supervision.formation import solver
from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Instance
from supervision.formation.solver import keep
from tests.formation.making import applicant, instance, leader, load


def churned(given_: Instance, seed: int, share: float = 0.05) -> Instance:
    """Return the instance with a share of its people replaced by others with another's times."""
    chance = random.Random(seed)
    gone = set(chance.sample(range(len(given_.people)), round(share * len(given_.people))))
    people = [
        replace(chance.choice(given_.people), id=100_000 + at) if at in gone else one
        for at, one in enumerate(given_.people)
    ]
    ids = {one.id for one in people}
    return replace(given_, people=people, apart=frozenset(pair for pair in given_.apart if ids.issuperset(pair)))


def test_five_in_a_hundred_leave_and_few_others_move() -> None:
    given_ = load("base-500-1")
    before = solver.solve(given_)
    changed = churned(given_, seed=1)
    plan = solver.solve(changed, previous=before)
    fresh = solver.solve(changed)
    assert faults(changed, plan) == []
    assert plan.placed >= fresh.placed
    assert len(plan.moved) <= 0.03 * 500 < len(keep.moved(changed, before, fresh.groups))
    assert set(solver.why_moved(changed, before, plan)) == set(plan.moved)


def test_an_unchanged_pool_moves_nobody() -> None:
    given_ = load("base-30-0")
    before = solver.solve(given_)
    again = solver.solve(given_, previous=before)
    assert again.placed == before.placed
    assert again.moved == ()


def test_a_pinned_group_stays_though_others_could_be_placed_without_it() -> None:
    people = [applicant(number, slots={0: 1, 1: 1} if number < 5 else {1: 1}) for number in range(14)]
    given_ = instance(people, [leader(0, slots=frozenset({0, 1}), max_groups=1)])
    free = solver.solve(given_)
    held = replace(free.groups[0], slot=0, people=(0, 1, 2, 3, 4))
    plan = solver.solve(given_, pinned=[held])
    assert free.placed == 7
    assert plan.groups == (held,)
    assert faults(given_, plan, [held]) == []


def test_a_pinned_group_may_gain_people_and_is_let_go_when_it_cannot_be() -> None:
    people = [applicant(number) for number in range(7)]
    given_ = instance(people, [leader(0)])
    held = solver.solve(given_).groups[0]
    small = replace(held, people=held.people[:5])
    assert solver.solve(given_, pinned=[small]).groups == (held,)
    too_few = replace(given_, people=people[:4])
    assert solver.solve(too_few, pinned=[small]).groups == ()


def test_a_move_has_its_reason() -> None:
    people = [applicant(number, slots={0: 1, 1: 1}) for number in range(5)]
    given_ = instance(people, [leader(0, slots=frozenset({0, 1}))])
    before = solver.solve(given_)
    slot = before.groups[0].slot
    changed = replace(given_, people=[replace(people[0], slots={1 - slot: 1}), *people[1:]])
    plan = solver.solve(changed, previous=before)
    assert plan.placed == 5
    assert solver.why_moved(changed, before, plan) == {0: "cannot_come"} | dict.fromkeys(range(1, 5), "group_closed")
