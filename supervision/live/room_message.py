"""What goes out to everyone at the table at each change: the room's view as JSON, the same bytes for all followers."""

import json
from datetime import datetime
from typing import Any

from supervision.live.rules import RoundState, RoundView, for_room, view_at
from supervision.live.rules.view import RoomPlace

# DESIGN: states of a place; nobody is told who stood over, and why someone is away.
ROOM_STATES = frozenset({"has_floor", "asking", "answering", "resting", "next", "done", "away"})
ON_TURN = frozenset({"has_floor", "asking", "resting"})


def message_of(state: RoundState, now: datetime) -> bytes:
    """Return the room's view at `now` as JSON: the fields of `RoomView`, and `now`, `phase_index`, `order`.

    Seconds, instants in ISO 8601. It holds nobody's share, minutes, weight, balance or reminders (DESIGN: never shown).
    """
    view = view_at(state, now)
    told: dict[str, Any] = {"status": state.status, "seq": state.last_seq, "now": _instant(now)}
    if view is not None:
        told = _room(state, view) | told
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()


def _room(state: RoundState, view: RoundView) -> dict[str, Any]:
    shown = for_room(view)
    phase = shown.phase
    return {
        "phase": {"key": phase.key, "mode": phase.mode, "name": dict(phase.name), "case_no": phase.case_no},
        "phase_index": view.phase_index,
        "case_no": shown.case_no,
        "cases": shown.cases,
        "phase_left_s": round(shown.phase_left_s, 3),
        "phase_over_s": round(shown.phase_over_s, 3),
        "phase_allotted_s": round(shown.phase_allotted_s, 3),
        "ends_at": _instant(shown.ends_at),
        "places": [_place(place) for place in shown.places],
        "holder": shown.holder,
        "next_up": shown.next_up,
        "order": [
            {"person_id": person_id, "state": word, "note": note} for person_id, word, note in order(state, view)
        ],
    }


def _place(place: RoomPlace) -> dict[str, Any]:
    return {
        "person_id": place.person_id,
        "name": place.name,
        "place_no": place.place_no,
        "state": place.state if place.state in ROOM_STATES else "",
        "is_lit": place.is_lit,
    }


def order(state: RoundState, view: RoundView) -> list[tuple[str, str, str]]:
    """Return whose turn it is, for all to see: (person, state, note).

    In a round those done, the one on turn, then those still to be asked; otherwise who has the floor. The state is
    done, now, resting or coming; the note is the state of a place, or presents, again (asked once more), or nothing.
    """
    places = {place.person_id: place for place in view.places}
    if view.phase.mode != "R":
        return [(place.person_id, "now", place.state) for place in view.places if place.is_lit]
    spoken = [person_id for person_id in state.order() if places[person_id].state == "done"]
    turn = [person_id for person_id in state.order() if places[person_id].state in ON_TURN]
    lines = {person_id: (person_id, "done", "") for person_id in spoken}
    for person_id in (*turn, *state.waiting()):
        place = places[person_id]
        if person_id in lines:
            continue
        if person_id in turn:
            lines[person_id] = (person_id, "now" if place.is_lit else "resting", place.state)
        elif place.state == "next":
            lines[person_id] = (person_id, "coming", "next")
        else:
            note = "presents" if place.is_presenter else "again" if place.is_asked_again else ""
            lines[person_id] = (person_id, "coming", note)
    return list(lines.values())


def _instant(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
