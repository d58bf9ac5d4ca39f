"""Every route, as everyone, by every method, with hostile values: no fault, nothing told, nothing taken as markup.

`make test` sends a few thousand requests, `make fuzz` fifty thousand and more (RUNDAN_FUZZ=number, RUNDAN_FUZZ_SEED).
"""

import logging
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field

import pytest
from flask import Flask

from supervision.people import services as people
from supervision.store.database import writing
from tests import factories
from tests.fuzz.arena import CHEAP, Arena
from tests.fuzz.judge import Asked, faults
from tests.fuzz.shots import Gun, Shot

FULL = int(os.environ.get("RUNDAN_FUZZ", "0"))
SEED = int(os.environ.get("RUNDAN_FUZZ_SEED", "7331"))
SHARE = {"sqlite": 0.8, "postgresql": 0.2}  # of the requests in a full run; the app's own code is the same on both
FEW = {"sqlite": 1_200, "postgresql": 300}
RESET_EVERY = 250
MOST_SHOWN = 40


@dataclass
class Count:
    """What came of the shots."""

    statuses: Counter[int] = field(default_factory=Counter)
    wrong: dict[str, str] = field(default_factory=dict)
    times: int = 0
    slowest: tuple[float, str] = (0.0, "")

    def note(self, shot: Shot, fault: str, detail: str = "") -> None:
        self.times += 1
        self.wrong.setdefault(f"{fault} | {shot.method} {_shape(shot.path)}", f"{shot.told()}\n{detail}")


def _shape(path: str) -> str:
    return "/".join("…" if len(part) > 30 else part for part in path.partition("?")[0].split("/"))


def fire(arena: Arena, shot: Shot, count: Count) -> None:
    """Send one shot and judge its answer."""
    began = time.perf_counter()
    try:
        answer = arena.client.open(shot.path, method=shot.method, buffered=True, **shot.keywords)
        body = answer.get_data()
    except UnicodeError as broken:
        if "idna" in str(broken):  # the client's own: no such header can be sent
            return
        count.note(shot, "UnicodeError", traceback.format_exc(limit=-6))
        return
    except Exception as broken:  # noqa: BLE001 - the app's faults are what is looked for
        count.statuses[599] += 1
        count.note(shot, f"{type(broken).__name__}", traceback.format_exc(limit=-8))
        return
    finally:
        took = time.perf_counter() - began
        count.slowest = max(count.slowest, (took, f"{shot.method} {_shape(shot.path)}"))
    count.statuses[answer.status_code] += 1
    asked = Asked(shot.method, shot.path, shot.is_forged)
    for fault in faults(asked, answer, body):
        count.note(shot, fault, body[:0].decode())


def tell(capsys: pytest.CaptureFixture[str], line: str) -> None:
    """Say in a full run how it stands; a run of all tests is quiet."""
    if FULL:
        with capsys.disabled():
            sys.stdout.write(f"\n{line}\n")
            sys.stdout.flush()


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people, "HASHER", CHEAP)
    monkeypatch.setattr(factories, "_PASSWORD_HASH", CHEAP.hash(factories.PASSWORD))


def test_hostile_requests_break_nothing(app: Flask, session, browser, cheap, caplog, capsys) -> None:
    arena = Arena(app, session, browser)
    system = session.get_bind().dialect.name
    session.close()
    many = int(FULL * SHARE[system]) if FULL else FEW[system]
    gun, count = Gun(arena, SEED), Count()
    began = time.perf_counter()
    with caplog.at_level(logging.CRITICAL):
        for number in range(many):
            if number and number % RESET_EVERY == 0:
                arena.reset()
            seen = len(count.wrong)
            fire(arena, gun.next(), count)
            for what in list(count.wrong)[seen:]:
                tell(capsys, f"{what}\n{count.wrong[what]}")
            if number % 1_000 == 999:
                tell(capsys, f"  {system}: {number + 1} requests, {count.times} faults")
    writing.set(True)
    took = time.perf_counter() - began
    worse = sum(times for status, times in count.statuses.items() if status >= 500)
    tell(
        capsys,
        f"{system}: {many} requests as {len(arena.everyone)} roles at {len(gun.paths)} routes in {took:.0f} s, "
        f"seed {SEED}; statuses {dict(sorted(count.statuses.items()))}; 5xx {worse}; faults {count.times}; "
        f"slowest {count.slowest[0]:.2f} s ({count.slowest[1]})",
    )
    assert not count.wrong, "\n\n".join(f"## {what}\n{how}" for what, how in list(count.wrong.items())[:MOST_SHOWN])
    assert count.statuses[200] > many * 0.05
    assert count.statuses[303] > 0


def test_the_judge_sees_what_it_is_there_for(app: Flask) -> None:
    """Each thing looked for is found where it is: a page that gives everything back as it was sent."""
    bare = Flask("bare")

    @bare.route("/", methods=["GET", "POST"])
    def echo() -> tuple[str, int, dict[str, str]]:
        said = '<script>alert(7331)</script><a href="javascript:alert(1)">51317 q7q"x Traceback (most recent call last)'
        return said, 500, {"Location": "//evil.example/", "Set-Cookie": "injected=yes", "X-Injected": "yes"}

    answer = bare.test_client().post("/")
    found = " ".join(faults(Asked("POST", "/", is_forged=True), answer, answer.get_data()))
    for word in ("500", "sent to", "alert", "javascript", "51317", "q7q", "Traceback", "policy", "cookie"):
        assert word in found, word
    assert "Cache-Control: None" in found
    assert "a header was injected" in found
