"""What happens to seats by itself: offers run out, and the next in line is asked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.groups import line_queries, mails, queries, seats

Transaction = Callable[[], AbstractContextManager[Session]]


def expire_offers(transaction: Transaction, now: datetime) -> int:
    """Let due offers expire and ask the next in line, one group per transaction; return how many were asked.

    A second run finds nothing to do. Forming groups with a free seat are asked for too: an offer may have had to
    wait until a meeting was over.
    """
    with transaction() as session:
        due = line_queries.groups_to_sweep(session, now)
    asked = 0
    for group_id in due:
        with transaction() as session:
            group = queries.find_group(session, group_id)
            if group is None:
                continue
            offers = seats.let_offers_expire(session, group, now)
            mails.post_offers(session, offers, now)
            asked += len(offers)
    return asked
