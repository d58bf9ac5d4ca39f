"""What happens to the agreement by itself: who has not accepted it is reminded before the group meets."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from supervision.groups import agreement_queries, mails, queries
from supervision.outbox.rules import quiet_until
from supervision.outbox.services import post

Transaction = Callable[[], AbstractContextManager[Session]]
REMIND_BEFORE = timedelta(days=3)  # our choice: as the reminder of the meeting itself


def remind_of_agreement(transaction: Transaction, now: datetime) -> int:
    """Remind, once per version, members who have not accepted when their group meets within three days.

    It can run twice; one seat, one transaction. Returns how many mails were written.
    """
    with transaction() as session:
        due = agreement_queries.to_remind(session, now, REMIND_BEFORE)
    reminded = 0
    for membership_id in due:
        with transaction() as session:
            membership = agreement_queries.lock_seat(session, membership_id)
            newest = queries.newest_agreement(session, membership.group_id) if membership else None
            if membership is None or newest is None or membership.agreement_reminded >= newest.version:
                continue
            membership.agreement_reminded = newest.version
            person, group = membership.person, membership.group
            if not person.wants_reminders or person.id in queries.acceptances(session, newest):
                continue
            letter = mails.agreement_reminder(person, group)
            not_before = quiet_until(now, group.zone)
            post(session, to=person.email, language=person.language, letter=letter, now=now, not_before=not_before)
            reminded += 1
    return reminded
