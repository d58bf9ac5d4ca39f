"""Who has got a seat is sent the dates, once per seat, however the seat was got."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from supervision.meetings import mails, queries
from supervision.meetings.models import DatesSent
from supervision.outbox.services import post

Transaction = Callable[[], AbstractContextManager[Session]]
DAYS_BACK = 7  # our choice: an installation that is brought up to date writes to nobody who has long been a member
MOST_AT_ONCE = 200


def send_dates(transaction: Transaction, now: datetime) -> None:
    """Send each new member the dates ahead, as a list and as a file for their calendar."""
    with transaction() as session:
        due = queries.seats_without_dates(session, now, DAYS_BACK, MOST_AT_ONCE)
    for membership_id in due:
        _send(transaction, membership_id, now)


def _send(transaction: Transaction, membership_id: UUID, now: datetime) -> None:
    with transaction() as session:
        seat = queries.lock_seat(session, membership_id)
        if seat is None or queries.are_dates_sent(session, membership_id):
            return
        ahead = queries.planned_ahead(session, seat.group_id, now)
        if not ahead:
            return
        session.add(DatesSent(membership_id=membership_id, sent_at=now))
        letter = mails.dates_letter(ahead[0].group, ahead, seat.person, now)
        post(session, to=seat.person.email, language=seat.person.language, letter=letter, now=now)
