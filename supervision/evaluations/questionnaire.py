"""The twelve statements of the yearly evaluation, our own and not validated (PRODUCT: yearly evaluation)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

LANGUAGES = ("sv", "da", "en")
SOURCE = Path(__file__).with_name("questionnaire.yaml")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its key, the area it belongs to, and its text by language."""

    key: str
    area: str
    text: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Questionnaire:
    """A version of the questionnaire: the scale's ends with their words by language, and the statements in order."""

    version: int
    lowest: int
    highest: int
    low: Mapping[str, str]
    high: Mapping[str, str]
    statements: tuple[Statement, ...]

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the statements, in order."""
        return tuple(statement.key for statement in self.statements)

    def as_data(self) -> dict[str, Any]:
        """Return the questionnaire as JSON can hold it, to be frozen with a campaign; `from_data` reads it."""
        return {
            "version": self.version,
            "scale": {
                "min": self.lowest,
                "max": self.highest,
                "dont_know": True,
                "low": dict(self.low),
                "high": dict(self.high),
            },
            "statements": [
                {"key": statement.key, "area": statement.area, **statement.text} for statement in self.statements
            ],
        }


def from_data(data: Mapping[str, Any]) -> Questionnaire:
    """Read a questionnaire from data. Raises ValueError that says what is missing or twice there.

    Checked: the scale 1-5 with "don't know", unique keys, at least one statement, every text in sv, da and en.
    """
    scale = data["scale"]
    if (scale["min"], scale["max"], scale["dont_know"]) != (1, 5, True):
        raise ValueError("the scale is 1 to 5 with a don't-know")
    statements = tuple(
        Statement(str(entry["key"]), str(entry["area"]), _texts(entry, str(entry["key"])))
        for entry in data["statements"]
    )
    keys = [statement.key for statement in statements]
    if not keys or len(set(keys)) != len(keys):
        raise ValueError("every statement needs a key of its own")
    return Questionnaire(
        version=int(data["version"]),
        lowest=scale["min"],
        highest=scale["max"],
        low=_texts(scale["low"], "scale"),
        high=_texts(scale["high"], "scale"),
        statements=statements,
    )


def _texts(entry: Mapping[str, Any], name: str) -> dict[str, str]:
    texts = {language: str(entry.get(language) or "").strip() for language in LANGUAGES}
    missing = [language for language, text in texts.items() if not text]
    if missing:
        raise ValueError(f"{name} has no text in {', '.join(missing)}")
    return texts


@lru_cache(maxsize=1)
def standard() -> Questionnaire:
    """Return our own questionnaire, read once."""
    return from_data(yaml.safe_load(SOURCE.read_text(encoding="utf-8")))
