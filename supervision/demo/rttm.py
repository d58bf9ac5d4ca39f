"""Who had the floor in a recorded meeting: from who spoke when (RTTM) to the taps of a round.

In a recording people speak at the same time; at the table one person has the floor. So this is an interpretation: where
several speak at once, the floor is with the one who started last. When that one falls silent while others still speak,
it goes back to the one of them who started last; when nobody speaks, nobody has it. Of two who start in the same
hundredth of a second, the one whose line comes later in the file counts as the later.

All times are whole milliseconds from the start of the recording, so that sums are exact. The recordings and their
licence: `meetings/README.md`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent / "meetings"
MS = 1000  # milliseconds in a second; the files count in hundredths of one


@dataclass(frozen=True, slots=True)
class Speech:
    """One stretch of speech of one person, in milliseconds from the start of the recording."""

    speaker: str
    starts_ms: int
    ends_ms: int


@dataclass(frozen=True, slots=True)
class Change:
    """From `at_ms` on the floor is with `speaker`; None is nobody."""

    at_ms: int
    speaker: str | None


@dataclass(frozen=True, slots=True)
class Tap:
    """One command of a supervisor who follows the recording: `kind` as in the live round, `at_ms` from its start."""

    at_ms: int
    kind: str
    speaker: str | None = None


def names() -> tuple[str, ...]:
    """Return the names of the recordings at hand."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.rttm")))


def recording(name: str) -> tuple[Speech, ...]:
    """Return a recording by its name."""
    return read((FOLDER / f"{name}.rttm").read_text(encoding="utf-8"))


def read(text: str) -> tuple[Speech, ...]:
    """Read an RTTM file: its SPEAKER lines in their order; a stretch without length is left out.

    A line that is none raises ValueError or IndexError: the files are our own.
    """
    found = []
    for line in text.splitlines():
        words = line.split()
        if not words or words[0] != "SPEAKER":
            continue
        starts_ms, length_ms = round(float(words[3]) * MS), round(float(words[4]) * MS)
        if length_ms > 0:
            found.append(Speech(words[7], starts_ms, starts_ms + length_ms))
    return tuple(found)


def speakers(speech: Iterable[Speech]) -> tuple[str, ...]:
    """Return who speaks, in the order of their first words."""
    return tuple(dict.fromkeys(one.speaker for one in sorted(speech, key=lambda one: one.starts_ms)))


def ends_ms(speech: Iterable[Speech]) -> int:
    """Return when the last word is said."""
    return max(one.ends_ms for one in speech)


def floor_changes(speech: Sequence[Speech]) -> tuple[Change, ...]:
    """Return each change of the floor, in order: one holder at a time, overlaps to who started last."""
    line_of = sorted(range(len(speech)), key=lambda index: (speech[index].starts_ms, index))
    edges = sorted(
        [(speech[index].ends_ms, 0, rank) for rank, index in enumerate(line_of)]
        + [(speech[index].starts_ms, 1, rank) for rank, index in enumerate(line_of)]
    )
    speaking: set[int] = set()  # ranks in the order of starts: the highest is who started last
    changes: list[Change] = []
    for position, (at_ms, _is_start, rank) in enumerate(edges):
        speaking.symmetric_difference_update({rank})
        if position + 1 < len(edges) and edges[position + 1][0] == at_ms:
            continue  # more happens in this very millisecond
        holder = speech[line_of[max(speaking)]].speaker if speaking else None
        if holder != (changes[-1].speaker if changes else None):
            changes.append(Change(at_ms, holder))
    return tuple(changes)


def taps(changes: Sequence[Change], phases_end_ms: Sequence[int], end_ms: int) -> tuple[Tap, ...]:
    """Return what a supervisor would tap: the floor, letting go, the next phase at each of `phases_end_ms`, the end.

    The next phase takes the floor from whoever has it; it is given back in the same instant.
    """
    moves: list[tuple[int, int, Change | None]] = [(one.at_ms, 0, one) for one in changes if one.at_ms < end_ms]
    moves += [(at_ms, 1, None) for at_ms in phases_end_ms if at_ms < end_ms]
    found: list[Tap] = []
    holder = None
    for at_ms, _order, change in sorted(moves, key=lambda move: move[:2]):
        if change is not None:
            holder = change.speaker
            found.append(Tap(at_ms, "floor", holder) if holder is not None else Tap(at_ms, "release"))
        else:
            found.append(Tap(at_ms, "next_phase"))
            if holder is not None:
                found.append(Tap(at_ms, "floor", holder))
    return (*found, Tap(end_ms, "end"))
