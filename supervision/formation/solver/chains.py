"""Ejection chains: someone takes a seat, who sat there takes another, until a seat was free."""

from collections import deque

from supervision.formation.solver.table import NOBODY, Open, Table

GLANCES = 4  # so many people or groups passed over count as one look
ALL = 1_000_000  # groups a chain looks at when it looks everywhere


def insert(table: Table, person: int, most: int = ALL, dead: set[int] | None = None) -> bool:
    """Seat someone by the shortest chain of moves: p takes q's seat, q takes another. False when there is none.

    Gives up after about `most` groups. Every group on the chain changes once, so all rules hold at its end.
    `dead` holds groups that earlier searches saw in vain; what this one sees in vain is added.
    """
    if table.free_seats <= 0:
        return False
    entry: dict[int, tuple[int, Open | None]] = {}
    queue: deque[tuple[int, Open | None]] = deque([(person, None)])
    seen = dead if dead is not None else set()
    buckets_of, at, largest = table.lookup.buckets_of, table.at, table.largest
    while queue and len(entry) <= most:
        mover, source = queue.popleft()
        for bucket in buckets_of[mover]:
            table.looks += len(at[bucket]) // GLANCES
            for group in at[bucket]:
                number = group.number
                if number in seen or number in entry or group is source:
                    continue
                if len(group.people) < largest and table.admits(group, mover):
                    _follow(table, entry, mover, source, group)
                    return True
                leavers = _leavers(table, group, mover)
                if leavers:
                    entry[number] = (mover, source)
                    queue.extend([(one, group) for one in leavers])
    seen.update(entry)
    return False


def _leavers(table: Table, group: Open, mover: int) -> list[int]:
    """Return those in whose stead the mover could sit."""
    lookup = table.lookup
    if group.is_pinned or (group.employer is not None and group.employer == lookup.employer[mover]):
        return []
    people = group.people
    table.looks += len(people)
    apart, team, teams = lookup.apart[mover], lookup.team[mover], lookup.team
    foes = [one for one in people if one in apart] if apart else []
    mates = [one for one in people if teams[one] == team] if team is not None else []
    if len(foes) > 1:
        return []
    if len(mates) >= table.same_team:  # one of them must leave, and it must be enough
        if len(mates) > table.same_team or (foes and foes[0] not in mates):
            return []
        return foes or mates
    return foes or list(people)


def _follow(table: Table, entry: dict[int, tuple[int, Open | None]], mover: int, source: Open | None, to: Open) -> None:
    while True:
        table.move(mover, to)
        if source is None:
            return
        to = source
        mover, source = entry[to.number]


def pull(table: Table, short: Open, most: int = 400) -> bool:
    """Bring one more person into a group, from those unplaced or by a chain from a group that can spare one."""
    entry: dict[int, tuple[int, Open]] = {}  # group -> who leaves it, to where
    queue: deque[tuple[Open, int]] = deque([(short, NOBODY)])
    seen = {short.number}
    while queue:
        group, leaver = queue.popleft()
        found, chain = _givers(table, group, leaver, seen)
        if found is not None:
            _draw(table, entry, found, group)
            return True
        for person, home in chain:
            entry[home.number] = (person, group)
            queue.append((home, person))
        if len(seen) > most:
            return False
    return False


def _givers(table: Table, group: Open, leaver: int, seen: set[int]) -> tuple[int | None, list[tuple[int, Open]]]:
    """Return someone who can come at once (unplaced first), else those who could if their own group got another."""
    table.looks += len(table.lookup.people_at[group.bucket]) // GLANCES
    spare: int | None = None
    chain: list[tuple[int, Open]] = []
    for person in table.lookup.people_at[group.bucket]:
        home = table.where[person]
        if home is None:
            if table.admits(group, person, leaver):
                return person, []
        elif home.number in seen or home.is_pinned or spare is not None:
            continue
        elif len(home.people) > table.smallest:
            if table.admits(group, person, leaver):
                spare = person
        elif table.admits(group, person, leaver):
            chain.append((person, home))
            seen.add(home.number)
    return spare, chain


def _draw(table: Table, entry: dict[int, tuple[int, Open]], person: int, to: Open) -> None:
    while True:
        table.move(person, to)
        if to.number not in entry:
            return
        person, to = entry[to.number]
