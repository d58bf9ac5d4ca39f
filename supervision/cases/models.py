"""Tables of cases and dilemmas, of turns that were promised or offered, and of what will be tried."""

import uuid
from datetime import datetime

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.groups.models import Group
from supervision.meetings.models import Meeting
from supervision.people.models import Person
from supervision.store.base import Base, WithId
from supervision.store.places import sealed_text as sealed


class Case(WithId, Base):
    """A case or dilemma (ärende, dilemma). Its texts are sealed together in `sealed_text`; after purging it is None."""

    __tablename__ = "case_item"
    __table_args__ = (
        CheckConstraint("kind IN ('case', 'dilemma')", name="kind_known"),
        CheckConstraint(
            "status IN ('draft', 'offered', 'chosen', 'presented', 'purged', 'withdrawn')",
            name="status_known",
        ),
        CheckConstraint("status <> 'purged' OR sealed_text IS NULL", name="purged_is_empty"),
        Index("ix_case_item_group_id_status", "group_id", "status"),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    author_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(7))
    status: Mapped[str] = mapped_column(String(9), default="draft")
    is_urgent: Mapped[bool] = mapped_column(default=False)
    wishes: Mapped[list[str]] = mapped_column(JSON, default=list)
    tags: Mapped[list[str]] = mapped_column(JSON, default=list)
    sealed_text: Mapped[bytes | None] = sealed("sealed_text")
    meeting_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("meeting.id", ondelete="SET NULL"), index=True)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    offered_at: Mapped[datetime | None]
    presented_at: Mapped[datetime | None]

    group: Mapped[Group] = relationship(lazy="raise_on_sql")
    author: Mapped[Person] = relationship(lazy="raise_on_sql")
    meeting: Mapped[Meeting | None] = relationship(lazy="raise_on_sql")


class TurnPromise(WithId, Base):
    """Who has been told "you are next" for a meeting, why, and the seed of the draw."""

    __tablename__ = "turn_promise"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(20))
    seed: Mapped[int]
    told_at: Mapped[datetime]
    stepped_back_at: Mapped[datetime | None]


class WillingTurn(WithId, Base):
    """Someone has said "I can take a turn" for a meeting, without a written case. Taken back, the row is gone."""

    __tablename__ = "willing_turn"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    said_at: Mapped[datetime]


class FollowUp(WithId, Base):
    """What someone who told at a meeting will try (uppföljning): what, who, when, how, sealed together."""

    __tablename__ = "follow_up"
    __table_args__ = (UniqueConstraint("meeting_id", "person_id"),)

    meeting_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("meeting.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    sealed_text: Mapped[bytes] = sealed("sealed_text")
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    meeting: Mapped[Meeting] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
