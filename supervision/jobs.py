"""The timetable: one jobs process beside the web. Each job is a sweep over what is due, and idempotent.

Two jobs processes may run; only the one that holds the leader's lock works (PostgreSQL: an advisory lock on a
connection of its own; SQLite: a lock on a file), the other waits to take over.
"""

import logging
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event

from apscheduler.schedulers.background import BackgroundScheduler
from flask import Flask
from sqlalchemy import text

import config as settings
from supervision.audit import tasks as audit
from supervision.cases import tasks as cases
from supervision.cover import tasks as cover
from supervision.evaluations import tasks as evaluations
from supervision.evaluations.sealing import KeyRing
from supervision.formation import tasks as formation
from supervision.groups import agreement_tasks as agreement
from supervision.groups import tasks as groups
from supervision.kernel.clock import Clock, system_clock
from supervision.live import tasks as live
from supervision.meetings import endings
from supervision.meetings import tasks as meetings
from supervision.operations.rules import NOTED_EVERY_S
from supervision.operations.tasks import Ledger
from supervision.outbox import tasks as outbox
from supervision.outbox.courier import courier
from supervision.privacy import tasks as privacy
from supervision.reminders import tasks as reminders
from supervision.store import adoption, forgetting
from supervision.store.database import db, transaction
from supervision.web.edge import edge

log = logging.getLogger(__name__)
LEADER_KEY = 7_203_011
MISFIRE_GRACE_S = 3600
LEADER_PAUSE_S = 2


def send_mail(app: Flask) -> None:
    """Send the outbox."""
    config: settings.Config = app.config["SETTINGS"]
    with courier(config.smtp) as send:
        is_mailbox = config.smtp is None
        outbox.send_due(transaction, send, sender=config.mail_from, now=edge().clock(), keeps_opening=is_mailbox)


def purge(_app: Flask) -> None:
    """Delete what has been kept long enough."""
    privacy.purge(transaction, now=edge().clock())


def purge_cases(_app: Flask) -> None:
    """Delete the texts of cases whose days are over."""
    cases.purge_cases(transaction, edge().clock())


def tell_turns(_app: Flask) -> None:
    """Tell who is next where the meeting is near."""
    cases.tell_turns(transaction, edge().clock())


def expire_offers(_app: Flask) -> None:
    """Let offers run out and ask the next in line."""
    groups.expire_offers(transaction, edge().clock())


def remind(_app: Flask) -> None:
    """Remind the members of the meetings that are near, and ask about those to which few come."""
    reminders.remind(transaction, edge().clock())
    reminders.ask_about_few(transaction, edge().clock())


def send_dates(_app: Flask) -> None:
    """Send the dates to those who have got a seat."""
    meetings.send_dates(transaction, edge().clock())


def wind_up(_app: Flask) -> None:
    """Cancel what is left of groups that have ended, and tell their members."""
    endings.wind_up(transaction, edge().clock())


def plan_open_close(app: Flask) -> None:
    """Plan, open and close evaluations."""
    config: settings.Config = app.config["SETTINGS"]
    evaluations.plan_open_close(transaction, KeyRing(config.instance / "keys"), edge().clock())


def purge_rounds(_app: Flask) -> None:
    """Delete the logs of rounds that are 30 days old."""
    live.purge_log(transaction, edge().clock())


def remind_of_agreement(_app: Flask) -> None:
    """Remind those who have not accepted their group's agreement."""
    agreement.remind_of_agreement(transaction, edge().clock())


def end_cover(_app: Flask) -> None:
    """End requests for cover whose date does not stand any more."""
    cover.end_over(transaction, edge().clock())


def remind_of_cover(_app: Flask) -> None:
    """Remind planners of requests for cover without an answer."""
    cover.remind_planners(transaction, edge().clock())


def form_groups(_app: Flask) -> None:
    """Work off the proposals for groups that someone waits for."""
    formation.form_groups(transaction, edge().clock)


def adopt_texts(_app: Flask) -> None:
    """Give texts of earlier releases a key of their own; one that does not open is named by table and row."""
    for one in adoption.adopt(transaction).faulty:
        log.error("%s %s does not open: %s", one.place, one.row, one.why)


def destroy_keys(_app: Flask) -> None:
    """Destroy the keys of texts that are gone, as far as that was not done at once."""
    try:
        forgetting.sweep(db.engine, edge().clock())
    except forgetting.TooMany as refusal:
        log.error("keys are not destroyed: %s. Right database? Then: flask keys tidy", refusal)  # noqa: TRY400


def chain_audit(app: Flask) -> None:
    """Chain what the audit log has got since the last minute."""
    config: settings.Config = app.config["SETTINGS"]
    audit.chain(transaction, config.instance)


SWEEPS: tuple[tuple[str, int, Callable[[Flask], None]], ...] = (
    ("send mail", 2, send_mail),
    ("expire offers", 60, expire_offers),
    ("wind up", 60, wind_up),
    ("send dates", 60, send_dates),
    ("evaluations", 60, plan_open_close),
    ("remind", 60, remind),
    ("chain audit", 60, chain_audit),
    ("purge cases", 600, purge_cases),
    ("tell turns", 60, tell_turns),
    ("remind of agreement", 600, remind_of_agreement),
    ("end cover", 60, end_cover),
    ("remind of cover", 600, remind_of_cover),
    ("form groups", 2, form_groups),
    ("purge", 3600, purge),
    ("purge rounds", 3600, purge_rounds),
    ("adopt texts", 3600, adopt_texts),
    ("destroy keys", 600, destroy_keys),
)
"""Each job's name, its period in seconds, and its body."""


def sweep_all(app: Flask) -> None:
    """Do everything that is due, once, in the order of the timetable."""
    for _name, _period, body in SWEEPS:
        with app.app_context():
            body(app)


def run(app: Flask) -> None:
    """Wait for the leader's lock, then keep the timetable until SIGTERM or Ctrl-C."""
    stop = Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    with leadership(app, stop) as leads:
        if not leads:
            return
        log.info("jobs: leading")
        ledger = Ledger(edge_clock(app)(), {name: period_s for name, period_s, _body in SWEEPS})
        scheduler = BackgroundScheduler(timezone="UTC")
        for name, period_s, body in SWEEPS:
            scheduler.add_job(
                _noted(app, name, body, ledger),
                "interval",
                seconds=period_s,
                id=name,
                coalesce=True,
                max_instances=1,
                misfire_grace_time=MISFIRE_GRACE_S,
                next_run_time=system_clock(),  # the scheduler reads the machine's clock, not the app's
            )
        scheduler.add_job(
            _in_context(app, lambda _app: ledger.write(transaction, edge().clock())),
            "interval",
            seconds=NOTED_EVERY_S,
            id="sign of life",
            coalesce=True,
            max_instances=1,
            next_run_time=system_clock(),
        )
        scheduler.start()
        stop.wait()
        scheduler.shutdown(wait=True)


def _in_context(app: Flask, body: Callable[[Flask], None]) -> Callable[[], None]:
    def work() -> None:
        with app.app_context():
            body(app)

    return work


def _noted(app: Flask, name: str, body: Callable[[Flask], None], ledger: Ledger) -> Callable[[], None]:
    """Return a sweep that notes when it began, and how it ended."""
    clock = edge_clock(app)

    def work(app: Flask) -> None:
        ledger.begun(name, clock())
        try:
            body(app)
        except BaseException as fault:
            ledger.failed(name, fault, clock())
            raise
        ledger.ended(name, clock())

    return _in_context(app, work)


def edge_clock(app: Flask) -> Clock:
    """Return the app's clock; outside of a request and of a job."""
    with app.app_context():
        return edge().clock


@contextmanager
def leadership(app: Flask, stop: Event) -> Iterator[bool]:
    """Hold the leader's lock; yields False when told to stop before it was free."""
    with app.app_context():
        dialect = db.engine.dialect.name
    lock = _postgres_lock if dialect == "postgresql" else _file_lock
    with lock(app, stop) as leads:
        yield leads


@contextmanager
def _postgres_lock(app: Flask, stop: Event) -> Iterator[bool]:
    with app.app_context(), db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.detach()  # closing must end the lock; in the pool the connection would live on and keep it
        asked = text("SELECT pg_try_advisory_lock(:key)").bindparams(key=LEADER_KEY)
        while not connection.scalar(asked):
            if stop.wait(LEADER_PAUSE_S):
                yield False
                return
        yield True


@contextmanager
def _file_lock(app: Flask, stop: Event) -> Iterator[bool]:
    path = Path(app.instance_path) / "jobs.lock"
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with path.open("a+b") as file:
        while not _lock_file(file.fileno()):
            if stop.wait(LEADER_PAUSE_S):
                yield False
                return
        yield True


def _lock_file(descriptor: int) -> bool:
    try:
        import fcntl  # noqa: PLC0415 - not on Windows

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except ImportError:
        import msvcrt  # noqa: PLC0415

        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        except OSError:
            return False
    except OSError:
        return False
    return True
