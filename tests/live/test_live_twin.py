"""The browser's round (static/js/live) against the server's: the same logs must give the same states and words."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from playwright.sync_api import Browser, Page, Route

from supervision.formats.rules import PlannedPhase
from supervision.kernel.errors import RuleBroken
from supervision.live.rules import EMPTY, Event, Participant, Start, decide, fold, for_room, spoken_s, view_at
from tests.live import rounds

STATIC = Path(__file__).parents[2] / "supervision" / "static"
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOT_THE_ROUND = {"before", "seen"}
SECONDS_NEAR = 1e-6
INSTANTS_NEAR = 1e-3  # milliseconds: the same microsecond
LATER_S = (0, 33.25, 700.000001)  # how long after an event its table is looked at, in turn

IN_THE_BROWSER = """
(log) => {
  const { EMPTY, fold, decide, viewAt, forRoom, spokenS } = window.engine;
  const plain = window.plain = (thing) => {
    if (thing instanceof Set) return [...thing].sort();
    if (thing instanceof Map) return Object.fromEntries([...thing].map(([key, one]) => [key, plain(one)]));
    if (Array.isArray(thing)) return thing.map(plain);
    if (thing === null || typeof thing !== "object") return thing;
    if ("min_s" in thing) return [thing.key, thing.mode, thing.planned_s, thing.min_s, thing.block, thing.case_no];
    const kept = Object.entries(thing).filter(([key]) => key !== "before" && key !== "seen");
    return Object.fromEntries(kept.map(([key, one]) => [key, plain(one)]));
  };
  const decided = (state, event) => {
    const person = event.person_id ?? event.data.person_id ?? null;
    try {
      return { data: decide(state, { kind: event.kind, at: event.at_ms, person_id: person, data: event.data }) };
    } catch (refusal) {
      if (refusal.code === undefined) throw refusal;
      return { code: refusal.code, params: refusal.params };
    }
  };
  const found = [];
  let state = EMPTY;
  for (const event of log) {
    const answer = decided(state, event);
    state = fold([event], state);
    const view = viewAt(state, event.look_ms);
    found.push({ answer, ...plain({ state, spoken: spokenS(state), view, room: view && forRoom(view) }) });
  }
  const whole = fold(log);
  const names = whole.phases.map((phase) => phase.name);
  return JSON.stringify({ steps: found, whole: plain(whole), seen: whole.seen.size, names });
}
"""
SWEPT_IN_THE_BROWSER = """
([log, instants]) => {
  const state = window.engine.fold(log);
  return JSON.stringify(instants.map((at) => window.plain(window.engine.viewAt(state, at))));
}
"""


def served(route: Route) -> None:
    path = route.request.url.removeprefix("http://twin.test")
    if path.startswith("/static/"):
        route.fulfill(path=STATIC / path.removeprefix("/static/"), content_type="text/javascript")
    else:
        route.fulfill(body="<!doctype html><title>Twin</title>", content_type="text/html")


@pytest.fixture(scope="module")
def twin(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    page.route("**/*", served)
    page.goto("http://twin.test/")
    page.add_script_tag(type="module", content="import * as e from '/static/js/live/engine.js'; window.engine = e;")
    page.wait_for_function("window.engine")
    yield page
    page.close()


def milliseconds(at: datetime) -> float:
    return (at - EPOCH) // timedelta(microseconds=1) / 1000


def look_at(event: Event) -> datetime:
    return event.at + timedelta(seconds=LATER_S[event.seq % len(LATER_S)])


def plain(thing: Any) -> Any:
    """Return a state or view as the browser writes it: instants in milliseconds, a phase without its names."""
    if isinstance(thing, datetime):
        return milliseconds(thing)
    if isinstance(thing, PlannedPhase):
        return [thing.key, thing.mode, thing.planned_s, thing.min_s, thing.block, thing.case_no]
    if is_dataclass(thing) and not isinstance(thing, type):
        kept = (field.name for field in fields(thing) if field.name not in NOT_THE_ROUND)
        return {name: plain(getattr(thing, name)) for name in kept}
    if isinstance(thing, Mapping):
        return {key: plain(one) for key, one in thing.items()}
    if isinstance(thing, frozenset):
        return sorted(thing)
    return [plain(one) for one in thing] if isinstance(thing, list | tuple) else thing


def differences(here: Any, there: Any, where: str = "") -> list[str]:
    """Return each place in which the browser's answer (`there`) is not the server's."""
    if isinstance(here, dict) and isinstance(there, dict):
        if here.keys() != there.keys():
            return [f"{where}: {sorted(here.keys() ^ there.keys())} only on one side"]
        return [found for key in here for found in differences(here[key], there[key], f"{where}.{key}")]
    if isinstance(here, list) and isinstance(there, list):
        if len(here) != len(there):
            return [f"{where}: {here!r} != {there!r}"]
        return [found for at, one in enumerate(here) for found in differences(one, there[at], f"{where}[{at}]")]
    if is_number(here) and is_number(there):
        near = INSTANTS_NEAR if where.endswith("_at") or ".away." in where else SECONDS_NEAR
        return [] if math.isclose(here, there, rel_tol=0, abs_tol=near) else [f"{where}: {here!r} != {there!r}"]
    return [] if here == there and type(here) is type(there) else [f"{where}: {here!r} != {there!r}"]


def is_number(thing: object) -> bool:
    return isinstance(thing, int | float) and not isinstance(thing, bool)


def on_the_server(log: list[Event]) -> dict[str, Any]:
    steps = []
    state = EMPTY
    for event in log:
        answer: dict[str, Any]
        try:
            answer = {"data": decide(state, event.command)}
        except RuleBroken as broken:
            answer = {"code": broken.code, "params": broken.refusal.params}
        state = fold([event], state)
        view = view_at(state, look_at(event))
        room = for_room(view) if view else None
        steps.append({"answer": answer, "state": state, "spoken": spoken_s(state), "view": view, "room": room})
    whole = fold(log)
    names = [dict(phase.name) for phase in whole.phases]
    return {"steps": [plain(step) for step in steps], "whole": plain(whole), "seen": len(whole.seen), "names": names}


def in_the_browser(page: Page, log: list[Event]) -> Any:
    sent = [
        event.to_data() | {"at_ms": milliseconds(event.at), "look_ms": milliseconds(look_at(event))} for event in log
    ]
    return json.loads(page.evaluate(IN_THE_BROWSER, sent))


@settings(max_examples=200, deadline=None)
@given(log=rounds.logs())
def test_the_browser_folds_decides_and_shows_what_the_server_does(twin: Page, log: list[Event]) -> None:
    assert differences(on_the_server(log), in_the_browser(twin, log)) == []


Step = tuple[float, str, str | None, dict[str, Any]]
# Each number of the rules decides something in one of these: how far a share is used, who has had little or much room,
# how often one may pass, how much a correction may be too long, the least share after one has had free time.
SCRIPTS: dict[str, list[Step]] = {
    "a share is used": [(0, "floor", "c", {})],
    "one speaks, then nobody": [(0, "next_phase", None, {}), (0, "floor", "a", {}), (100, "release", None, {})],
    "one speaks, then another": [(0, "next_phase", None, {}), (0, "floor", "b", {}), (25, "floor", "a", {})],
    "passing three times": [(5, "pass", "c", {}), (5, "pass", "c", {}), (5, "pass", "c", {})],
    "free time in a talk, then a round": [
        (0, "next_phase", None, {}),
        (0, "floor", "a", {}),
        (400, "next_phase", None, {}),
        (10, "floor", "d", {}),
    ],
    "questions and a talk without the presenter": [
        *[(0.0, "next_phase", None, {})] * 3,
        (0, "floor", "a", {}),
        (40, "floor", "b", {}),
        (70, "next_phase", None, {}),
        (0, "floor", "a", {}),
        (20, "floor", "c", {}),
    ],
    **{
        f"{floor_s} seconds are corrected": [
            (0, "floor", "c", {}),
            (60, "floor", "d", {}),
            (10, "correct", "e", {"phase": 0, "floor_s": floor_s}),
        ]
        for floor_s in (0.5, 1, 1.5, 86_400)
    },
}


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_every_five_seconds_both_show_the_same(twin: Page, script: list[Step]) -> None:
    phases = [PlannedPhase("k", mode, 600, 300, {"sv": "Fas"}, "case", 1) for mode in "RARQG"]
    people = tuple(Participant(letter, letter, number) for number, letter in enumerate("abcde"))
    start = Start("made_up", tuple(phases), 3000, people, ("b",))
    log = [Event(1, "start", rounds.T0, "tablet", "0", None, start.to_data())]
    for number, (after_s, kind, person_id, data) in enumerate(script, start=1):
        log.append(Event(number + 1, kind, log[-1].at + timedelta(seconds=after_s), "t", str(number), person_id, data))
    instants = [log[-1].at + timedelta(seconds=after_s) for after_s in range(0, 700, 5)]
    shown = [plain(view_at(fold(log), at)) for at in instants]
    sent = [[event.to_data() for event in log], [milliseconds(at) for at in instants]]
    assert differences(on_the_server(log), in_the_browser(twin, log)) == []
    assert differences(shown, json.loads(twin.evaluate(SWEPT_IN_THE_BROWSER, sent))) == []
