"""Least change: those who had a group before stay in it where that costs nobody a place."""

from collections.abc import Iterable, Mapping

from supervision.formation.rules.instance import FormedGroup, Id, Instance, Plan
from supervision.formation.solver.table import Open, Table

CANNOT_COME, GROUP_CLOSED, MADE_ROOM = "cannot_come", "group_closed", "made_room"


def earlier(previous: Plan | None) -> dict[Id, FormedGroup]:
    """Return person id -> their group of the earlier plan."""
    return dict(previous.group_of) if previous is not None else {}


def moved(instance: Instance, previous: Plan | None, groups: Iterable[FormedGroup]) -> tuple[Id, ...]:
    """Return those of the earlier plan, still waiting or placed, who are not in the same group any more."""
    now = {person: group.key for group in groups for person in group.people}
    before = earlier(previous)
    return tuple(
        person.id for person in instance.people if person.id in before and before[person.id].key != now.get(person.id)
    )


def why_moved(instance: Instance, previous: Plan, plan: Plan) -> Mapping[Id, str]:
    """Return for each moved person why: cannot_come, group_closed (it is in the plan no more) or made_room."""
    before = earlier(previous)
    open_now = {group.key for group in plan.groups}
    reasons: dict[Id, str] = {}
    for person_id in plan.moved:
        one, group = instance.person[person_id], before[person_id]
        if group.slot not in one.slots or group.place not in one.places or group.language not in one.languages:
            reasons[person_id] = CANNOT_COME
        elif group.key in open_now:
            reasons[person_id] = MADE_ROOM
        else:
            reasons[person_id] = GROUP_CLOSED
    return reasons


def settle(table: Table, previous: Plan) -> None:
    """Let people go back to their earlier groups where it costs nobody a place."""
    keys = {group.key: number for number, group in enumerate(previous.groups)}
    instance, lookup = table.lookup.instance, table.lookup
    home: dict[int, int] = {}
    for number, group in enumerate(previous.groups):
        for person in group.people:
            if person in lookup.person_of:
                home[lookup.person_of[person]] = number
    there: dict[int, Open] = {}
    for open_group in table.groups.values():
        bucket = lookup.buckets[open_group.bucket]
        key = (instance.supervisors[open_group.supervisor].id, bucket.slot, bucket.place, bucket.language)
        if key in keys:
            there[keys[key]] = open_group
    settled = True
    while settled:
        settled = False
        for person, number in home.items():
            group, now = there.get(number), table.where[person]
            if group is not None and now is not group and group.bucket in lookup.buckets_of[person]:
                settled = _go_back(table, home, there, person) or settled
    table.log.clear()


def _go_back(table: Table, home: Mapping[int, int], there: Mapping[int, Open], person: int) -> bool:
    group, now = there[home[person]], table.where[person]
    if now is not None and now.is_pinned:
        return False
    can_leave = now is None or len(now.people) > table.smallest
    if can_leave and len(group.people) < table.largest and table.admits(group, person):
        table.move(person, group)
        return True
    if group.is_pinned:
        return False
    for other in list(group.people):  # someone who is new there takes the other seat
        if home.get(other) is not None and there.get(home[other]) is group:
            continue
        if now is None or now.bucket not in table.lookup.buckets_of[other]:
            continue
        if table.admits(group, person, other) and table.admits(now, other, person):
            table.move(other, None)
            table.move(person, group)
            table.move(other, now)
            return True
    return False
