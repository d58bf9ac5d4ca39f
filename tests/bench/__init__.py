"""Measurements: each module beside this one has `figures()`, which yields what it measured."""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One measured number and the most it may be; ratios travel between machines better than seconds."""

    name: str
    value: float
    unit: str
    budget: float

    @property
    def ok(self) -> bool:
        return self.value <= self.budget


def shortest_s(work: Callable[[], object], rounds: int = 5) -> float:
    """Return the shortest duration of several rounds, in seconds: the one least disturbed by the machine."""
    return min(_once_s(work) for _ in range(rounds))


def _once_s(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
