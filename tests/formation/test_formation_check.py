"""Each rule is broken once on purpose, and the checker says which."""

from dataclasses import replace

import pytest

from supervision.formation.rules.check import Fault, faults
from supervision.formation.rules.instance import FormedGroup, Instance, Plan
from tests.formation.making import applicant, instance, leader

SEATED = (0, 1, 2, 3, 4)
GROUP = FormedGroup(0, 0, "online", 0, SEATED)


def given_(**changes: object) -> Instance:
    people = [applicant(number, employer=1, team=number // 2) for number in range(14)]
    leaders = [leader(number, places=frozenset({"online", "hall"}), max_groups=1) for number in range(3)]
    return replace(instance(people, leaders), **changes)


def codes(problem: Instance, *groups: FormedGroup) -> list[str]:
    return sorted({fault.code for fault in faults(problem, Plan(groups, 0))})


def with_person(problem: Instance, **changes: object) -> Instance:
    return replace(problem, people=[replace(problem.people[0], **changes), *problem.people[1:]])


def with_leader(problem: Instance, **changes: object) -> Instance:
    return replace(problem, supervisors=[replace(problem.supervisors[0], **changes), *problem.supervisors[1:]])


def test_a_sound_plan_has_no_fault() -> None:
    assert codes(given_(), GROUP) == []


@pytest.mark.parametrize(
    ("group", "code"),
    [
        (replace(GROUP, people=SEATED[:4]), "group_too_small"),
        (replace(GROUP, people=tuple(range(8))), "group_too_large"),
        (replace(GROUP, people=(*SEATED[:4], 99)), "unknown_person"),
        (replace(GROUP, people=(0, 0, 1, 2, 4)), "seated_twice"),
        (replace(GROUP, supervisor=99), "unknown_supervisor"),
        (replace(GROUP, slot=99), "unknown_slot"),
        (replace(GROUP, slot=1), "not_at_your_times"),
        (replace(GROUP, place="hall"), "place_too_far"),
        (replace(GROUP, language=1), "no_shared_language"),
    ],
)
def test_a_fault_of_a_group_is_found(group: FormedGroup, code: str) -> None:
    assert code in codes(given_(), group)


def test_rules_between_people_and_supervisors_are_looked_at() -> None:
    problem = given_()
    assert codes(with_person(problem, team=1), GROUP) == ["too_many_of_one_team"]
    assert codes(replace(problem, apart=frozenset({(3, 1)})), GROUP) == ["kept_apart"]
    assert codes(with_leader(problem, employer=1), GROUP) == ["in_house_supervisor"]
    assert codes(with_leader(problem, slots=frozenset()), GROUP) == ["supervisor_not_free"]
    assert codes(with_leader(problem, places=frozenset()), GROUP) == ["supervisor_not_there"]
    assert codes(with_leader(problem, languages=frozenset()), GROUP) == ["supervisor_lacks_language"]


def test_rules_between_groups_are_looked_at() -> None:
    problem = given_()
    other = replace(GROUP, people=(5, 6, 7, 8, 9))
    assert codes(problem, GROUP, other) == ["supervisor_has_most_groups", "supervisor_twice"]
    there = replace(problem, people=[replace(one, places={"hall": 1.0}) for one in problem.people], rooms={"hall": 1})
    groups = [replace(GROUP, place="hall"), replace(other, place="hall", supervisor=1)]
    assert codes(there, *groups) == ["no_room"]
    assert codes(there, groups[0]) == []


def test_a_pinned_group_keeps_its_people() -> None:
    more = replace(GROUP, people=(*SEATED, 5))
    assert faults(given_(), Plan((more,), 0), pinned=[GROUP]) == []
    assert faults(given_(), Plan((GROUP,), 0), pinned=[more]) == [Fault("pinned_changed", None, (5,))]
