"""The signs of life of the jobs: noted in memory while they work, and written down now and then.

Some sweeps run every other second; a row a run would keep the disk busy with nothing else.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime
from threading import Lock
from typing import Any

from sqlalchemy.orm import Session

from supervision.operations.rules import LEADING
from supervision.operations.services import Run, note_runs

Transaction = Callable[[], AbstractContextManager[Session]]


@dataclass(slots=True)
class Ledger:
    """What the present jobs process has done since `leads_since_at`; used by many threads."""

    leads_since_at: datetime
    periods: Mapping[str, int]
    _runs: dict[str, Run] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def begun(self, name: str, now: datetime) -> None:
        """Note that a sweep has begun."""
        self._note(name, started_at=now)

    def ended(self, name: str, now: datetime) -> None:
        """Note that a sweep has come to its end."""
        self._note(name, finished_at=now)

    def failed(self, name: str, fault: BaseException, now: datetime) -> None:
        """Note that a sweep has failed: the kind of fault only, since its words can name people."""
        self._note(name, faulted_at=now, fault=type(fault).__name__)

    def write(self, transaction: Transaction, now: datetime) -> None:
        """Write down what is known, with a sign of life."""
        with self._lock:
            runs = {**self._runs, LEADING: Run(started_at=self.leads_since_at)}
        with transaction() as session:
            note_runs(session, runs, {**self.periods, LEADING: 0}, now=now)

    def _note(self, name: str, **what: Any) -> None:  # noqa: ANN401 - the fields of a run
        with self._lock:
            self._runs[name] = replace(self._runs.get(name, Run()), **what)
