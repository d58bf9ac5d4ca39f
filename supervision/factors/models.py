"""Tables of what somebody shows besides a password."""

import uuid
from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base, WithId
from supervision.store.places import sealed_text as sealed


class Authenticator(Base):
    """The one-time passwords of a person (TOTP, RFC 6238): one secret each, sealed."""

    __tablename__ = "authenticator"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), primary_key=True)
    sealed_secret: Mapped[bytes] = sealed("sealed_secret")
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The last step of 30 s whose password was taken; none is taken twice."""
    created_at: Mapped[datetime]


class RecoveryCode(WithId, Base):
    """A code that stands in for a lost authenticator, once; stored hashed."""

    __tablename__ = "recovery_code"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    used_at: Mapped[datetime | None]


class Passkey(WithId, Base):
    """A passkey (WebAuthn credential): its public half. The name is the owner's word for the device."""

    __tablename__ = "passkey"

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigInteger, default=0)
    name: Mapped[str] = mapped_column(String(80))
    created_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class PasskeyChallenge(WithId, Base):
    """A challenge handed to a browser for a passkey; good once, for five minutes."""

    __tablename__ = "passkey_challenge"

    challenge: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    person_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    """Whose new passkey it is for; nobody's while signing in."""
    expires_at: Mapped[datetime]
