"""Tables of the yearly evaluation. Register and ballots share no key, no time and no order (PRIVACY: evaluations)."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.kernel.ids import new_id
from supervision.orgs.models import Assignment
from supervision.store.base import Base, WithId


class Campaign(WithId, Base):
    """One evaluation of an assignment's groups. Questions and roster are frozen when it opens."""

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("status IN ('planned', 'open', 'released', 'destroyed', 'void')", name="status_known"),
        CheckConstraint("closes_at > opens_at", name="closes_after_opening"),
        UniqueConstraint("assignment_id", "opens_at"),
    )

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    status: Mapped[str] = mapped_column(String(9), default="planned")
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    floor: Mapped[int] = mapped_column(default=5)
    questionnaire: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    public_key: Mapped[bytes | None] = mapped_column(LargeBinary)
    reminded_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql")


class RegisterEntry(Base):
    """Who may answer, and whether they have. Read only by that person and by the double-vote check."""

    __tablename__ = "register_entry"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    done: Mapped[bool] = mapped_column(default=False)


class Ballot(Base):
    """One sealed answer: no person, no time, no order."""

    __tablename__ = "ballot"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    sealed: Mapped[bytes] = mapped_column(LargeBinary)


class EvaluationRelease(WithId, Base):
    """What everyone may see of a closed evaluation, made once and never changed: cells and their bands."""

    __tablename__ = "evaluation_release"

    campaign_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    released_at: Mapped[datetime]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)

    campaign: Mapped[Campaign] = relationship(lazy="raise_on_sql")
