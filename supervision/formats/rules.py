"""What a meeting format (samtalsordning) is, when it is sound, and how it becomes the phases of one meeting."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal
from uuid import UUID

from supervision.kernel.errors import RuleBroken

Block = Literal["opening", "case", "closing"]

# PRODUCT: formats. P presenter, S supervisor, SP supervisor interviews presenter, Q the group asks and the presenter
# answers, R round in turn, G the group talks and the presenter listens, A all, I silent writing.
MODES = ("P", "S", "SP", "Q", "R", "G", "A", "I")
LANGUAGES = ("sv", "da", "en")
LENGTH_S = 90 * 60  # PRODUCT: assignment, length 90 minutes
BLOCKS: tuple[Block, ...] = ("opening", "case", "closing")
MOST_CASES = 3  # formats.yaml: no format has more cases
MOST_PHASES = 24  # our choice; the longest format of the file has 13
OWN = "own:"  # the key of a supervisor's own format is this and its id: 36 of the 40 characters a meeting keeps
HEX_DIGITS = 32  # of an id


@dataclass(frozen=True, slots=True)
class Phase:
    """One phase of a format: its speaking mode, its time and the least it keeps (seconds), and its names."""

    key: str
    mode: str
    planned_s: int
    min_s: int
    name: Mapping[str, str]
    block: Block
    if_wished: bool = False

    def to_data(self) -> dict[str, Any]:
        """Return the phase as the format file writes it, with times in seconds."""
        return {
            "key": self.key,
            "mode": self.mode,
            "planned_s": self.planned_s,
            "min_s": self.min_s,
            "name": dict(self.name),
            "if_wished": self.if_wished,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any], block: Block) -> "Phase":
        """Read a phase in seconds (`planned_s`, `min_s`) or in minutes (`minutes`, `min`; no `min`: half)."""
        planned_s = int(data["planned_s"] if "planned_s" in data else data["minutes"] * 60)
        min_s = data["min_s"] if "min_s" in data else data.get("min", planned_s / 120) * 60
        return cls(
            key=str(data["key"]),
            mode=str(data["mode"]),
            planned_s=planned_s,
            min_s=int(min_s),
            name={str(language): str(text) for language, text in data["name"].items()},
            block=block,
            if_wished=bool(data.get("if_wished", False)),
        )


@dataclass(frozen=True, slots=True)
class PlannedPhase:
    """One phase of one meeting, after the case block was repeated; `case_no` counts from 1, None outside a case."""

    key: str
    mode: str
    planned_s: int
    min_s: int
    name: Mapping[str, str]
    block: Block
    case_no: int | None = None

    def to_data(self) -> dict[str, Any]:
        """Return the phase as plain data for the start event of a meeting."""
        return {
            "key": self.key,
            "mode": self.mode,
            "planned_s": self.planned_s,
            "min_s": self.min_s,
            "name": dict(self.name),
            "block": self.block,
            "case_no": self.case_no,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "PlannedPhase":
        """Read what `to_data` wrote."""
        return cls(
            key=data["key"],
            mode=data["mode"],
            planned_s=data["planned_s"],
            min_s=data["min_s"],
            name=dict(data["name"]),
            block=data["block"],
            case_no=data["case_no"],
        )


@dataclass(frozen=True, slots=True)
class Format:
    """A meeting format: opening phases, a case block repeated `cases` times, closing phases."""

    key: str
    name: Mapping[str, str]
    source: str
    cases: int
    opening: tuple[Phase, ...]
    case: tuple[Phase, ...]
    closing: tuple[Phase, ...]

    @property
    def phases(self) -> tuple[Phase, ...]:
        """Every phase once, in order."""
        return self.opening + self.case + self.closing

    @property
    def least_s(self) -> int:
        """The shortest the whole meeting can be made, in seconds: every phase at its minimum."""
        once = sum(phase.min_s for phase in self.opening + self.closing)
        return once + self.cases * sum(phase.min_s for phase in self.case)

    @property
    def total_s(self) -> int:
        """The length of the whole meeting in seconds: opening + cases x case block + closing."""
        once = sum(phase.planned_s for phase in self.opening + self.closing)
        return once + self.cases * sum(phase.planned_s for phase in self.case)

    @property
    def total_min(self) -> float:
        """The length of the whole meeting in minutes."""
        return self.total_s / 60

    def to_data(self) -> dict[str, Any]:
        """Return the format as plain data, for a supervisor's own copy."""
        return {
            "key": self.key,
            "name": dict(self.name),
            "source": self.source,
            "cases": self.cases,
            "opening": [phase.to_data() for phase in self.opening],
            "case": [phase.to_data() for phase in self.case],
            "closing": [phase.to_data() for phase in self.closing],
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Format":
        """Read a format from the file's words or from `to_data`; frames are already filled in."""
        return cls(
            key=str(data["key"]),
            name={str(language): str(text) for language, text in data["name"].items()},
            source=str(data.get("source", "")),
            cases=int(data["cases"]),
            opening=tuple(Phase.from_data(phase, "opening") for phase in data.get("opening", ())),
            case=tuple(Phase.from_data(phase, "case") for phase in data.get("case", ())),
            closing=tuple(Phase.from_data(phase, "closing") for phase in data.get("closing", ())),
        )


def check_format(chosen: Format, length_s: int = LENGTH_S) -> None:
    """Refuse a format that cannot be run (PRODUCT: formats; every format sums to its meeting length).

    Codes: `format_without_case` (no case, or an empty block), `format_name_missing` (language),
    `format_mode_unknown` (phase, mode), `format_minimum_too_long` (phase), `format_phase_too_short` (phase),
    `format_sum_wrong` (total_min, length_min).
    """
    if chosen.cases < 1 or not chosen.case:
        raise RuleBroken("format_without_case", field="cases")
    if all(phase.if_wished for phase in chosen.case):
        raise RuleBroken("format_without_case", field="case")
    _check_name(chosen.name)
    for phase in chosen.phases:
        _check_phase(phase)
    if chosen.total_s != length_s:
        raise RuleBroken("format_sum_wrong", total_min=f"{chosen.total_min:g}", length_min=f"{length_s / 60:g}")


def _check_name(name: Mapping[str, str]) -> None:
    for language in LANGUAGES:
        if not name.get(language, "").strip():
            raise RuleBroken("format_name_missing", field="name", language=language)


def _check_phase(phase: Phase) -> None:
    _check_name(phase.name)
    if phase.mode not in MODES:
        raise RuleBroken("format_mode_unknown", field="mode", phase=phase.key, mode=phase.mode)
    if phase.planned_s <= 0 or phase.min_s < 0:
        raise RuleBroken("format_phase_too_short", field="minutes", phase=phase.key)
    if phase.min_s > phase.planned_s:
        raise RuleBroken("format_minimum_too_long", field="min", phase=phase.key)


def fit(chosen: Format, length_s: int) -> Literal["whole", "stretched", "shortened", "over"]:
    """Say how a format fits a meeting's length: its phases are kept, lengthened, shortened, or even so too long."""
    if chosen.total_s == length_s:
        return "whole"
    if chosen.total_s < length_s:
        return "stretched"
    return "shortened" if chosen.least_s <= length_s else "over"


def own_key(format_id: UUID) -> str:
    """Return the key of a supervisor's own format, as a meeting keeps it."""
    return f"{OWN}{format_id.hex}"


def own_id(key: str) -> UUID | None:
    """Return the id in the key of an own format, None for any other key."""
    digits = key.removeprefix(OWN)
    return UUID(hex=digits) if key.startswith(OWN) and len(digits) == HEX_DIGITS else None


def names_in(typed: str, language: str, known: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return a typed name in the three languages: those of a known name it equals, else the typed one in each."""
    for name in known:
        if name.get(language) == typed:
            return dict(name)
    return dict.fromkeys(LANGUAGES, typed)


def moved(blocks: Sequence[Block], index: int, step: int) -> tuple[list[int], list[Block]]:
    """Move a line one place up (-1) or down (1) among phases of three blocks in their order.

    Past the first or last of its block a line goes into the next block and keeps its place. Returns the new order as
    old places, and the blocks in that order. Nothing changes at the very beginning and end.
    """
    order, after = list(range(len(blocks))), list(blocks)
    other = index + step
    if 0 <= other < len(blocks) and blocks[other] == blocks[index]:
        order[index], order[other] = order[other], order[index]
    else:
        place = min(max(BLOCKS.index(blocks[index]) + step, 0), len(BLOCKS) - 1)
        after[index] = BLOCKS[place]
    return order, after


def expand(chosen: Format, wishes_advice: tuple[bool, ...]) -> tuple[PlannedPhase, ...]:
    """Return the phases of one meeting, in order; the case block once per entry of `wishes_advice`.

    A phase marked `if_wished` is skipped unless that case's presenter wished for it; its minutes go to the next
    phase of the case (to the one before where it was the last), so the sum stays (source: the formats file).
    Code: `wishes_do_not_match_cases` (cases).
    """
    if len(wishes_advice) != chosen.cases:
        raise RuleBroken("wishes_do_not_match_cases", cases=chosen.cases)
    phases = list(_planned(chosen.opening, None))
    for case_no, is_wished in enumerate(wishes_advice, start=1):
        block = chosen.case if is_wished else _without_wished(chosen.case)
        phases += _planned(block, case_no)
    phases += _planned(chosen.closing, None)
    return tuple(phases)


def _planned(phases: Iterable[Phase], case_no: int | None) -> list[PlannedPhase]:
    return [
        PlannedPhase(
            key=phase.key,
            mode=phase.mode,
            planned_s=phase.planned_s,
            min_s=phase.min_s,
            name=phase.name,
            block=phase.block,
            case_no=case_no,
        )
        for phase in phases
    ]


def _without_wished(block: tuple[Phase, ...]) -> tuple[Phase, ...]:
    kept: list[Phase] = []
    freed_s = 0
    for phase in block:
        if phase.if_wished:
            freed_s += phase.planned_s
        else:
            kept.append(replace(phase, planned_s=phase.planned_s + freed_s))
            freed_s = 0
    if freed_s:
        kept[-1] = replace(kept[-1], planned_s=kept[-1].planned_s + freed_s)
    return tuple(kept)
