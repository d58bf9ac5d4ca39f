"""What never changes while groups are formed: who could come to which bucket, and who could lead it.

Inside the solver people, supervisors and buckets are numbers from 0: people and supervisors in the order of the
instance, buckets in a fixed order.
"""

from collections import Counter

from supervision.formation.rules.instance import Applicant, Bucket, Id, Instance, Leader, in_order


class Lookup:
    """The tables the search reads; a bucket is (slot, place, language)."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.employer = [person.employer for person in instance.people]
        self.team = [person.team for person in instance.people]
        self.person_of = {person.id: at for at, person in enumerate(instance.people)}
        self.leader_of = {leader.id: at for at, leader in enumerate(instance.supervisors)}
        asked = [_buckets(person) for person in instance.people]
        led = [_buckets(leader) for leader in instance.supervisors]
        self.buckets = sorted(
            _hopeful(instance, asked, led), key=lambda one: (in_order(one.slot), one.place, in_order(one.language))
        )
        self.number = number = {bucket: at for at, bucket in enumerate(self.buckets)}
        self.buckets_of = [tuple(sorted(number[one] for one in of if one in number)) for of in asked]
        self.buckets_led = [tuple(sorted(number[one] for one in of if one in number)) for of in led]
        self.people_at: list[list[int]] = [[] for _ in self.buckets]
        for person, buckets in enumerate(self.buckets_of):
            for bucket in buckets:
                self.people_at[bucket].append(person)
        self.leaders_at: list[list[int]] = [[] for _ in self.buckets]
        for leader, buckets in enumerate(self.buckets_led):
            for bucket in buckets:
                self.leaders_at[bucket].append(leader)
        nobody: frozenset[Id] = frozenset()
        self.apart = [
            frozenset(
                self.person_of[one] for one in instance.kept_apart.get(person.id, nobody) if one in self.person_of
            )
            for person in instance.people
        ]
        self.slot = [bucket.slot for bucket in self.buckets]
        self.room = [(bucket.place, bucket.slot) for bucket in self.buckets]
        self.rooms = [instance.rooms_at(bucket.place, bucket.slot) for bucket in self.buckets]
        self.boss = [leader.employer for leader in instance.supervisors]
        self.most = [leader.max_groups for leader in instance.supervisors]
        self.in_room: dict[tuple[str, Id], list[int]] = {}
        for at, room in enumerate(self.room):
            self.in_room.setdefault(room, []).append(at)

    def may_lead(self, leader: int, person: int) -> bool:
        """Whether the supervisor is not employed by the person's employer."""
        boss = self.boss[leader]
        return boss is None or boss != self.employer[person]


def _buckets(one: Applicant | Leader) -> list[Bucket]:
    return [Bucket(slot, place, language) for slot in one.slots for place in one.places for language in one.languages]


def _hopeful(instance: Instance, asked: list[list[Bucket]], led: list[list[Bucket]]) -> list[Bucket]:
    """Return the buckets where some supervisor could bring together the smallest group."""
    employers: dict[Bucket, set[Id | None]] = {}
    for leader, buckets in zip(instance.supervisors, led, strict=True):
        if leader.max_groups > 0:
            for bucket in buckets:
                employers.setdefault(bucket, set()).add(leader.employer)
    here: dict[Bucket, list[Applicant]] = {}
    for person, buckets in zip(instance.people, asked, strict=True):
        for bucket in buckets:
            if bucket in employers:
                here.setdefault(bucket, []).append(person)
    return [
        bucket
        for bucket, people in here.items()
        if instance.rooms_at(bucket.place, bucket.slot) != 0
        and any(_room_for(instance, people, employer) >= instance.smallest for employer in employers[bucket])
    ]


def _room_for(instance: Instance, people: list[Applicant], employer: Id | None) -> int:
    """Return how many of them a supervisor of the employer could have in one group, but for those kept apart."""
    teams = Counter(one.team for one in people if employer is None or one.employer != employer)
    loose = teams.pop(None, 0)
    return loose + sum(min(count, instance.same_team) for count in teams.values())
