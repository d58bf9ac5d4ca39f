"""What the supervisor's screen shows of a round, in their words."""

from datetime import datetime
from typing import Any

from supervision.live import words
from supervision.live.plan_screen import plan
from supervision.live.rules import RoundState, RoundView
from supervision.live.rules.view import PlaceView
from supervision.live.words import _
from supervision.web.dates import clock, length

DRAWN = {"has_floor": "speaking", "not_yet": "waiting", "listening": ""}  # the other states are drawn by their name
EVEN_FROM = 0.9  # a Jain index from here on is called even


def supervisors(state: RoundState, view: RoundView, zone: str, now: datetime, format_name: str = "") -> dict[str, Any]:
    """Return everything the supervisor's screen shows of a round (DESIGN: live, supervisor)."""
    names = words.short_names(state.participants)
    following = state.phases[view.phase_index + 1 : view.phase_index + 2]
    now_text = clock(now, zone)
    return {
        "status": view.status,
        "seq": view.seq,
        "names": names,
        "phase": words.phase_name(view.phase),
        "phase_index": view.phase_index,
        "mode": view.phase.mode,
        "cases_line": _format_line(format_name, view),
        "next_phase": words.phase_name(following[0]) if following else None,
        "table": {
            "places": [_place(place, index, view, names) for index, place in enumerate(view.places)],
            "hub": _hub(view),
            "speaking_index": _lit(view.places),
        },
        "holder": view.holder,
        "resting": view.resting,
        "is_question": view.is_question,
        "next_up": view.next_up,
        "can_undo": view.undo is not None,
        "undo": words.what_was_done(view.undo, names),
        "reminders": words.reminders(view.nudges, names),
        "waiting": [_waiting(place, names) for place in view.places if place.state in {"not_yet", "next"}],
        "passed": [(names[p.person_id], p.is_asked_again) for p in view.places if p.state == "passed"],
        "away": [
            (p.person_id, names[p.person_id], clock(p.away_at, zone) if p.away_at else "")
            for p in view.places
            if p.state == "away"
        ],
        "present": [(p.person_id, names[p.person_id]) for p in view.places if p.state != "away"],
        "unknown_presenters": [n for n, person in enumerate(state.presenters, start=1) if person is None],
        "plan": plan(view, state, zone, now_text),
        "minutes": minutes(view, names),
        "balance": view.balance,
        "is_even": view.balance is not None and view.balance >= EVEN_FROM,
        "clock": now_text,
        "ends": clock(view.ends_at, zone),
    }


def who_has_control(since_at: datetime | None, zone: str, *, is_mine: bool) -> str:
    """Return which screen has the control, and since when."""
    if since_at is None:
        return _("No screen has the control.")
    since = clock(since_at, zone)
    if is_mine:
        return _("This screen has had the control since %(time)s.", time=since)
    return _("Another screen has had the control since %(time)s.", time=since)


def _format_line(name: str, view: RoundView) -> str:
    line = words.cases_line(view.case_no, view.cases)
    if not name:
        return line
    return f"{name} · {words.in_a_line(line)}" if view.case_no else name


def minutes(view: RoundView, names: dict[str, str]) -> list[dict[str, Any]]:
    """Return the table of minutes in the order of places, never of minutes (DESIGN: never a ranking)."""
    longest_s = max([1.0, *(max(place.total_s, place.expected_s) for place in view.places)]) * 1.05
    return [
        {
            "name": names[place.person_id],
            "note": {"passed": _("stood over"), "away": _("away")}.get(place.state, ""),
            "used_pct": 100 * place.total_s / longest_s,
            "expected_pct": 100 * place.expected_s / longest_s if place.expected_s else None,
            "total_s": place.total_s,
            "expected_s": place.expected_s,
        }
        for place in view.places
    ]


def _place(place: PlaceView, index: int, view: RoundView, names: dict[str, str]) -> dict[str, Any]:
    is_speaker = place.state in {"has_floor", "asking", "answering", "resting"}
    word = "" if place.state == "done" else words.state_word(place.state)
    used = 100 * place.ring if place.ring is not None else None
    if place.is_lit and used is not None and not view.is_question:
        used = max(used, 0.1)  # a ring that grows each second is drawn from the start
    has_time = place.state == "done" or (is_speaker and place.used_s >= 1 and not view.is_question)
    return {
        "id": place.person_id,
        "index": index,
        "name": names[place.person_id],
        "initials": words.initials(place.name),
        "state": DRAWN.get(place.state, place.state),
        "state_word": word,
        "used_pct": None if place.state in {"passed", "away"} else used,
        "rings": True,
        "minutes": length(place.used_s) if has_time or (place.is_lit and not view.is_question) else "",
        "more": _more(place, view),
    }


def _more(place: PlaceView, view: RoundView) -> str:
    """Return what is read out after a place's words, not shown."""
    if place.is_lit and place.share_s:
        return _("of %(share)s", share=length(place.share_s))
    if place.state == "done":
        return _("done in this phase")
    if place.is_asked_again:
        return _("is asked again at the end")
    if place.is_presenter:
        return _("presents the case, speaks last") if view.phase.mode == "R" else _("presents the case")
    return ""


def _waiting(place: PlaceView, names: dict[str, str]) -> tuple[str, bool]:
    return names[place.person_id], place.is_presenter


def _lit(places: tuple[PlaceView, ...]) -> int | None:
    return next((index for index, place in enumerate(places) if place.is_lit), None)


def _hub(view: RoundView) -> dict[str, Any]:
    is_over = view.phase_over_s >= 1
    allotted_s = view.phase_allotted_s
    if view.status == "paused":
        sub = _("the clock is paused")
    else:
        sub = _("over the time") if is_over else _("left of %(time)s", time=length(allotted_s))
    return {
        "phase": words.phase_name(view.phase),
        "time": f"+{length(view.phase_over_s)}" if is_over else length(view.phase_left_s),
        "sub": sub,
        "used_pct": 100 * min(1.0, view.phase_elapsed_s / allotted_s) if allotted_s else 100,
        "is_over": is_over,
    }
