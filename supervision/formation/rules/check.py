"""Whether a plan is sound: every rule looked at anew, from the instance alone and with nothing of the solver's."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from supervision.formation.rules.instance import FormedGroup, Id, Instance, Plan


@dataclass(frozen=True, slots=True)
class Fault:
    """One broken rule: a code, the group by its place in the plan (None: the whole plan), and the people it is about.

    Codes: group_too_small, group_too_large, unknown_person, unknown_supervisor, unknown_slot, seated_twice,
    not_at_your_times, place_too_far, no_shared_language, in_house_supervisor, too_many_of_one_team, kept_apart,
    supervisor_not_free, supervisor_not_there, supervisor_lacks_language, supervisor_twice, supervisor_has_most_groups,
    no_room, pinned_changed.
    """

    code: str
    group: int | None = None
    people: tuple[Id, ...] = ()


def faults(instance: Instance, plan: Plan, pinned: Sequence[FormedGroup] = ()) -> list[Fault]:
    """Return every broken rule; an empty list is a sound plan. Members of pinned groups must still sit there."""
    found: list[Fault] = []
    for number, group in enumerate(plan.groups):
        found.extend(group_faults(instance, group, number))
    found.extend(_twice(plan))
    found.extend(_supervisors(instance, plan))
    found.extend(_rooms(instance, plan))
    now = {group.key: set(group.people) for group in plan.groups}
    gone = [tuple(one for one in group.people if one not in now.get(group.key, ())) for group in pinned]
    return found + [Fault("pinned_changed", None, people) for people in gone if people]


def group_faults(instance: Instance, group: FormedGroup, number: int = 0) -> Iterator[Fault]:
    """Yield what is wrong within one group; the code of each person's fault names the person."""
    if len(group.people) < instance.smallest:
        yield Fault("group_too_small", number, group.people)
    if len(group.people) > instance.largest:
        yield Fault("group_too_large", number, group.people)
    if group.slot not in {slot.id for slot in instance.slots}:
        yield Fault("unknown_slot", number)
    leader = instance.supervisor.get(group.supervisor)
    if leader is None:
        yield Fault("unknown_supervisor", number)
    else:
        if group.slot not in leader.slots:
            yield Fault("supervisor_not_free", number)
        if group.place not in leader.places:
            yield Fault("supervisor_not_there", number)
        if group.language not in leader.languages:
            yield Fault("supervisor_lacks_language", number)
    for person in group.people:
        yield from _person(instance, group, number, person)
    yield from _together(instance, group, number)


def _person(instance: Instance, group: FormedGroup, number: int, person: Id) -> Iterator[Fault]:
    one = instance.person.get(person)
    if one is None:
        yield Fault("unknown_person", number, (person,))
        return
    if group.slot not in one.slots:
        yield Fault("not_at_your_times", number, (person,))
    if group.place not in one.places:
        yield Fault("place_too_far", number, (person,))
    if group.language not in one.languages:
        yield Fault("no_shared_language", number, (person,))
    leader = instance.supervisor.get(group.supervisor)
    if leader is not None and leader.employer is not None and leader.employer == one.employer:
        yield Fault("in_house_supervisor", number, (person,))


def _together(instance: Instance, group: FormedGroup, number: int) -> Iterator[Fault]:
    teams: dict[Id, list[Id]] = {}
    for person in group.people:
        one = instance.person.get(person)
        if one is not None and one.team is not None:
            teams.setdefault(one.team, []).append(person)
    for colleagues in teams.values():
        if len(colleagues) > instance.same_team:
            yield Fault("too_many_of_one_team", number, tuple(colleagues))
    for one_id, other in combinations(group.people, 2):
        if (one_id, other) in instance.apart or (other, one_id) in instance.apart:
            yield Fault("kept_apart", number, (one_id, other))


def _twice(plan: Plan) -> Iterator[Fault]:
    seats = Counter(person for group in plan.groups for person in group.people)
    for person, count in seats.items():
        if count > 1:
            yield Fault("seated_twice", None, (person,))


def _supervisors(instance: Instance, plan: Plan) -> Iterator[Fault]:
    led: Counter[Id] = Counter()
    busy: set[tuple[Id, Id]] = set()
    for number, group in enumerate(plan.groups):
        if (group.supervisor, group.slot) in busy:
            yield Fault("supervisor_twice", number)
        busy.add((group.supervisor, group.slot))
        led[group.supervisor] += 1
        leader = instance.supervisor.get(group.supervisor)
        if leader is not None and led[group.supervisor] == leader.max_groups + 1:
            yield Fault("supervisor_has_most_groups", number)


def _rooms(instance: Instance, plan: Plan) -> Iterator[Fault]:
    used: Counter[tuple[str, Id]] = Counter()
    for number, group in enumerate(plan.groups):
        most = instance.rooms_at(group.place, group.slot)
        used[group.place, group.slot] += 1
        if most is not None and used[group.place, group.slot] > most:
            yield Fault("no_room", number)
