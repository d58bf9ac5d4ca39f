"""The table of private notes."""

import uuid
from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.groups.models import Group
from supervision.meetings.models import Meeting
from supervision.store.base import Base, WithId
from supervision.store.places import sealed_text as sealed


class Note(WithId, Base):
    """A private note (anteckning) of a supervisor about a group, and perhaps one of its meetings; sealed."""

    __tablename__ = "private_note"
    __table_args__ = (Index("ix_private_note_author_id_group_id_created_at", "author_id", "group_id", "created_at"),)

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"), index=True)
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    sealed_text: Mapped[bytes] = sealed("sealed_text")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    group: Mapped[Group] = relationship(lazy="raise_on_sql")
    meeting: Mapped[Meeting | None] = relationship(lazy="raise_on_sql")
