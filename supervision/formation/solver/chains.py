"""Ejection chains: someone takes a seat, who sat there takes another, until a seat was free."""

from collections import deque

from supervision.formation.solver.table import NOBODY, Open, Table

GLANCES = 4  # so many people passed over count as one look
ALL = 1_000_000  # groups a chain looks at when it looks everywhere


def insert(table: Table, person: int, most: int = ALL, dead: set[int] | None = None) -> bool:
    """Seat someone by the shortest chain of moves: p takes q's seat, q takes another. False when there is none.

    Looks at no more than `most` groups. Every group on the chain changes once, so all rules hold at its end.
    `dead` holds groups that earlier searches saw in vain; what this one sees in vain is added.
    """
    if table.free_seats <= 0:
        return False
    entry: dict[int, tuple[int, Open | None]] = {}
    queue: deque[tuple[int, Open | None]] = deque([(person, None)])
    seen = dead if dead is not None else set()
    while queue and len(entry) <= most:
        mover, source = queue.popleft()
        for group in (one for bucket in table.lookup.buckets_of[mover] for one in table.at[bucket]):
            if group.number in entry or group is source or group.number in seen:
                continue
            if len(group.people) < table.largest and table.admits(group, mover):
                _follow(table, entry, mover, source, group)
                return True
            leavers = _leavers(table, group, mover)
            if leavers:
                entry[group.number] = (mover, source)
                if len(entry) > most:
                    break
                queue.extend((one, group) for one in leavers)
    seen.update(entry)
    return False


def _leavers(table: Table, group: Open, mover: int) -> list[int]:
    """Return those in whose stead the mover could sit."""
    if group.is_pinned or (group.employer is not None and group.employer == table.lookup.employer[mover]):
        return []
    return [one for one in group.people if table.admits(group, mover, one)]


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
