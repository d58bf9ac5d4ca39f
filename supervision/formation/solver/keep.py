"""Least change: those who had a group before stay in it where that costs nobody a place."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from supervision.formation.rules.instance import FormedGroup, Id, Instance, Plan
from supervision.formation.solver.table import Open, Table

Key = tuple[Id, Id, str, Id]  # a group's: supervisor, slot, place, language
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


@dataclass(slots=True)
class Settling:
    """Lets people go back to their earlier groups where it costs nobody a place."""

    table: Table
    previous: Plan
    home: dict[int, Key] = field(default_factory=dict)  # person -> their earlier group
    there: dict[Key, Open] = field(default_factory=dict)  # those of them that are open now

    def run(self) -> None:
        """Go on until nobody more can go back."""
        lookup = self.table.lookup
        for group in self.previous.groups:
            self.home |= {lookup.person_of[one]: group.key for one in group.people if one in lookup.person_of}
        for one in self.table.groups.values():
            self.there[self._key(one)] = one
        while sum(self._go_back(person) for person in self.home):
            pass
        self.table.log.clear()

    def _key(self, group: Open) -> Key:
        lookup = self.table.lookup
        bucket = lookup.buckets[group.bucket]
        return lookup.instance.supervisors[group.supervisor].id, bucket.slot, bucket.place, bucket.language

    def _go_back(self, person: int) -> bool:
        table = self.table
        group, now = self.there.get(self.home[person]), table.where[person]
        if group is None or now is group or group.bucket not in table.lookup.buckets_of[person]:
            return False
        if now is not None and now.is_pinned:
            return False
        can_leave = now is None or len(now.people) > table.smallest
        if can_leave and len(group.people) < table.largest and table.admits(group, person):
            table.move(person, group)
            return True
        return now is not None and not group.is_pinned and self._change_seats(person, now, group)

    def _change_seats(self, person: int, now: Open, group: Open) -> bool:
        """Let someone who is new in the group take the person's seat."""
        table = self.table
        for other in list(group.people):
            if self.home.get(other) == self.home[person] or now.bucket not in table.lookup.buckets_of[other]:
                continue
            if table.admits(group, person, other) and table.admits(now, other, person):
                table.move(other, None)
                table.move(person, group)
                table.move(other, now)
                return True
        return False
