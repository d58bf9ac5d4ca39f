"""Rounds made up for tests: formats, tables of 2 to 8 people, and whatever a supervisor may tap, in any order."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from supervision.formats.catalogue import formats
from supervision.formats.rules import PlannedPhase, expand
from supervision.live.rules import KINDS, Event, Participant, Start

T0 = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
NOBODY_HERE = "x"  # an id that no place at the table has


@dataclass(frozen=True)
class Tap:
    """One thing a device asks for, `after_us` microseconds after the one before; `again` repeats an earlier event."""

    kind: str
    after_us: int
    person_id: str | None
    data: Mapping[str, Any] = field(default_factory=dict)
    again: int | None = None


# Time goes on mostly, stands still sometimes, and now and then a device's clock is behind.
waits = st.one_of(
    st.integers(0, 90_000_000),
    st.sampled_from([0, 0, 1, 45_000_000, 130_500_000, 400_000_000, 1_500_000_000, -20_000_000]),
)
COMMON = ["floor"] * 7 + ["next_phase"] * 6 + ["interpose", "interpose", "pass", "pass", "release", "correct", "undo"]
kinds = st.sampled_from([*COMMON, *(kind for kind in KINDS if kind not in {"start", "end"}), *COMMON, "end", "dance"])
corrections = st.fixed_dictionaries(
    {
        "phase": st.sampled_from([0, 0, 0, 0, 1, 1, 2, 3, -1]),
        "floor_s": st.one_of(st.integers(0, 120), st.floats(0, 900), st.sampled_from([-1, 0.5, 1, 1.5, 2.5])),
    }
)
datas = {
    "correct": st.one_of(corrections, corrections, st.sampled_from([{}, {"phase": True, "floor_s": 3}])),
    "presenter": st.fixed_dictionaries({"case_no": st.one_of(st.integers(0, 3), st.none())}),
    "next_phase": st.one_of(st.just({}), st.just({}), st.fixed_dictionaries({"from": st.integers(0, 4)})),
}
nothing: st.SearchStrategy[dict[str, Any]] = st.just({})


@st.composite
def tables(draw: st.DrawFn) -> list[Participant]:
    """2 to 8 people, some at a distance, some with more time."""
    return [
        Participant(
            letter,
            f"{letter.upper()} Å",
            place_no,
            is_remote=draw(st.sampled_from([False, False, True])),
            weight=draw(st.sampled_from([1.0, 1.0, 1.0, 1.5, 2.0])),
        )
        for place_no, letter in enumerate("abcdefgh"[: draw(st.integers(2, 8))], start=1)
    ]


@st.composite
def phases_of_a_format(draw: st.DrawFn) -> tuple[PlannedPhase, ...]:
    """A format of the catalogue; some begin later in it, so that short logs reach the later modes as well."""
    chosen = formats()[draw(st.sampled_from(sorted(formats())))]
    wished = draw(st.lists(st.booleans(), min_size=chosen.cases, max_size=chosen.cases))
    phases = expand(chosen, tuple(wished))
    return phases[draw(st.integers(0, min(4, len(phases) - 1))) :]


modes = st.sampled_from(["R", "R", "R", "A", "A", "Q", "G", "P", "SP", "S", "I"])
blocks = st.sampled_from([("opening", None), ("case", 1), ("case", 1), ("case", 2), ("closing", None)])
phases_at_will = st.lists(
    st.builds(
        lambda mode, planned_s, least, block: PlannedPhase(
            "k", mode, planned_s, planned_s * least // 100, {"sv": "Fas"}, *block
        ),
        modes,
        st.integers(90, 900),
        st.integers(0, 100),
        blocks,
    ),
    min_size=1,
    max_size=6,
).map(tuple)


@st.composite
def starts(draw: st.DrawFn) -> Start:
    """A meeting with its table set; some presenters are chosen only in the meeting."""
    people = draw(tables())
    ids = [person.id for person in people]
    phases = draw(st.one_of(phases_of_a_format(), phases_at_will))
    length_s = sum(phase.planned_s for phase in phases) + draw(st.sampled_from([0, 0, 0, 600, -900]))
    presenter = st.one_of(st.sampled_from(ids), st.sampled_from(ids), st.none())
    return Start(
        format_key="made_up",
        phases=phases,
        length_s=max(600, length_s),
        participants=tuple(people),
        presenters=tuple(draw(st.lists(presenter, max_size=3))),
        meeting_no=draw(st.integers(0, 30)),
        away=tuple(draw(st.sets(st.sampled_from(ids), max_size=1))),
    )


def taps(ids: list[str]) -> st.SearchStrategy[Tap]:
    people = st.sampled_from([*ids, *ids, *ids, *ids, NOBODY_HERE, None])
    again = st.one_of(*[st.none()] * 9, st.integers(0, 40))
    return kinds.flatmap(lambda kind: st.builds(Tap, st.just(kind), waits, people, datas.get(kind, nothing), again))


@st.composite
def logs(draw: st.DrawFn, most: int = 32) -> list[Event]:
    """A log as it may lie in the database: also what was refused, sent twice, or timed by a clock that is behind."""
    start = draw(starts())
    events = [Event(1, "start", T0, "tablet", "0", None, start.to_data())]
    now = T0
    for number, tap in enumerate(draw(st.lists(taps([one.id for one in start.participants]), max_size=most)), start=1):
        now += timedelta(microseconds=tap.after_us)
        if tap.again is not None:
            old = events[tap.again % len(events)]
            events.append(Event(number + 1, old.kind, now, "tablet", old.device_event_id, old.person_id, old.data))
        else:
            events.append(Event(number + 1, tap.kind, now, "tablet", str(number), tap.person_id, tap.data))
    return events
