"""What the timetable does for the live round."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supervision.live.models import LiveControl, LiveEvent
from supervision.meetings.models import Meeting

KEEP_LOG = timedelta(days=30)  # PRIVACY: data at rest, who had the floor how long


def purge_log(transaction: Callable[[], AbstractContextManager[Session]], now: datetime) -> int:
    """Delete the logs of meetings that ended 30 days ago or more; return how many events went.

    The group's balance stays in its summary.
    """
    with transaction() as session:
        old = select(Meeting.id).where(Meeting.ends_at <= now - KEEP_LOG)
        session.execute(delete(LiveControl).where(LiveControl.meeting_id.in_(old)))
        gone = session.execute(delete(LiveEvent).where(LiveEvent.meeting_id.in_(old)))
        return int(getattr(gone, "rowcount", 0))
