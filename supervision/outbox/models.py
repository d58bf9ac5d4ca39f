"""The outbox's table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base, WithId


class Mail(WithId, Base):
    """One mail to one address; the body is blanked 7 days after sending (PRIVACY: data at rest)."""

    __tablename__ = "mail"
    __table_args__ = (
        Index("ix_mail_due", "sent_at", "send_after_at"),
        CheckConstraint("attempts >= 0", name="attempts_not_negative"),
    )

    to_email: Mapped[str] = mapped_column(String(254))
    language: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(40))
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    html: Mapped[str] = mapped_column(Text)
    calendar: Mapped[str | None] = mapped_column(Text)
    calendar_method: Mapped[str | None] = mapped_column(String(7))
    message_id: Mapped[str] = mapped_column(String(120), unique=True)
    created_at: Mapped[datetime]
    send_after_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]
    given_up_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    fault: Mapped[str] = mapped_column(String(60), default="", server_default="")
    """What went wrong last: its kind and the server's codes; empty once it is sent. Never words, which name people."""
