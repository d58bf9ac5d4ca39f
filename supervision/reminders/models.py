"""The table of reminders that have been sent."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base, WithId


class Reminder(WithId, Base):
    """One mail to one person about one start of a meeting: `coming` to a member, `few` to the supervisor.

    A moved meeting starts at another instant, so it is reminded of anew. The database refuses a second row.
    """

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("meeting_id", "person_id", "kind", "starts_at"),
        CheckConstraint("kind IN ('coming', 'few')", name="kind_known"),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(6))
    starts_at: Mapped[datetime]
    sent_at: Mapped[datetime]
