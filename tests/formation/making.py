"""Small instances for the tests: drawn by Hypothesis, or read from a file."""

import gzip
import json
from pathlib import Path

from hypothesis import strategies as st

from supervision.formation.rules.instance import Applicant, Instance, Leader, Slot
from supervision.formation.rules.reading import read

HERE = Path(__file__).parent / "instances"


def load(name: str) -> Instance:
    return read(json.loads(gzip.decompress((HERE / f"{name}.json.gz").read_bytes())))


def slots(count: int) -> list[Slot]:
    return [Slot(at, "AB"[at % 2], at // 2 % 5, "15:30") for at in range(count)]


def applicant(number: int, **changes: object) -> Applicant:
    known: dict[str, object] = {
        "id": number,
        "employer": None,
        "team": None,
        "languages": (0,),
        "slots": {0: 1},
        "places": {"online": 0.0},
        "experience_years": 1.0,
    }
    return Applicant(**(known | changes))


def leader(number: int, **changes: object) -> Leader:
    known: dict[str, object] = {
        "id": number,
        "employer": None,
        "slots": frozenset({0}),
        "places": frozenset({"online"}),
        "languages": frozenset({0}),
        "max_groups": 2,
    }
    return Leader(**(known | changes))


def instance(people: list[Applicant], leaders: list[Leader], **changes: object) -> Instance:
    known: dict[str, object] = {"slots": slots(4), "rooms": {"online": None, "hall": 1}}
    return Instance(people=people, supervisors=leaders, **(known | changes))


@st.composite
def instances(draw: st.DrawFn, most_people: int = 14, most_slots: int = 4) -> Instance:
    times = draw(st.integers(1, most_slots))
    some_times = st.sets(st.integers(0, times - 1), min_size=0, max_size=times)
    some_places = st.sets(st.sampled_from(["online", "hall"]), min_size=1)
    some_languages = st.sets(st.sampled_from([0, 1]), min_size=1)
    employers = st.sampled_from([None, 0, 1])
    count = draw(st.integers(5, most_people))
    people = [
        applicant(
            number,
            employer=draw(employers),
            team=draw(st.sampled_from([None, 0, 1, 2])),
            languages=tuple(sorted(draw(some_languages))),
            slots={slot: draw(st.integers(0, 2)) for slot in sorted(draw(some_times))},
            places=dict.fromkeys(sorted(draw(some_places)), 3.0),
            experience_years=draw(st.sampled_from([0.5, 4.0, 12.0])),
        )
        for number in range(count)
    ]
    leaders = [
        leader(
            number,
            employer=draw(employers),
            slots=frozenset(draw(some_times)),
            places=frozenset(draw(some_places)),
            languages=frozenset(draw(some_languages)),
            max_groups=draw(st.integers(0, 3)),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    pairs = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    return Instance(
        slots=slots(times),
        people=people,
        supervisors=leaders,
        rooms={"online": None, "hall": draw(st.integers(0, 1))},
        apart=frozenset(draw(st.lists(pairs, max_size=4))),
        smallest=draw(st.sampled_from([2, 3, 5])),
        largest=draw(st.sampled_from([5, 7])),
    )
