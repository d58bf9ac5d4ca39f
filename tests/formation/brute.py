"""The most people a small instance can place, counted without the solver: groups first, then their people."""

from functools import cache
from itertools import combinations

from supervision.formation.rules.instance import Instance


def most_placed(instance: Instance) -> int:
    """Return the optimum; quick enough for some dozen people and a handful of possible groups."""
    people = instance.people
    options = [
        (at, slot, place, language)
        for at, one in enumerate(instance.supervisors)
        for slot in sorted(one.slots)
        for place in sorted(one.places)
        for language in sorted(one.languages)
    ]

    def able(option: tuple) -> frozenset[int]:
        at, slot, place, language = option
        boss = instance.supervisors[at].employer
        return frozenset(
            number
            for number, one in enumerate(people)
            if slot in one.slots
            and place in one.places
            and language in one.languages
            and (boss is None or boss != one.employer)
        )

    able_at = {option: able(option) for option in options}

    def is_good(chosen: tuple[int, ...]) -> bool:
        teams = [people[one].team for one in chosen if people[one].team is not None]
        if any(teams.count(team) > instance.same_team for team in teams):
            return False
        ids = [people[one].id for one in chosen]
        return not any(one in ids and other in ids for one, other in instance.apart)

    @cache
    def seatings(here: frozenset[int]) -> list[frozenset[int]]:
        sizes = range(instance.smallest, instance.largest + 1)
        return [frozenset(some) for size in sizes for some in combinations(sorted(here), size) if is_good(some)]

    @cache
    def best(first: int, left: frozenset[int], used: frozenset[tuple]) -> int:
        if first == len(options) or len(left) < instance.smallest:
            return 0
        found = best(first + 1, left, used)
        option = options[first]
        at, slot, place, _language = option
        led = [one for one in used if one[0] == at]
        most = instance.rooms.get(place)
        taken = sum(1 for one in used if one[1] == slot and one[2] == place)
        if len(led) >= instance.supervisors[at].max_groups or any(one[1] == slot for one in led):
            return found
        if most is not None and taken >= most:
            return found
        for seated in seatings(able_at[option] & left):
            if found == len(left):
                break
            found = max(found, len(seated) + best(first + 1, left - seated, used | {(at, slot, place)}))
        return found

    return best(0, frozenset(range(len(people))), frozenset())
