"""Pull the plug at a step: before or after any statement, any commit, any file that is touched, or at any line."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

FILES = {"open", "os.remove", "os.rename", "os.chmod", "os.mkdir", "os.truncate"}


class PowerCut(BaseException):
    """Nothing catches it, as nothing catches a power cut."""


class Plug:
    """Counts the steps and does its worst at the chosen one; with none chosen it only counts."""

    def __init__(self, at: int | None = None, worst: Callable[[], None] | None = None) -> None:
        self.at, self.worst, self.steps, self.pulled = at, worst or self.cut, 0, False

    @staticmethod
    def cut() -> None:
        raise PowerCut

    def step(self, *_args: Any) -> None:
        number, self.steps = self.steps, self.steps + 1
        if number == self.at:
            self.pulled = True
            self.worst()


_watching: list[tuple[Plug, str]] = []


def _audit(name: str, args: tuple[Any, ...]) -> None:
    if _watching and name in FILES and str(args[0]).startswith(_watching[-1][1]):
        _watching[-1][0].step()


_hooked: list[bool] = []


@contextmanager
def statements_and_files(plug: Plug, folder: Path, *, after_commits: bool = False) -> Iterator[None]:
    """Step at every statement (before and after), every commit, every touch of the folder's files.

    After a commit SQLAlchemy cannot bear an exception; there only a process that is killed may stop.
    """
    if not _hooked:
        sys.addaudithook(_audit)
        _hooked.append(True)
    hooks = [
        (Engine, "before_cursor_execute"),
        (Engine, "after_cursor_execute"),
        (Engine, "commit"),
    ] + [(Session, "after_commit")] * after_commits
    for target, name in hooks:
        event.listen(target, name, plug.step)
    _watching.append((plug, str(folder)))
    try:
        yield
    finally:
        _watching.pop()
        for target, name in hooks:
            event.remove(target, name, plug.step)


@contextmanager
def lines_of(plug: Plug, folder: Path | str, but: str = "?") -> Iterator[set[tuple[str, int]]]:
    """Step at every line of a folder's modules, the first time it is reached."""
    seen: set[tuple[str, int]] = set()
    ours: dict[CodeType, bool] = {}

    def trace(frame: FrameType, kind: str, _arg: object) -> Any:
        code = frame.f_code
        if code not in ours:
            ours[code] = code.co_filename.startswith(str(folder)) and not code.co_filename.endswith(but)
        if not ours[code]:
            return None
        place = (code.co_filename, frame.f_lineno)
        if kind == "line" and place not in seen:
            seen.add(place)
            plug.step()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        yield seen
    finally:
        sys.settrace(before)


def in_a_process_that_is_killed(work: Callable[[], None]) -> None:
    """Run something in a child that ends without a word when the plug is pulled: no rollback, nothing cleared up."""
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
