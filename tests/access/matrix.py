"""Reads matrix.yaml and routes.yaml: what is expected of each request of each column."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from tests.access.world import PEOPLE

HERE = Path(__file__).parent
NOBODY = "nobody"
UNPROVEN = "supervisor before the second factor"
EVERYONE = (*PEOPLE, NOBODY)
WHOLE = bool(os.environ.get("RUNDAN_MATRIX"))
"""Whether all is asked on both databases (`make matrix`), or what a run of all tests has time for."""


@dataclass(frozen=True)
class Use:
    """One line of the generated requests: a route and method, for one action on one object."""

    endpoint: str
    method: str
    object: str
    action: str
    things: dict[str, str] = field(default_factory=dict)
    send: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    answer: str = "yes"
    """What a page answers whom it lets in, where it is not one of the usual."""

    def __str__(self) -> str:
        return f"{self.endpoint} {self.method} ({self.object} / {self.action})"


def read(name: str) -> dict[str, Any]:
    return yaml.load((HERE / name).read_text(), yaml.BaseLoader)  # noqa: S506 - "yes" stays a word


def columns(names: Iterable[str], sets: dict[str, list[str]]) -> set[str]:
    """Return the columns behind names of columns and of sets."""
    found: set[str] = set()
    for name in names:
        if name in sets:
            found |= columns(sets[name], sets)
        elif name in EVERYONE:
            found.add(name)
        else:
            raise LookupError(f"matrix.yaml: {name!r} is neither a column nor a set")
    return found


@cache
def expected() -> dict[tuple[str, str], dict[str, str]]:
    """Return (object, action) -> column -> expected answer."""
    data = read("matrix.yaml")
    found = {}
    for name, one in data["objects"].items():
        known = columns(one["known"], data["sets"])
        for action, given in one["actions"].items():
            row = given if isinstance(given, dict) else {"yes": given}
            cells = {column: "403" if column in known else "404" for column in EVERYONE}
            cells |= {NOBODY: "sign-in", UNPROVEN: "factor"}
            for answer, who in row.items():
                if answer != "why":
                    cells |= dict.fromkeys(columns(who, data["sets"]), str(answer))
            cells |= dict.fromkeys(columns(one.get("404", {}).get(action, ()), data["sets"]), "404")
            found[name, action] = cells
    return found


@cache
def uses() -> tuple[Use, ...]:
    """Return every request to be tried, without who asks."""
    return tuple(_uses())


def _uses() -> Iterator[Use]:
    objects = read("matrix.yaml")["objects"]
    for route, given in read("routes.yaml").items():
        endpoint, method = route.split(" ")
        row = given if isinstance(given, dict) else {"use": given}
        for use in [row["use"]] if isinstance(row["use"], str) else row["use"]:
            name, action = use.split(" / ")
            yield Use(
                endpoint,
                method,
                name,
                action,
                objects[name].get("things", {}) | row.get("things", {}),
                row.get("send", {}),
                row.get("query", ""),
                str(row.get("answer", "yes")),
            )


def is_denied(use: Use, who: str) -> bool:
    """Return whether one column is to be kept out."""
    return expected()[use.object, use.action][who] != "yes"


def wanted(use: Use, who: str) -> str:
    """Return what one column is to be answered."""
    cell = expected()[use.object, use.action][who]
    return use.answer if cell == "yes" else cell


def own_and_other(use: Use) -> list[str]:
    """Return one column the matrix lets in, one it answers 403 and one 404, as far as there are such.

    The one kept out is of another organisation, where such a one is kept out.
    """
    near_first = sorted(EVERYONE, key=lambda who: not who.endswith("other organisation"))
    chosen = {wanted(use, who): who for who in reversed(near_first) if is_denied(use, who)}
    let_in = next((who for who in EVERYONE if not is_denied(use, who)), None)
    kept_out = [who for answer, who in chosen.items() if answer in {"403", "404"}]
    return [*([let_in] if let_in else []), *kept_out]
