"""Tables of meetings, answers and attendance."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.groups.models import Group
from supervision.kernel.walltime import local_day
from supervision.people.models import Person
from supervision.store.base import Base, WithId


class Meeting(WithId, Base):
    """One date of a group. `number` counts the dates of the series from 1.

    `sequence` grows with each move and cancellation (RFC 5545, SEQUENCE), `changed_at` is the instant of the last one
    or of the first planning; calendars know by them which of two entries is the newer.
    """

    __tablename__ = "meeting"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'live', 'held', 'cancelled')", name="status_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        CheckConstraint(
            "cancelled_as IS NULL OR cancelled_as IN ('in_time', 'late', 'by_supervisor')",
            name="cancellation_known",
        ),
        CheckConstraint("(status = 'cancelled') = (cancelled_as IS NOT NULL)", name="cancelled_says_how"),
        UniqueConstraint("group_id", "number"),
        Index("ix_meeting_starts_at", "starts_at"),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    moved_from_at: Mapped[datetime | None]
    status: Mapped[str] = mapped_column(String(9), default="planned")
    cancelled_as: Mapped[str | None] = mapped_column(String(13))
    place: Mapped[str] = mapped_column(String(160), default="")
    format_key: Mapped[str | None] = mapped_column(String(40))
    attendance_done_at: Mapped[datetime | None]
    runs_anyway_at: Mapped[datetime | None]
    """When the supervisor decided to hold it with fewer than three; moving it takes the decision back."""
    sequence: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(lazy="raise_on_sql")

    @property
    def local_on(self) -> date:
        """The day of the meeting where the group meets."""
        return local_day(self.starts_at, self.group.zone)

    @property
    def moved_from_on(self) -> date | None:
        """The day the meeting was moved from, if it was."""
        return local_day(self.moved_from_at, self.group.zone) if self.moved_from_at else None


class DatesSent(WithId, Base):
    """A new member has been sent the dates of their group; once per seat."""

    __tablename__ = "dates_sent"

    membership_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("membership.id", ondelete="CASCADE"), unique=True)
    sent_at: Mapped[datetime]


class Answer(WithId, Base):
    """Someone's answer for one date. No row means: we count on you. There is no field for a reason."""

    __tablename__ = "answer"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    is_coming: Mapped[bool]
    answered_at: Mapped[datetime]


class Attendance(WithId, Base):
    """Who was there, as the supervisor recorded it. No reason field exists."""

    __tablename__ = "attendance"
    __table_args__ = (
        UniqueConstraint("meeting_id", "person_id"),
        CheckConstraint("kind IN ('present', 'late', 'left_early', 'absent')", name="kind_known"),
    )

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
