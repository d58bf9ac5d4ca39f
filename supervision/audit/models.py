"""The audit log's tables."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base, WithId


class AuditEvent(WithId, Base):
    """One thing done by someone: codes and ids only. Kept 24 months (PRIVACY: data at rest)."""

    __tablename__ = "audit_event"
    __table_args__ = (
        Index("ix_audit_event_at", "at"),
        Index("ix_audit_event_actor_id_at", "actor_id", "at"),
        Index("ix_audit_event_object_id", "object_id"),
    )

    at: Mapped[datetime]
    actor_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    action: Mapped[str] = mapped_column(String(60))
    object_kind: Mapped[str] = mapped_column(String(40))
    object_id: Mapped[uuid.UUID | None]
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    """Its place in the chain, from 1; none until the jobs process has chained it."""
    salt: Mapped[bytes | None] = mapped_column(LargeBinary(16))
    """Hides who and what in `names_digest`; goes when either of them is forgotten."""
    names_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))
    chain_hash: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class AuditAnchor(Base):
    """Where the chain begins now: the newest event that was deleted because its time was over. One row at most."""

    __tablename__ = "audit_anchor"

    number: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    chain_hash: Mapped[bytes] = mapped_column(LargeBinary(32))


@dataclass(frozen=True, slots=True)
class Log:
    """What somebody may read of the log, no table: an organisation's, all of it, or one's own."""

    name: str = ""
    zone: str = "Europe/Stockholm"
    organisation_id: uuid.UUID | None = None
    is_whole: bool = False
