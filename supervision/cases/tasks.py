"""What the jobs process does with cases. Each sweep is idempotent; one case, one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.cases import queries, services

Transaction = Callable[[], AbstractContextManager[Session]]


def purge_cases(transaction: Transaction, now: datetime) -> int:
    """Delete the text of cases whose meeting was 14 local days ago or more; returns how many."""
    with transaction() as session:
        due = queries.due_for_purge(session, now)
    purged = 0
    for case_id in due:
        with transaction() as session:
            case = queries.find_case(session, case_id)
            if case is not None and case.sealed_text is not None:
                services.purge(session, case)
                purged += 1
    return purged


def tell_turns(transaction: Transaction, now: datetime) -> int:
    """Tell who is next for every meeting that is 3 local days away or less; returns how many meetings have someone.

    Before that, cases chosen for a cancelled meeting go back among the offered.
    """
    with transaction() as session:
        services.offer_anew(session)
        promises = [
            services.tell_next(session, meeting.group, meeting, now)
            for meeting in queries.meetings_to_tell(session, now)
        ]
        return sum(promise is not None for promise in promises)
