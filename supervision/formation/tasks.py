"""The job that forms groups: takes the run that has waited longest, searches, and keeps the best it finds."""

import logging
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from supervision.formation import proposals, queries
from supervision.formation.proposals import Problem
from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Plan
from supervision.formation.solver import Progress, reasons, solve, why_moved

Transaction = Callable[[], AbstractContextManager[Session]]
log = logging.getLogger(__name__)
SEED = 1  # our choice: the same pool gives the same proposal
TIME_LIMIT_S = 60.0  # our choice: what one waits for at the page
SILENT = timedelta(minutes=5)  # our choice: a run without a sign of life for so long went down with its process
PAUSE_S = 1.0  # between two signs of life


class _Unsound(RuntimeError):
    """The checker found a fault in a plan; it is not shown to anyone."""


@dataclass(slots=True)
class _Desk:
    """Writes down how far a run is, once a second, and hears whether it should stop."""

    transaction: Transaction
    clock: Callable[[], datetime]
    run_id: uuid.UUID
    told_at: float = 0.0
    heard_at: float = 0.0
    is_stopped: bool = False

    def tell(self, progress: Progress) -> None:
        """Write down how far it is."""
        if time.monotonic() - self.told_at < PAUSE_S:
            return
        with self.transaction() as session:
            run = queries.find_run(session, self.run_id)
            if run is not None and run.status == "running":
                run.stage, run.share = progress.stage, int(100 * progress.share)
                run.placed, run.bound, run.told_at = progress.placed, progress.bound, self.clock()
        self.told_at = time.monotonic()

    def stop(self) -> bool:
        """Return whether someone has pressed stop, or the run is gone."""
        if not self.is_stopped and time.monotonic() - self.heard_at >= PAUSE_S:
            with self.transaction() as session:
                run = queries.find_run(session, self.run_id)
                self.is_stopped = run is None or run.is_stop_asked
                if run is not None:
                    run.told_at = self.clock()
            self.heard_at = time.monotonic()
        return self.is_stopped


def form_groups(transaction: Transaction, clock: Callable[[], datetime]) -> int:
    """Work off every run that waits; return how many. The search holds no transaction open.

    A run that fails says so on its page, and the reason is in the log without any name.
    """
    with transaction() as session:
        for run in queries.silent_runs(session, clock() - SILENT):
            run.status, run.ended_at = "failed", clock()
    done = 0
    while (run_id := _claim(transaction, clock())) is not None:
        try:
            _work(transaction, clock, run_id)
        except Exception as error:  # noqa: BLE001 - whatever happened, the page must not wait for ever
            log.error("forming groups failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback holds people
            with transaction() as session:
                lost = queries.find_run(session, run_id)
                if lost is not None:
                    lost.status, lost.ended_at = "failed", clock()
        done += 1
    return done


def _claim(transaction: Transaction, now: datetime) -> uuid.UUID | None:
    with transaction() as session:
        run_id = queries.next_queued(session)
        run = queries.find_run(session, run_id) if run_id is not None else None
        if run is not None:
            run.status, run.told_at = "running", now
        return run_id


def _work(transaction: Transaction, clock: Callable[[], datetime], run_id: uuid.UUID) -> None:
    with transaction() as session:
        run = queries.find_run(session, run_id)
        if run is None:
            return
        problem = proposals.problem_of(session, run)
    desk = _Desk(transaction, clock, run_id)
    problem, plan = _solved(problem, desk)
    before = problem.previous
    why = proposals.Whys(
        reasons(problem.instance, plan), why_moved(problem.instance, before, plan) if before is not None else {}
    )
    with transaction() as session:
        run = queries.find_run(session, run_id)
        if run is not None:
            proposals.keep_proposal(session, run, problem, plan, why, clock())


def _solved(problem: Problem, desk: _Desk) -> tuple[Problem, Plan]:
    """Return a plan that holds every group that exists; one that cannot be filled now is left as it is, outside."""
    while True:
        plan = solve(
            problem.instance,
            seed=SEED,
            time_limit_s=TIME_LIMIT_S,
            pinned=problem.pinned,
            previous=problem.previous,
            tell=desk.tell,
            stop=desk.stop,
        )
        here = {group.key for group in plan.groups}
        ids = problem.group_ids or {}
        let_go = [group for group in problem.pinned if group.key in ids and group.key not in here]
        if not let_go:
            break
        problem = proposals.without(problem, let_go)
    stays = tuple(group for group in problem.pinned if group.key in here)
    if faults(problem.instance, plan, stays):
        raise _Unsound
    return replace(problem, pinned=stays), plan
