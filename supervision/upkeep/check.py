"""Whether the installation is whole: the database, its tables, the audit log's chain, the keys, the jobs process."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from supervision.audit import queries as audit
from supervision.audit import rules
from supervision.evaluations.models import Campaign
from supervision.evaluations.sealing import KeyRing
from supervision.store import adoption
from supervision.upkeep import sqlite_copy

MOST_SHOWN = 20
"""Our choice: faults of one kind named one by one; of more the count is told."""
WORDS = {
    "missing": "is missing",
    "changed": "was changed, moved or put in",
    "names_changed": "has another actor or object than when it was chained",
    "not_as_witnessed": "is not the one that was noted",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what it is, and what is wrong with it, if anything."""

    about: str
    faults: tuple[str, ...] = ()
    said: str = "in order"


def of_file(url: URL) -> Finding:
    """Look at the database's file (SQLite): its pages, and rows that refer to others that are missing."""
    try:
        with closing(sqlite3.connect(sqlite_copy.path_of(url))) as opened:
            faults = sqlite_copy.faults_of(opened)
    except sqlite3.DatabaseError as error:
        faults = [str(error)]
    return Finding("database", _shortened(faults))


def of_revision(found: str, wanted: str) -> Finding:
    """Compare the revision of the tables with that of the program."""
    if found == wanted:
        return Finding("tables", (), f"revision {found}")
    return Finding("tables", (f"revision {found or 'none'}, the program wants {wanted}: run flask db upgrade",))


def of_waiting(session: Session, now: datetime) -> Finding:
    """Look whether events wait longer for their place in the chain than the jobs process takes."""
    waiting = audit.unchained_before(session, now - rules.CHAINED_WITHIN)
    if not waiting:
        return Finding("jobs")
    return Finding("jobs", (f"{waiting} events of the audit log have waited for over an hour: does flask jobs run?",))


def of_chain(session: Session, noted: Sequence[rules.Head]) -> Finding:
    """Look at every event of the audit log, from where the chain begins, and at the places noted elsewhere."""
    found = list(_faults_of_chain(session, noted))
    head = audit.head(session)
    return Finding("audit log", _shortened(found), f"newest {head}" if head.number else "empty")


def _faults_of_chain(session: Session, noted: Sequence[rules.Head]) -> Iterator[str]:
    start = audit.start(session)
    after = [one for one in noted if one.number >= start.number]  # what was noted before is past its time
    for fault in rules.examine(start, audit.links(session), after):
        yield f"event {fault.number} {WORDS[fault.code]}"


def of_evaluations(session: Session, instance: Path) -> Finding:
    """Look whether every open evaluation has its key, and whether a key has outlived its evaluation."""
    keys = KeyRing(instance / "keys")
    status = dict(session.execute(select(Campaign.id, Campaign.status)).tuples().all())
    faults = []
    for campaign_id, public in session.execute(
        select(Campaign.id, Campaign.public_key).where(Campaign.status == "open")
    ):
        key = keys.read(campaign_id)
        if key is None or bytes(key.public_key) != public:
            faults.append(f"the key of the open evaluation {campaign_id} is gone; it ends void")
    left = [campaign_id for campaign_id in keys.kept() if status.get(campaign_id) not in {"planned", "open"}]
    faults += [f"the key {campaign_id} has outlived its evaluation; flask jobs destroys it" for campaign_id in left]
    return Finding("evaluations", _shortened(faults))


def of_texts(session: Session) -> Finding:
    """Open every sealed text and forget it."""
    told = list(adoption.check(session))
    faults = [f"{one.place} {one.row} does not open: {one.why}" for one in told if one is not None]
    return Finding("texts", _shortened(faults), f"{len(told)} open")


def of_folder(instance: Path) -> Finding:
    """Look whether others on the machine can read the instance folder, the keyring or a key."""
    if os.name == "nt" or not instance.is_dir():
        return Finding("instance folder")
    if instance.stat().st_mode & 0o077 == 0:
        return Finding("instance folder")  # nobody else gets in
    wanted = [instance, instance / "keys", *(instance / "keys").glob("*"), *instance.glob("*.sqlite*")]
    seen = [path for path in wanted if path.exists() and path.stat().st_mode & 0o077]
    return Finding("instance folder", _shortened([f"{path} can be read by others: chmod go=" for path in seen]))


def _shortened(faults: Sequence[str]) -> tuple[str, ...]:
    more = len(faults) - MOST_SHOWN
    return (*faults[:MOST_SHOWN], *([f"and {more} more"] if more > 0 else []))
