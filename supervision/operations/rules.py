"""What of the installation's state needs the operator, worst first (PRODUCT: the people, operator)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

LEADING = "leading"
"""The name of the row by which the leading jobs process gives its signs of life."""
NOTED_EVERY_S = 20  # our choice: a monitor asks once a minute
SILENT_AFTER = timedelta(minutes=2)  # our choice: six signs of life that did not come
LATE_BY = timedelta(minutes=10)  # our choice: beside the length of a sweep that has a lot to do
MAIL_WAITS = timedelta(minutes=15)  # our choice: mail goes out every other second, and is tried anew after a minute
GIVEN_UP_DAYS = 7  # PRIVACY: data at rest; as long as a mail's address is kept, somebody can still be told
COMING_DAYS = 14  # our choice: the rhythm of a group

ORDER = (
    "database_unreachable",
    "tables_behind",
    "audit_changed",
    "keys_unknown",
    "jobs_never",
    "jobs_silent",
    "sweep_failed",
    "sweep_late",
    "mail_waits",
    "audit_waits",
    "mail_given_up",
    "mail_refused",
    "keys_rotating",
    "texts_without_key",
)
"""The order of what is wrong, worst first. Our choice: data that cannot be trusted, then work not done, then mail."""
CALM = frozenset({"mail_refused", "keys_rotating", "texts_without_key"})
"""What is told but is no fault: it goes over by itself, or a step of the operator's is under way."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """When a job ran last: its period in seconds, and the kind of its last fault."""

    name: str
    period_s: int
    started_at: datetime | None = None
    finished_at: datetime | None = None
    faulted_at: datetime | None = None
    fault: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether it has not come to its end since it last failed."""
        return self.faulted_at is not None and (self.finished_at is None or self.finished_at < self.faulted_at)

    def is_late(self, now: datetime, leads_since_at: datetime) -> bool:
        """Whether it should have come to its end again: three periods and ten minutes after the last time."""
        last_at = max(self.finished_at or leads_since_at, leads_since_at)
        return now - last_at > 3 * timedelta(seconds=self.period_s) + LATE_BY


@dataclass(frozen=True, slots=True)
class Jobs:
    """Whether a jobs process leads, by its signs of life, and what its sweeps have done."""

    leads_since_at: datetime | None = None
    noted_at: datetime | None = None
    sweeps: tuple[Sweep, ...] = ()

    def leads(self, now: datetime) -> bool:
        """Whether the last sign of life is less than two minutes old."""
        return self.noted_at is not None and now - self.noted_at <= SILENT_AFTER


@dataclass(frozen=True, slots=True)
class MailState:
    """How many mails wait and since when the first should have gone, and what servers refused; no address."""

    waiting: int = 0
    oldest_at: datetime | None = None
    refused: int = 0
    given_up: int = 0
    faults: tuple[tuple[str, int], ...] = ()
    """Kinds of fault with the server's codes, and how many mails each; those tried again and those given up."""


@dataclass(frozen=True, slots=True)
class KeyState:
    """How many keys of sealed texts there are, under an earlier or an unknown TEXT_KEY, and texts without a key."""

    total: int = 0
    previous: int = 0
    unknown: int = 0
    texts_without_key: int = 0


@dataclass(frozen=True, slots=True)
class AuditState:
    """The newest place of the audit log, events that wait too long, and whether the log holds the place noted last."""

    head: str = ""
    waiting: int = 0
    is_as_noted: bool = True


@dataclass(frozen=True, slots=True)
class Counts:
    """How much there is in the whole installation; nothing of one organisation."""

    organisations: int = 0
    assignments: int = 0
    groups: int = 0
    meetings: int = 0
    supervisors: int = 0
    managers: int = 0
    coordinators: int = 0
    participants: int = 0


@dataclass(frozen=True, slots=True)
class State:
    """How the installation stands at an instant. With tables of another release nothing else is read."""

    database: str
    revision: str
    revision_wanted: str
    jobs: Jobs = field(default_factory=Jobs)
    mail: MailState = field(default_factory=MailState)
    keys: KeyState = field(default_factory=KeyState)
    audit: AuditState = field(default_factory=AuditState)
    counts: Counts = field(default_factory=Counts)

    @property
    def is_readable(self) -> bool:
        """Whether the database is there and has the tables of this release."""
        return bool(self.revision) and self.revision == self.revision_wanted


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that needs the operator: its code (one of `ORDER`) and what its sentence needs."""

    code: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def is_calm(self) -> bool:
        """Whether it goes over by itself, or is a step of the operator's own that is under way."""
        return self.code in CALM


UNREACHABLE = "unreachable"


def troubles(state: State, now: datetime) -> list[Trouble]:
    """Return what needs the operator, worst first."""
    if not state.is_readable:
        if state.database == UNREACHABLE:
            return [Trouble("database_unreachable")]
        return [Trouble("tables_behind", {"found": state.revision or "–", "wanted": state.revision_wanted})]
    found = [*_of_jobs(state.jobs, now), *_of_mail(state.mail, now), *_of_keys(state.keys), *_of_audit(state.audit)]
    return sorted(found, key=lambda one: ORDER.index(one.code))


def is_well(found: list[Trouble]) -> bool:
    """Whether nothing needs the operator: calm ones do not count."""
    return all(one.is_calm for one in found)


def _of_jobs(jobs: Jobs, now: datetime) -> Iterator[Trouble]:
    if jobs.noted_at is None or jobs.leads_since_at is None:
        yield Trouble("jobs_never")
        return
    if not jobs.leads(now):
        yield Trouble("jobs_silent", {"at": jobs.noted_at})
        return
    for one in jobs.sweeps:
        if one.has_failed:
            yield Trouble("sweep_failed", {"name": one.name, "at": one.faulted_at, "fault": one.fault})
        elif one.is_late(now, jobs.leads_since_at):
            yield Trouble("sweep_late", {"name": one.name, "at": one.finished_at})


def _of_mail(mail: MailState, now: datetime) -> Iterator[Trouble]:
    if mail.oldest_at is not None and now - mail.oldest_at > MAIL_WAITS:
        yield Trouble("mail_waits", {"count": mail.waiting, "at": mail.oldest_at})
    faults = ", ".join(f"{kind} ({count})" for kind, count in mail.faults)
    if mail.given_up:
        yield Trouble("mail_given_up", {"count": mail.given_up, "faults": faults})
    if mail.refused:
        yield Trouble("mail_refused", {"count": mail.refused, "faults": faults})


def _of_keys(keys: KeyState) -> Iterator[Trouble]:
    if keys.unknown:
        yield Trouble("keys_unknown", {"count": keys.unknown})
    if keys.previous:
        yield Trouble("keys_rotating", {"count": keys.previous, "total": keys.total})
    if keys.texts_without_key:
        yield Trouble("texts_without_key", {"count": keys.texts_without_key})


def _of_audit(audit: AuditState) -> Iterator[Trouble]:
    if not audit.is_as_noted:
        yield Trouble("audit_changed")
    if audit.waiting:
        yield Trouble("audit_waits", {"count": audit.waiting})
