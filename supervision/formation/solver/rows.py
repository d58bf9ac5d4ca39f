"""Rows of a linear programme, and the two ways HiGHS solves them: relaxed for a bound, whole for a plan."""

import time
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

NEARLY = 1e-4  # so near 0 or 1 is whole
INFINITE = float("inf")


class Rows:
    """Rows "least <= sum of terms <= most"; a term is (column, factor). Columns go from 0 to 1."""

    def __init__(self) -> None:
        self.row: list[int] = []
        self.column: list[int] = []
        self.value: list[float] = []
        self.least: list[float] = []
        self.most: list[float] = []

    def add(self, terms: Sequence[tuple[int, float]], least: float, most: float) -> None:
        """Add a row."""
        at = len(self.least)
        for column, value in terms:
            self.row.append(at)
            self.column.append(column)
            self.value.append(value)
        self.least.append(least)
        self.most.append(most)

    def at_most(self, columns: Sequence[int], most: float) -> None:
        """Add a row "sum of columns <= most" unless it holds anyhow."""
        if len(columns) > most:
            self.add([(one, 1.0) for one in columns], -INFINITE, most)

    def matrix(self, width: int) -> csr_array:
        """Return the rows as a sparse matrix."""
        return csr_array((self.value, (self.row, self.column)), shape=(len(self.least), width))


def relax(rows: Rows, cost: NDArray[np.float64], *, seconds: float) -> NDArray[np.float64] | None:
    """Return the cheapest columns between 0 and 1, or None when the time was too short."""
    matrix = rows.matrix(len(cost))
    least, most = np.array(rows.least), np.array(rows.most)
    upper, lower = np.isfinite(most), np.isfinite(least)
    sides: Any = vstack([matrix[upper], -matrix[lower]]).tocsr()  # the stubs know no sparse matrix here
    result = linprog(
        cost,
        A_ub=sides,
        b_ub=np.concatenate([most[upper], -least[lower]]),
        bounds=(0, 1),
        method="highs-ipm",  # measured against "highs-ds": even on 500 people, quicker beyond
        options={"time_limit": max(0.1, seconds)},
    )
    return np.asarray(result.x) if result.status == 0 else None


def solve_whole(
    rows: Rows, cost: NDArray[np.float64], *, first: int, seconds: float
) -> tuple[NDArray[np.float64] | None, float | None]:
    """Return the cheapest columns that are 0 or 1 (None: none found) and a bound of the cost.

    At first only the `first` columns must be whole, which is several times quicker; the others nearly always come out
    whole beside them. Where they do not, all must be.
    """
    until = time.monotonic() + seconds
    constraints = LinearConstraint(rows.matrix(len(cost)), rows.least, rows.most)
    bounds: list[float] = []
    for count in (first, len(cost)):
        result = milp(
            cost,
            constraints=constraints,
            bounds=Bounds(0.0, 1.0),
            integrality=(np.arange(len(cost)) < count).astype(np.int64),
            options={"time_limit": max(0.1, until - time.monotonic()), "mip_rel_gap": 0.0},
        )
        if result.mip_dual_bound is not None:
            bounds.append(result.mip_dual_bound)
        if result.x is None or np.abs(result.x - np.round(result.x)).max() < NEARLY:
            break
    return result.x, max(bounds, default=None)
