"""Tables of people, sign-in codes, sessions and invitations."""

import uuid
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.store.base import Base, WithId


class Person(WithId, Base):
    """Someone who uses Rundan. Participants have no password; an e-mail address is kept in lower case."""

    __tablename__ = "person"
    __table_args__ = (CheckConstraint("language IN ('sv', 'da', 'en')", name="language_known"),)

    name: Mapped[str] = mapped_column(String(120))
    email: Mapped[str] = mapped_column(String(254), unique=True)
    language: Mapped[str] = mapped_column(String(2), default="sv")
    title: Mapped[str] = mapped_column(String(120), default="")
    password_hash: Mapped[str | None] = mapped_column(String(200))
    is_supervisor: Mapped[bool] = mapped_column(default=False)
    is_operator: Mapped[bool] = mapped_column(default=False)
    no_reminders_at: Mapped[datetime | None]
    """Since when someone wants no reminders; offers, moved and cancelled dates are told all the same."""
    devices_forgotten: Mapped[int] = mapped_column(default=0, server_default="0")
    """How often the browsers that were known as theirs were forgotten (`people.device_rules`)."""
    created_at: Mapped[datetime]

    @property
    def wants_reminders(self) -> bool:
        """Whether a mail comes before each meeting."""
        return self.no_reminders_at is None


class SignInCode(WithId, Base):
    """An 8-digit code sent to an address, bound to the browser that asked; 10 minutes, 5 tries."""

    __tablename__ = "sign_in_code"
    __table_args__ = (Index("ix_sign_in_code_browser_hash", "browser_hash"),)

    email: Mapped[str] = mapped_column(String(254))
    code_hash: Mapped[str] = mapped_column(String(64))
    browser_hash: Mapped[str] = mapped_column(String(64))
    expires_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]


class LoginSession(WithId, Base):
    """A signed-in browser: a random token, stored hashed. Ends at sign-out or after idling (`people.rules`)."""

    __tablename__ = "login_session"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    started_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    is_own_device: Mapped[bool] = mapped_column(default=False)
    factor: Mapped[str] = mapped_column(String(10), default="none", server_default="none")
    """What was shown besides a code or a password: none, totp, recovery, passkey or oidc."""
    factor_at: Mapped[datetime | None]
    """When it was shown last; changing how one signs in wants it shown lately."""
    device: Mapped[str] = mapped_column(String(80), default="", server_default="")
    """Browser and system in words for the owner's list, such as "Firefox, Android"."""

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Invitation(WithId, Base):
    """A link by which someone with a role chooses a password; once, for 7 days."""

    __tablename__ = "invitation"

    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="joined", innerjoin=True)


class Attempt(WithId, Base):
    """A try at a sign-in, counted per account and per address; the key is a hash (PRIVACY: signing in, limits)."""

    __tablename__ = "attempt"
    __table_args__ = (Index("ix_attempt_key_hash_at", "key_hash", "at"),)

    key_hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime]
