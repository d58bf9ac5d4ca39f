"""What the features hand to the edge when the app is wired, and what a request asks of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Flask, current_app, g
from sqlalchemy import CompoundSelect, Select, union_all
from sqlalchemy.orm import Session

from supervision.kernel.actor import Actor
from supervision.kernel.clock import Clock

Relations = Callable[[], Sequence[Select[tuple[str, UUID]]]]
"""Says how a person, `person_id`, stands to things: SELECTs of a field of `Actor` and the id of a thing."""
Identity = Callable[[Session, datetime], Actor]
"""Answers who is behind the present request, without relations."""
Menu = Callable[[Actor], list[dict[str, Any]]]
Presence = Callable[[Session, UUID], Mapping[UUID, str]]
"""Answers who was at a meeting as far as its round tells: person id -> present, late, left_early or absent."""


@dataclass(slots=True)
class Edge:
    """The wiring of one app."""

    clock: Clock
    identity: Identity
    relations: list[Relations] = field(default_factory=list)
    _asked: CompoundSelect[tuple[str, UUID]] | None = None
    menu: Menu = lambda _actor: []
    keep_alive: Callable[[], bool] = lambda: False
    """Notes that the session is in use; says whether that is to be written."""
    presence: Presence = lambda _session, _meeting_id: {}

    def relations_of(self, session: Session, person_id: UUID) -> Mapping[str, Any]:
        """Return how a person stands to everything now, as fields of `Actor`: one query for all features together."""
        if self._asked is None:  # each request asks it: a statement that is built once is told apart only once, too
            self._asked = union_all(*(one for relations in self.relations for one in relations()))
        session.flush()
        found: dict[str, set[UUID]] = {}
        for name, thing_id in session.connection().execute(self._asked, {"person_id": person_id}):
            found.setdefault(name, set()).add(thing_id)
        return {name: frozenset(ids) for name, ids in found.items()}


def install(app: Flask, edge: Edge) -> None:
    """Attach the wiring to the app."""
    app.extensions["edge"] = edge


def edge() -> Edge:
    """Return the wiring of the current app."""
    return cast("Edge", current_app.extensions["edge"])


def now() -> datetime:
    """Return the instant of this request: the same from its first to its last line."""
    if "now" not in g:
        g.now = edge().clock()
    return cast("datetime", g.now)
