"""What is left to do for a group that has ended: its dates are cancelled, and who sat in it to the end is told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.groups import queries as groups
from supervision.kernel.actor import STRANGER
from supervision.meetings import mails, queries, services

Transaction = Callable[[], AbstractContextManager[Session]]


def wind_up(transaction: Transaction, now: datetime) -> int:
    """Cancel the dates left of groups that have ended and write to their last members; returns how many groups.

    One group per transaction; a second run finds nothing. Whatever ended the group, a step or a merge, leads here.
    """
    with transaction() as session:
        due = groups.ended_untold(session)
    for group_id in due:
        with transaction() as session:
            group = groups.find_group(session, group_id, lock=True)
            if group is None or group.ended_at is None or group.ended_told_at is not None:
                continue
            left = queries.planned_ahead(session, group.id, now)
            for meeting in left:
                services.cancel(session, STRANGER, meeting, by_supervisor=True, now=now)
            session.flush()
            mails.tell_ended(session, group, groups.last_members(session, group), left, now=now)
            group.ended_told_at = now
    return len(due)
