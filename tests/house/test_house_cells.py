"""One function makes cells harmless, and every table file goes through it."""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.kernel.cells import FORMULA, neutral

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_a_cell_that_begins_like_a_formula_is_text(sign: str) -> None:
    assert neutral(f"{sign}1+1") == f"'{sign}1+1"


@given(st.one_of(st.text(), st.integers(), st.none()))
def test_no_cell_begins_like_a_formula_and_no_other_is_changed(cell: object) -> None:
    made = neutral(cell)
    assert not (isinstance(made, str) and made.startswith(FORMULA))
    assert made in {cell, f"'{cell}"}


def test_whatever_writes_a_table_file_neutralises_its_cells() -> None:
    writers = [
        path
        for path in (ROOT / "supervision").rglob("*.py")
        if re.search(r"csv\.(?:Dict)?[Ww]riter\(", path.read_text())
    ]
    assert len(writers) >= 4
    assert not [str(path) for path in writers if "neutral(" not in path.read_text()]
