from dataclasses import replace

from hypothesis import given, settings

from supervision.formation import solver
from supervision.formation.rules.instance import Instance, Plan
from supervision.formation.solver import Help
from tests.formation.making import applicant, instance, instances, leader, load


def reason(given_: Instance, person: int) -> tuple[str, int]:
    found = {one.id: one for one in solver.reasons(given_, solver.solve(given_))}
    return found[person].reason, found[person].count


def five(**changes: object) -> list:
    return [applicant(number, **changes) for number in range(5)]


def test_each_reason_is_the_true_one() -> None:
    here, late = [leader(0)], {"slots": {2: 1}}
    assert reason(instance([applicant(0, slots={})], here), 0) == ("no_times", 0)
    assert reason(instance([applicant(0, **late)], here), 0) == ("no_supervisor_at_your_times", 0)
    assert reason(instance(five(employer=1), [leader(0, employer=1)]), 0) == ("only_inhouse", 0)
    assert reason(instance(five()[:3], here), 0) == ("too_few_at_your_times", 2)
    pairs = frozenset({(0, 1)})
    assert reason(instance(five(), here, apart=pairs), 0) == ("kept_apart", 3)
    assert reason(instance(five(), [leader(0, places=frozenset({"online"}))], rooms={"online": 0}), 0) == ("no_room", 0)
    many = instance([applicant(number) for number in range(8)], [leader(0, max_groups=1)])
    assert [one.reason for one in solver.reasons(*solved(many))] == ["all_groups_taken"]


def test_one_more_time_one_more_person_or_a_supervisor_would_do() -> None:
    with_late = [*five(), applicant(9, slots={2: 1})]
    (late,) = solver.reasons(*solved(instance(with_late, [leader(0)])))
    assert late.would_help == Help("time", 0, "online", 0)
    unplaced = solver.reasons(*solved(instance(five()[:4], [leader(0)])))
    assert {one.would_help for one in unplaced} == {Help("person", 0, "online", 0)}
    without = solver.reasons(*solved(instance(five(), [leader(0, slots=frozenset())])))
    assert {one.would_help for one in without} == {Help("supervisor", 0, "online", 0)}


def solved(given_: Instance) -> tuple[Instance, Plan]:
    return given_, solver.solve(given_)


@given(instances(most_people=12))
@settings(max_examples=30)
def test_one_more_time_that_is_said_to_help_does(given_: Instance) -> None:
    plan = solver.solve(given_, time_limit_s=10)
    for one in solver.reasons(given_, plan):
        if one.would_help is not None and one.would_help.kind == "time":
            people = [
                replace(person, slots={**person.slots, one.would_help.slot: 1}) if person.id == one.id else person
                for person in given_.people
            ]
            assert solver.solve(replace(given_, people=people), time_limit_s=10).placed > plan.placed


def test_everyone_without_a_group_is_told_why() -> None:
    given_ = load("base-30-0")
    plan = solver.solve(given_)
    found = solver.reasons(given_, plan)
    assert {one.id for one in found} == {person.id for person in given_.people} - set(plan.group_of)
    assert any(one.would_help for one in found)
