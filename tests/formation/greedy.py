"""What a careful coordinator does with a spreadsheet: again and again the fullest group that can be opened.

At each step the time, place, language and supervisor with the most people still free make a group of up to seven, those
with the fewest other possibilities first; then who is left goes where a seat is. Nobody is moved afterwards.
"""

from supervision.formation.rules.instance import Instance, Plan
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.table import Open, Table


def careful_greedy(instance: Instance) -> Plan:
    lookup = Lookup(instance)
    table = Table(lookup)
    free = [len(people) for people in lookup.people_at]
    hopeless: set[int] = set()
    while True:
        options = [(count, -at) for at, count in enumerate(free) if count >= table.smallest and at not in hopeless]
        if not options:
            break
        bucket = -max(options)[1]
        leaders = [one for one in lookup.leaders_at[bucket] if table.can_open(one, bucket)]
        leaders.sort(key=lambda one: (lookup.boss[one] is None, len(lookup.buckets_led[one]), one))
        group = next((made for one in leaders if (made := _open(table, one, bucket)) is not None), None)
        if group is None:
            hopeless.add(bucket)
            continue
        for person in group.people:
            for at in lookup.buckets_of[person]:
                free[at] -= 1
    for person in list(table.unplaced):
        seats = [group for at in lookup.buckets_of[person] for group in table.at[at]]
        seat = next((one for one in seats if len(one.people) < table.largest and table.admits(one, person)), None)
        if seat is not None:
            table.move(person, seat)
    return Plan(tuple(table.formed()), bound=len(instance.people))


def _open(table: Table, leader: int, bucket: int) -> Open | None:
    lookup, mark = table.lookup, len(table.log)
    group = table.open(leader, bucket)
    waiting = [one for one in lookup.people_at[bucket] if table.where[one] is None]
    for person in sorted(waiting, key=lambda one: (len(lookup.buckets_of[one]), one)):
        if len(group.people) < table.largest and table.admits(group, person):
            table.move(person, group)
    if len(group.people) < table.smallest:
        table.back_to(mark)
        return None
    return group
