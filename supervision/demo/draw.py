"""Drawn answers that look like a group's: mostly content, a little more each year, some statements lower."""

import random
from collections.abc import Sequence

LOWER = {"able": 2, "colleagues": 1, "difficult": 1, "bear": 1}


def answers_of_a_year(draw: random.Random, statements: Sequence[str], year: int) -> dict[str, int | None]:
    """Return one made-up ballot: 1-5 or None for "don't know" by statement."""
    return {
        key: None if draw.random() < 0.04 else min(5, max(1, draw.choice((3, 4, 4, 5)) + year // 2 - LOWER.get(key, 0)))
        for key in statements
    }
