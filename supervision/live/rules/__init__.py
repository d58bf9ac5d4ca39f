"""The rules of the live round: events in, the state of the table out; no clock, no database (PRODUCT: live round)."""

from supervision.live.rules.engine import EMPTY, decide, fold
from supervision.live.rules.events import KINDS, Command, Event, Participant, Start
from supervision.live.rules.state import RoundState
from supervision.live.rules.view import RoomView, RoundView, for_room, spoken_s, view_at

__all__ = [
    "EMPTY",
    "KINDS",
    "Command",
    "Event",
    "Participant",
    "RoomView",
    "RoundState",
    "RoundView",
    "Start",
    "decide",
    "fold",
    "for_room",
    "spoken_s",
    "view_at",
]
