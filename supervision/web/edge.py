"""What the features hand to the edge when the app is wired, and what a request asks of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from flask import Flask, current_app, g
from sqlalchemy.orm import Session

from supervision.kernel.actor import Actor
from supervision.kernel.clock import Clock

Relations = Callable[[Session, UUID], Mapping[str, Any]]
"""Answers how a person stands to things, as fields of `Actor`; one fixed number of queries."""
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
    menu: Menu = lambda _actor: []
    keep_alive: Callable[[], bool] = lambda: False
    """Notes that the session is in use; says whether that is to be written."""
    presence: Presence = lambda _session, _meeting_id: {}


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
