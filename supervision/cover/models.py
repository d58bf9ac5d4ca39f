"""The table of requests for cover."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.orgs.models import Organisation
from supervision.people.models import Person
from supervision.store.base import Base, WithId


class CoverRequest(WithId, Base):
    """What a planner is asked: who, and from when until when. The times are those the member asked for.

    `meeting_id` ties the request to the date, so that it ends with it; the planner is never shown the meeting.
    """

    __tablename__ = "cover_request"
    __table_args__ = (
        CheckConstraint("status IN ('open', 'arranged', 'not_possible', 'withdrawn', 'ended')", name="status_known"),
        CheckConstraint("ends_at > starts_at", name="ends_after_start"),
        Index(
            "uq_cover_request_current",
            "meeting_id",
            "person_id",
            unique=True,
            sqlite_where=text("status IN ('open', 'arranged', 'not_possible')"),
            postgresql_where=text("status IN ('open', 'arranged', 'not_possible')"),
        ),
        Index("ix_cover_request_organisation_id_starts_at", "organisation_id", "starts_at"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"))
    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str] = mapped_column(String(12), default="open")
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reminded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql", foreign_keys=[person_id])
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
