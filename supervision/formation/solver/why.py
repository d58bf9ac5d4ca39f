"""Why someone is not placed, and the smallest change that would place them, tried out on the plan.

A change is told only when it was done: the person was seated by it, by a chain of moves or in a new group, nobody lost
a place, and the checker found no fault in the plan that came of it.
"""

from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from itertools import count

from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Applicant, Bucket, FormedGroup, Id, Instance, Leader, Plan
from supervision.formation.solver.chains import insert, pull
from supervision.formation.solver.lookup import Lookup
from supervision.formation.solver.table import Table

NO_TIMES, NO_SUPERVISOR, ONLY_INHOUSE = "no_times", "no_supervisor_at_your_times", "only_inhouse"
TOO_FEW, KEPT_APART, NO_ROOM = "too_few_at_your_times", "kept_apart", "no_room"
ALL_GROUPS_TAKEN, OTHERS_WOULD_LOSE = "all_groups_taken", "others_would_lose_theirs"


@dataclass(frozen=True, slots=True)
class Help:
    """A change that would place someone, and the bucket that then would be theirs.

    Kinds:
    "time", "place", "language": one more of these; "person": one more person there then; "supervisor": one more, of
    nobody's employer, there then; "apart": without the wishes that keep them apart from others.
    """

    kind: str
    slot: Id
    place: str
    language: Id


@dataclass(frozen=True, slots=True)
class Unplaced:
    """Someone without a group: why, how many others at most could come to one of their times, what would place them.

    Reasons: no_times (no time, place or language given), no_supervisor_at_your_times, only_inhouse (each supervisor
    then is of their own employer), no_room (no room then at all, or all in use), too_few_at_your_times (with `count`
    others at most), kept_apart (enough but for those kept apart), all_groups_taken (each supervisor then has a group at
    the time or as many as they lead), others_would_lose_theirs (a seat for them costs someone else's, as far as found).
    """

    id: Id
    reason: str
    count: int
    would_help: Help | None


def reasons(instance: Instance, plan: Plan) -> list[Unplaced]:
    """Return every person without a group, in the order of the instance."""
    adviser = _Adviser(instance, plan)
    placed = plan.group_of
    found = []
    for at, person in enumerate(instance.people):
        if person.id not in placed:
            found.append(Unplaced(person.id, *adviser.reason(person), adviser.help(at)))
    return found


class _Adviser:
    """The plan on a table that also knows one more supervisor and one more person, who could come at any time."""

    def __init__(self, instance: Instance, plan: Plan) -> None:
        self.instance = instance
        everything = frozenset(slot.id for slot in instance.slots)
        places = sorted({place for person in instance.people for place in person.places} | set(instance.rooms))
        languages = sorted({one for person in instance.people for one in person.languages}, key=str)
        self.extra_leader = Leader(
            _new_id(instance.supervisor), None, everything, frozenset(places), frozenset(languages), 1
        )
        self.extra_person = Applicant(
            _new_id(instance.person),
            None,
            None,
            tuple(languages),
            dict.fromkeys(everything, 1),
            dict.fromkeys(places, 0.0),
        )
        self.wide = replace(
            instance,
            people=[*instance.people, self.extra_person],
            supervisors=[*instance.supervisors, self.extra_leader],
        )
        # Buckets stay in where one person more would make them hopeful.
        self.lookup = lookup = Lookup(replace(self.wide, smallest=max(1, instance.smallest - 1)))
        self.extra = len(instance.people)
        self.new_leader = len(instance.supervisors)
        for bucket in lookup.buckets_of[self.extra]:
            lookup.people_at[bucket].remove(self.extra)
        for bucket in lookup.buckets_led[self.new_leader]:
            lookup.leaders_at[bucket].remove(self.new_leader)
        self.table = Table(lookup)
        self.table.smallest = instance.smallest
        self.table.leave_out(self.extra)
        self.table.set_up(plan.groups)
        self.table.log.clear()
        self.dead: set[int] = set()

    # -- why -----------------------------------------------------------------------------------------------------

    def reason(self, person: Applicant) -> tuple[str, int]:
        """Return the reason and how many others could come at most."""
        if not (person.slots and person.places and person.languages):
            return NO_TIMES, 0
        asked = [
            Bucket(slot, place, language)
            for slot in person.slots
            for place in person.places
            for language in person.languages
        ]
        led = [(bucket, self._leaders(bucket)) for bucket in asked]
        led = [(bucket, leaders) for bucket, leaders in led if leaders]
        if not led:
            return NO_SUPERVISOR, 0
        own = person.employer
        led = [(b, [one for one in leaders if one.employer is None or one.employer != own]) for b, leaders in led]
        led = [(bucket, leaders) for bucket, leaders in led if leaders]
        if not led:
            return ONLY_INHOUSE, 0
        led = [(bucket, leaders) for bucket, leaders in led if self.instance.rooms_at(bucket.place, bucket.slot) != 0]
        if not led:
            return NO_ROOM, 0
        return self._among(person, led)

    def _among(self, person: Applicant, led: list[tuple[Bucket, list[Leader]]]) -> tuple[str, int]:
        """Return the reason where there are supervisors: too few people, or all is taken."""
        apart = self.instance.kept_apart.get(person.id, frozenset())
        need = self.instance.smallest - 1
        most = most_but_apart = 0
        for bucket, leaders in led:
            for employer in {one.employer for one in leaders}:
                others = self._others(person, bucket, employer)
                most = max(most, self._seats(person, others))
                most_but_apart = max(most_but_apart, self._seats(person, [o for o in others if o.id not in apart]))
        if most < need:
            return TOO_FEW, most
        if most_but_apart < need:
            return KEPT_APART, most_but_apart
        free = [bucket for bucket, leaders in led if any(self._is_free(one, bucket) for one in leaders)]
        if not free:
            return ALL_GROUPS_TAKEN, most
        if all(not self._has_room(bucket) for bucket in free):
            return NO_ROOM, most
        return OTHERS_WOULD_LOSE, most

    def _leaders(self, bucket: Bucket) -> list[Leader]:
        number = self.lookup.number.get(bucket)
        if number is not None:
            return [self.instance.supervisors[at] for at in self.lookup.leaders_at[number] if self.lookup.most[at] > 0]
        return [
            one
            for one in self.instance.supervisors
            if one.max_groups > 0
            and bucket.slot in one.slots
            and bucket.place in one.places
            and bucket.language in one.languages
        ]

    def _others(self, person: Applicant, bucket: Bucket, employer: Id | None) -> list[Applicant]:
        number = self.lookup.number.get(bucket)
        people = self.instance.people
        here = (
            [people[at] for at in self.lookup.people_at[number]]
            if number is not None
            else [
                p
                for p in people
                if bucket.slot in p.slots and bucket.place in p.places and bucket.language in p.languages
            ]
        )
        return [one for one in here if one.id != person.id and (employer is None or one.employer != employer)]

    def _seats(self, person: Applicant, others: list[Applicant]) -> int:
        """Return how many of the others could sit with the person, but for who is kept apart among them."""
        left: dict[Id, int] = {}
        seats = 0
        for one in others:
            if one.team is None:
                seats += 1
            else:
                room = left.setdefault(one.team, self.instance.same_team - (1 if one.team == person.team else 0))
                if room > 0:
                    left[one.team] = room - 1
                    seats += 1
        return seats

    def _is_free(self, leader: Leader, bucket: Bucket) -> bool:
        led = self.table.led[self.lookup.leader_of[leader.id]]
        return len(led) < leader.max_groups and bucket.slot not in led

    def _has_room(self, bucket: Bucket) -> bool:
        most = self.instance.rooms_at(bucket.place, bucket.slot)
        return most is None or self.table.rooms[bucket.place, bucket.slot] < most

    # -- what would help -----------------------------------------------------------------------------------------

    def help(self, person: int) -> Help | None:
        """Return the first change that places the person: a time, a place, a language, then what others would do."""
        own = self.instance.people[person]
        for kind, changed in _changes(self.instance, own):
            help_ = self._try(person, kind, changed)
            if help_ is not None:
                return help_
        for kind in ("person", "supervisor"):
            for bucket in self.lookup.buckets_of[person]:
                if self._try_group(person, bucket, kind):
                    one = self.lookup.buckets[bucket]
                    return Help(kind, one.slot, one.place, one.language)
        return self._try_together(person) if self.lookup.apart[person] else None

    def _try(self, person: int, kind: str, changed: Applicant) -> Help | None:
        """Try a person's changed times, places or languages."""
        lookup, number = self.lookup, self.lookup.number
        before = lookup.buckets_of[person]
        asked = (Bucket(s, p, one) for s in changed.slots for p in changed.places for one in changed.languages)
        new = sorted({number[one] for one in asked if one in number}.difference(before))
        lookup.buckets_of[person] = tuple(new)
        for bucket in new:
            lookup.people_at[bucket].append(person)
        try:
            instance = replace(
                self.instance, people=[changed if at == person else one for at, one in enumerate(self.instance.people)]
            )
            return self._seat(person, kind, instance)
        finally:
            lookup.buckets_of[person] = before
            for bucket in new:
                lookup.people_at[bucket].remove(person)

    def _seat(self, person: int, kind: str, instance: Instance) -> Help | None:
        """Seat the person as the lookup now allows, or in a new group; take it back and say where it was."""
        table = self.table
        mark, dead = len(table.log), set(self.dead)
        try:
            done = insert(table, person, dead=dead)
            if not done:
                self.dead |= dead
                done = any(self._open(person, bucket) for bucket in self.lookup.buckets_of[person])
            home = table.where[person]
            if not done or home is None or faults(instance, self._plan()):
                return None
            bucket = self.lookup.buckets[home.bucket]
            return Help(kind, bucket.slot, bucket.place, bucket.language)
        finally:
            table.back_to(mark)

    def _open(self, person: int, bucket: int) -> bool:
        return any(
            self._gather(person, leader, bucket)
            for leader in self.lookup.leaders_at[bucket]
            if self.lookup.may_lead(leader, person) and self.table.can_open(leader, bucket)
        )

    def _gather(self, person: int, leader: int, bucket: int, extra: int | None = None) -> bool:
        """Open a group with the person and fill it with those unplaced and from groups that can spare one."""
        table = self.table
        if len(self.lookup.people_at[bucket]) + (extra is not None) < table.smallest:
            return False
        mark = len(table.log)
        group = table.open(leader, bucket)
        for one in (person, *(() if extra is None else (extra,))):
            table.move(one, group)
        for one in self.lookup.people_at[bucket]:
            if table.where[one] is None and len(group.people) < table.smallest and table.admits(group, one):
                table.move(one, group)
        while len(group.people) < table.smallest:
            if not pull(table, group):
                table.back_to(mark)
                return False
        if table.where[person] is not group:  # a chain moved them on: no help
            table.back_to(mark)
            return False
        return True

    def _try_group(self, person: int, bucket: int, kind: str) -> bool:
        """Try a new group there with one more person, or led by one more supervisor."""
        table, lookup = self.table, self.lookup
        mark = len(table.log)
        try:
            if kind == "supervisor":
                done = table.can_open(self.new_leader, bucket) and self._gather(person, self.new_leader, bucket)
            else:
                done = any(
                    self._gather(person, leader, bucket, self.extra)
                    for leader in lookup.leaders_at[bucket]
                    if lookup.may_lead(leader, person) and table.can_open(leader, bucket)
                )
            return done and not faults(self.wide, self._plan())
        finally:
            table.back_to(mark)

    def _try_together(self, person: int) -> Help | None:
        """Try it without the wishes that keep the person apart from others."""
        apart = self.lookup.apart
        before = {person: apart[person]} | {other: apart[other] for other in apart[person]}
        for one in before:
            apart[one] = frozenset() if one == person else apart[one] - {person}
        own = self.instance.people[person].id
        loose = replace(self.instance, apart=frozenset(pair for pair in self.instance.apart if own not in pair))
        try:
            return self._seat(person, "apart", loose)
        finally:
            for one, others in before.items():
                apart[one] = others

    def _plan(self) -> Plan:
        groups: tuple[FormedGroup, ...] = tuple(self.table.formed())
        return Plan(groups, bound=0)


def _changes(instance: Instance, person: Applicant) -> Iterator[tuple[str, Applicant]]:
    """Yield the person with one time more, one place more, one language more."""
    for slot in instance.slots:
        if slot.id not in person.slots:
            yield "time", replace(person, slots={slot.id: 1})
    for place in instance.rooms:
        if place not in person.places:
            yield "place", replace(person, places={place: 0.0})
    for language in sorted({one for leader in instance.supervisors for one in leader.languages}, key=str):
        if language not in person.languages:
            yield "language", replace(person, languages=(language,))


def _new_id(taken: Container[Id]) -> Id:
    """Return an id nobody has, of the kind the others have."""
    return next(one for one in count(-1, -1) if one not in taken)
