"""The hourly purge, and who is forgotten by it."""

import logging
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.kernel.errors import RuleBroken
from supervision.privacy import forgetting, queries, services
from supervision.privacy.wiping import wipe_after
from supervision.web.texts import text_seal

log = logging.getLogger(__name__)
Transaction = Callable[[], AbstractContextManager[Session]]


def purge(transaction: Transaction, *, now: datetime) -> None:
    """Delete what has been kept long enough, then forget who has no tie left."""
    with transaction() as session:
        services.purge(session, now=now)
    forget_people(transaction, now=now)


def forget_people(transaction: Transaction, *, now: datetime) -> int:
    """Erase those who have had no tie for 12 months, one in a transaction; returns how many."""
    with transaction() as session:
        due = queries.without_ties(session, now)
    forgotten = 0
    for person_id in due:
        try:
            with transaction() as session:
                person = queries.find_person(session, person_id)
                if person is not None:
                    forgetting.erase(session, text_seal(), person, now=now)
                    wipe_after(session)
                    forgotten += 1
        except RuleBroken:  # someone got a duty in between
            log.info("a person without ties is kept: others depend on them")
    return forgotten
