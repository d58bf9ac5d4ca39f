"""Tables of the yearly evaluation. Register and ballots share no key, no time and no order (PRIVACY: evaluations)."""

import uuid
from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.evaluations.sealing import BALLOT_BYTES
from supervision.kernel.ids import new_id
from supervision.orgs.models import Assignment
from supervision.store.base import Base, WithId
from supervision.store.places import sealed_text as sealed


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
    """The fewest answers a cell may have; set when it opens (`QuestionnaireVersion`), and never under five."""
    padded_bytes: Mapped[int] = mapped_column(default=BALLOT_BYTES, server_default="2048")
    """How long each of its ballots is before sealing. One that was open before this column was there has 2048."""
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


class GroupStatement(WithId, Base):
    """One version of what a group wants its managers to know; sealed. Released once every member has approved it."""

    __tablename__ = "group_statement"
    __table_args__ = (UniqueConstraint("group_id", "version"),)

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    version: Mapped[int]
    sealed_text: Mapped[bytes] = sealed("sealed_text")
    written_at: Mapped[datetime]
    released_on: Mapped[date | None]
    """The group's local day; a day rather than an instant, which would tell whose approval was the last."""


class StatementApproval(Base):
    """That a member approves one version: no time, no order, and deleted when the version is released."""

    __tablename__ = "statement_approval"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it so

    statement_id: Mapped[uuid.UUID] = mapped_column(
        ForeignKey("group_statement.id", ondelete="CASCADE"), primary_key=True
    )
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)


class ManagerAnswer(WithId, Base):
    """What a manager changes because of a group, or of all groups; sealed. Without `sent_at` it is a draft."""

    __tablename__ = "manager_answer"

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), index=True)
    group_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    author_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    sealed_text: Mapped[bytes] = sealed("sealed_text")
    changed_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]


class QuestionnaireVersion(WithId, Base):
    """An assignment's own version of the questionnaire; the newest is frozen when its next evaluation opens."""

    __tablename__ = "questionnaire_version"
    __table_args__ = (UniqueConstraint("assignment_id", "version"),)

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    version: Mapped[int]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)
    floor: Mapped[int] = mapped_column(default=5, server_default="5")
    """The fewest answers a cell of the next evaluation may have (PRIVACY R9: five or more)."""
    written_at: Mapped[datetime]
