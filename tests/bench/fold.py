"""The fold of a long log must stay quick: every tap and every page of a round is answered by one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from supervision.formats.catalogue import formats
from supervision.formats.rules import expand
from supervision.live.rules import Event, Participant, Start, fold, view_at
from tests.bench import Figure, shortest_s

T0 = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
PEOPLE = "abcdef"
MS = 1000
MOST_MS = 500  # of 1,500 events; a usual round has a tenth of that
MOST_PART = 5  # three times the log may take little more than three times as long


def figures() -> Iterator[Figure]:
    log = _log(1_500)
    yield Figure("of_90_minutes_and_1500_events", shortest_s(lambda: fold(log)) * MS, "ms", MOST_MS)
    third = shortest_s(lambda: fold(log[:500]))
    yield Figure("of_three_times_the_log", shortest_s(lambda: fold(log)) / third, "times", MOST_PART)
    state = fold(log)
    yield Figure("one_event_more", shortest_s(lambda: fold(log[-1:], state)) * MS, "ms", 5)
    yield Figure("one_look", shortest_s(lambda: view_at(state, T0 + timedelta(minutes=91))) * MS, "ms", 10)


def _log(events: int) -> list[Event]:
    """Return a meeting of 90 minutes with so many events: the floor goes round, with questions, phase by phase."""
    chosen = formats()["classic_two"]
    phases = expand(chosen, (True, True))
    people = tuple(Participant(one, one, number) for number, one in enumerate(PEOPLE))
    start = Start(chosen.key, phases, chosen.total_s, people, ("b", "d"))
    log = [Event(1, "start", T0, "tablet", "0", None, start.to_data())]
    each = timedelta(minutes=90) / events
    every = events // len(phases)
    for number in range(1, events):
        kind, person = ("interpose", 2) if number % 7 == 0 else ("release", 0) if number % 7 == 1 else ("floor", number)
        if number % every == 0:
            kind = "next_phase"
        person_id = PEOPLE[(number + person) % len(PEOPLE)] if kind in {"floor", "interpose"} else None
        log.append(Event(number + 1, kind, T0 + number * each, "tablet", str(number), person_id, {}))
    return log
