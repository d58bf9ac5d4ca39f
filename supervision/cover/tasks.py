"""What the jobs process does with requests for cover. Each sweep is idempotent; one request, one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.cover import mails, queries, rules, services
from supervision.outbox.rules import quiet_until

Transaction = Callable[[], AbstractContextManager[Session]]


def end_over(transaction: Transaction, now: datetime) -> int:
    """End the requests whose date was moved or cancelled, or whose member has left; returns how many."""
    with transaction() as session:
        due = queries.over(session, now)
    for request_id in due:
        with transaction() as session:
            request = queries.find(session, request_id)
            if request is not None and rules.Status(request.status) in rules.CURRENT:
                services.end(session, request)
                mails.tell_ended(session, request, now=now)
    return len(due)


def remind_planners(transaction: Transaction, now: datetime) -> int:
    """Remind the planners of open requests two days before their time, once each; returns how many."""
    with transaction() as session:
        due = queries.due_reminders(session, now)
    reminded = 0
    for request_id in due:
        with transaction() as session:
            request = queries.find(session, request_id)
            if request is None or request.reminded_at is not None:
                continue
            if not rules.is_reminded(rules.Status(request.status), request.asked_at, request.starts_at, now):
                continue
            request.reminded_at = now
            quiet = quiet_until(now, request.organisation.zone)
            not_before = rules.remind_not_before(now, request.starts_at, quiet)
            mails.remind(session, request, now=now, not_before=not_before)
            reminded += 1
    return reminded
