"""Tables of the live round: the append-only log and who holds control."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base, WithId


class LiveEvent(WithId, Base):
    """One event of a meeting's log; never changed. Deleted 30 days after the meeting (PRIVACY: data at rest)."""

    __tablename__ = "live_event"
    __table_args__ = (
        UniqueConstraint("meeting_id", "seq"),
        UniqueConstraint("meeting_id", "device_event_id"),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    seq: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]
    device_id: Mapped[str] = mapped_column(String(64))
    device_event_id: Mapped[str] = mapped_column(String(64))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    device_at: Mapped[datetime | None]  # what the device's own clock said; told, never counted with
    device_no: Mapped[int | None]  # the device's running number of the tap


class LiveControl(Base):
    """Which device controls a meeting's round."""

    __tablename__ = "live_control"

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    device_id: Mapped[str] = mapped_column(String(64))
    since_at: Mapped[datetime]


class LiveSummary(Base):
    """What stays of a round: the balance of the group, no person's minutes."""

    __tablename__ = "live_summary"

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"), primary_key=True)
    balance: Mapped[float | None]
    length_s: Mapped[int]
