"""Rows of a linear programme, and the two ways HiGHS solves them: relaxed for a bound, whole for a plan."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csr_array, vstack

SLACK = 1e-6  # what HiGHS may be wrong by
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
    rows: Rows, cost: NDArray[np.float64], *, seconds: float
) -> tuple[NDArray[np.float64] | None, float | None]:
    """Return the cheapest columns that are 0 or 1 (None: none found) and a bound of the cost."""
    result = milp(
        cost,
        constraints=LinearConstraint(rows.matrix(len(cost)), rows.least, rows.most),
        bounds=Bounds(0.0, 1.0),
        integrality=np.ones(len(cost), dtype=np.int64),
        options={"time_limit": max(0.1, seconds), "mip_rel_gap": 0.0},
    )
    return result.x, result.mip_dual_bound
