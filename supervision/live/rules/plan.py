"""How the rest of a meeting is planned anew when a phase took more or less time than meant."""

from collections.abc import Sequence
from dataclasses import dataclass

from supervision.formats.rules import PlannedPhase


@dataclass(frozen=True, slots=True)
class Refit:
    """The new length of each later phase in seconds, and by how much the meeting runs over its end."""

    lengths_s: tuple[float, ...]
    overrun_s: float


def refit(phases: Sequence[PlannedPhase], left_s: float) -> Refit:
    """Fit the coming phases into `left_s` seconds; the lengths sum to `left_s + overrun_s` (PRODUCT: overrun).

    Too little time: each keeps its minimum, the rest shrinks in proportion. Not even the minimums fit: they are kept
    and the overrun says how many seconds the meeting runs over. Time gained is given out in proportion to the plan.
    """
    planned_s = sum(phase.planned_s for phase in phases)
    least_s = sum(phase.min_s for phase in phases)
    if left_s < least_s or not phases:
        return Refit(tuple(float(phase.min_s) for phase in phases), max(0.0, least_s - left_s))
    if left_s >= planned_s:
        factor = left_s / planned_s if planned_s else 0.0
        return Refit(tuple(phase.planned_s * factor for phase in phases), 0.0)
    factor = (left_s - least_s) / (planned_s - least_s)
    shrunk = tuple(phase.min_s + (phase.planned_s - phase.min_s) * factor for phase in phases)
    return Refit(shrunk, 0.0)
