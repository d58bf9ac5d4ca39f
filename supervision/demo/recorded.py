"""A recorded meeting as a round at the table: the log of the demonstration page.

The recording says who spoke when; the names, the three parts of the talk and the hour are ours.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

from supervision.demo import rttm
from supervision.formats.rules import Block, PlannedPhase
from supervision.live.rules import Event, Participant, Start

NAME = "EN2001a"  # the longest recording at hand: 86 minutes, five people
STARTS_AT = datetime(2026, 3, 3, 13, 0, tzinfo=UTC)
ZONE = "Europe/Stockholm"
PEOPLE = ("Tomasz", "Amina", "Birgitta", "Elin", "Leyla")  # in the order in which they first speak
PART_MS = (33 * 60_000, 61 * 60_000)  # when the first parts end: three minutes over, then two of them won back
PARTS: tuple[tuple[str, Block, dict[str, str]], ...] = (
    ("first", "opening", {"sv": "Första delen", "da": "Første del", "en": "First part"}),
    ("second", "opening", {"sv": "Andra delen", "da": "Anden del", "en": "Second part"}),
    ("last", "closing", {"sv": "Sista delen", "da": "Sidste del", "en": "Last part"}),
)


@cache
def taps() -> tuple[rttm.Tap, ...]:
    """Return what a supervisor at that table would have tapped; people are the ids of `start`."""
    speech = rttm.recording(NAME)
    return rttm.taps(rttm.floor_changes(speech), PART_MS, rttm.ends_ms(speech))


def start() -> Start:
    """Return the table before the meeting: five places, three parts of half an hour in which everyone may speak."""
    speakers = rttm.speakers(rttm.recording(NAME))
    return Start(
        format_key="",
        phases=tuple(PlannedPhase(key, "A", 1800, 900, name, block) for key, block, name in PARTS),
        length_s=5400,
        participants=tuple(
            Participant(speaker, name, number)
            for number, (speaker, name) in enumerate(zip(speakers, PEOPLE, strict=True), start=1)
        ),
        presenters=(),
    )


def log(some: Iterable[rttm.Tap]) -> list[Event]:
    """Return the start and these taps as the log of a round."""
    events = [Event(1, "start", STARTS_AT, "demo", "1", None, start().to_data())]
    for seq, tap in enumerate(some, start=2):
        at = STARTS_AT + timedelta(milliseconds=tap.at_ms)
        events.append(Event(seq, tap.kind, at, "demo", str(seq), tap.speaker, {}))
    return events
