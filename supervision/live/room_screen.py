"""What everyone may see of a round, in the reader's words: the room's screen and the members' phones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from supervision.formats.rules import PlannedPhase
from supervision.live import words
from supervision.live.room_message import ROOM_STATES, order
from supervision.live.rules import RoundState, RoundView, for_room
from supervision.live.words import _
from supervision.web.dates import clock, language, length

DRAWN = {"has_floor": "speaking"}  # the other states are drawn by their name
SHORT = 16  # letters that fit under a step of the strip
LEAST = 4  # letters of a first word that says enough alone


def room(state: RoundState, view: RoundView, own_id: str, zone: str, now: datetime) -> dict[str, Any]:
    """Return the screen at `now`: the phase, the time, whose turn; no share and no minutes (DESIGN: never shown).

    The place of the reader, `own_id`, is called "You".
    """
    shown = for_room(view)
    names = words.short_names(state.participants)
    if own_id in names:
        names[own_id] = _("You")
    told = _words()
    return {
        "status": shown.status,
        "phase": words.phase_name(shown.phase),
        "phase_index": view.phase_index,
        "cases_line": words.cases_line(shown.case_no, shown.cases),
        "says": told["pause"] if shown.status == "paused" else words.what_happens(shown.phase.mode),
        "table": {
            "places": [
                {
                    "id": place.person_id,
                    "index": index,
                    "name": names[place.person_id],
                    "initials": words.initials(place.name),
                    "state": DRAWN.get(place.state, place.state) if place.state in ROOM_STATES else "",
                    "state_word": told["states"].get(place.state, ""),
                    "used_pct": None,
                }
                for index, place in enumerate(shown.places)
            ],
            "hub": _hub(view, zone, now),
            "speaking_index": next((index for index, place in enumerate(shown.places) if place.is_lit), None),
        },
        "order": [
            {"name": names[person_id], "state": word, "note": _note(note, told)}
            for person_id, word, note in order(state, view)
        ],
        "phases": [_phase(state, index) for index in range(len(state.phases))],
        "words": told,
        "clock": clock(now, zone),
        "ends": clock(shown.ends_at, zone),
    }


def _words() -> dict[str, Any]:
    """Return the texts the page needs to say by itself what changes."""
    states = {state: words.state_word(state) for state in sorted(ROOM_STATES)}
    return {
        "states": states | {"away": _("Out for a while")},
        "left": _("left of %(time)s"),
        "ends": _("ends %(time)s"),
        "meeting_ends": _("The meeting ends at %(time)s."),
        "over": _("over the time"),
        "paused": _("the clock is paused"),
        "pause": _("We take a pause."),
        "presents": _("brings the case"),
        "again": _("if you like"),
        "done": _("done"),
        "say_paused": _("%(phase)s. Paused."),
        "say_asks": _("%(phase)s. %(name)s asks."),
        "say_floor": _("%(phase)s. %(name)s has the floor."),
        "say_own": _("%(phase)s. You have the floor."),
        "you": _("You"),
        "colon": ":" if language() == "en" else ".",
    }


def _note(note: str, told: Mapping[str, Any]) -> str:
    return told[note] if note in {"presents", "again"} else words.in_a_line(told["states"].get(note, ""))


def _hub(view: RoundView, zone: str, now: datetime) -> dict[str, Any]:
    is_over = view.phase_over_s >= 1
    allotted_s = view.phase_allotted_s
    if view.status == "paused":
        sub = _("the clock is paused")
    elif is_over:
        sub = _("over the time")
    else:
        sub = _("ends %(time)s", time=clock(now + timedelta(seconds=view.phase_left_s), zone))
    return {
        "phase": words.phase_name(view.phase),
        "time": f"+{length(view.phase_over_s)}" if is_over else length(view.phase_left_s),
        "sub": sub,
        "used_pct": 100 * min(1.0, view.phase_elapsed_s / allotted_s) if allotted_s else 100,
        "is_over": is_over,
    }


def _phase(state: RoundState, index: int) -> dict[str, Any]:
    """Return what the page shows of a phase when its turn has come."""
    phase = state.phases[index]
    return {
        "name": words.phase_name(phase),
        "cases_line": words.cases_line(phase.case_no, len(state.presenters)),
        "says": words.what_happens(phase.mode),
        "steps": _steps(state, index),
    }


def _steps(state: RoundState, now_index: int) -> list[dict[str, str]]:
    """Return the strip in a phase: the phases of the present part, the other parts as one step each."""
    here = _part(state.phases[now_index])
    steps: list[dict[str, str]] = []
    seen = set()
    for index, phase in enumerate(state.phases):
        part = _part(phase)
        is_before = index < now_index
        if part == here:
            word = "now" if index == now_index else "done" if is_before else "coming"
            steps.append({"name": _cut(words.phase_name(phase)), "full": words.phase_name(phase), "state": word})
        elif part not in seen:
            seen.add(part)
            name = {"opening": _("The beginning"), "closing": _("The end")}.get(
                phase.block, _("Case %(case_no)s", case_no=phase.case_no)
            )
            steps.append({"name": name, "full": name, "state": "done" if is_before else "coming"})
    return steps


def _part(phase: PlannedPhase) -> tuple[str, int | None]:
    return phase.block, phase.case_no


def _cut(name: str) -> str:
    if len(name) <= SHORT:
        return name
    first = name.split(maxsplit=1)[0]
    return first if LEAST <= len(first) <= SHORT else name[: SHORT - 1].rstrip() + "…"
