"""Each minute: chain what has been written down, and note the newest place beside the database."""

import logging
import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from sqlalchemy.orm import Session

from supervision.audit import queries, rules, services

log = logging.getLogger(__name__)
Transaction = Callable[[], AbstractContextManager[Session]]
NOTE = "audit.head"
"""The file's name in the instance folder. Who changes the database alone cannot take the newest events away unseen."""


def chain(transaction: Transaction, instance: Path) -> rules.Head:
    """Chain what waits and return the newest place.

    The note is written anew only when the chain still holds what it says; otherwise it stays, for `flask check`.
    """
    while True:
        with transaction() as session:
            head = services.chain(session)
            if queries.unchained(session, 1):
                continue
            noted = read_note(instance)
            is_as_noted = noted is None or queries.holds(session, noted)
        if not is_as_noted:
            log.error("the audit log is not as it was noted; see what flask check says")
        elif head.number and head != noted:
            write_note(instance, head)
        return head


def newest(session: Session) -> rules.Head:
    """Return the newest place of the chain."""
    return queries.head(session)


def read_note(instance: Path) -> rules.Head | None:
    """Return the place that was noted last, or None when nothing was."""
    try:
        return rules.Head.read((instance / NOTE).read_text())
    except (FileNotFoundError, ValueError):
        return None


def write_note(instance: Path, head: rules.Head) -> None:
    """Note a place; whoever reads the file sees the old one or the new one, never half of one."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = instance / f"{NOTE}.part"
    part.unlink(missing_ok=True)
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{head}\n")
    part.replace(instance / NOTE)
