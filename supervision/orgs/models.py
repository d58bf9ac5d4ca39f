"""Tables of client organisations, roles and assignments."""

import uuid
from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.people.models import Person
from supervision.store.base import Base, WithId


class Organisation(WithId, Base):
    """A client organisation (uppdragsgivare)."""

    __tablename__ = "organisation"
    __table_args__ = (CheckConstraint("country IN ('SE', 'DK')", name="country_known"),)

    name: Mapped[str] = mapped_column(String(120))
    country: Mapped[str] = mapped_column(String(2))
    created_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    created_at: Mapped[datetime]

    @property
    def zone(self) -> str:
        """The time zone of the country."""
        return {"SE": "Europe/Stockholm", "DK": "Europe/Copenhagen"}[self.country]


class RoleHolding(WithId, Base):
    """A person is manager or coordinator of an organisation."""

    __tablename__ = "role_holding"
    __table_args__ = (
        UniqueConstraint("person_id", "organisation_id", "role"),
        CheckConstraint("role IN ('manager', 'coordinator')", name="role_known"),
    )

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(String(12))
    invited_as: Mapped[str] = mapped_column(String(120), default="", server_default="")
    """The name the inviter wrote. It is shown in place of the person's own, which would tell that they were known."""

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """The holder's name, as those who give and take roles know it."""
        return self.invited_as or self.person.name


class Assignment(WithId, Base):
    """An assignment (uppdrag): an organisation orders supervision from a supervisor for a period."""

    __tablename__ = "assignment"
    __table_args__ = (
        CheckConstraint("ends_on > starts_on", name="ends_after_start"),
        CheckConstraint("seats_min >= 4 AND seats_max <= 8 AND seats_min <= seats_max", name="seats_4_to_8"),
        CheckConstraint("length_min BETWEEN 30 AND 240", name="length_sane"),
        CheckConstraint("unit_min IN (45, 60, 90)", name="unit_known"),
    )

    organisation_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    supervisor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id"), index=True)
    title: Mapped[str] = mapped_column(String(120))
    aims: Mapped[str] = mapped_column(Text, default="")
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    every_days: Mapped[int] = mapped_column(default=14)
    length_min: Mapped[int] = mapped_column(default=90)
    seats_min: Mapped[int] = mapped_column(default=5)
    seats_max: Mapped[int] = mapped_column(default=7)
    holidays_of: Mapped[str] = mapped_column(String(2), default="SE")
    break_weeks: Mapped[str] = mapped_column(String(80), default="26-32, 51-1")
    place: Mapped[str] = mapped_column(String(160), default="")
    online_link: Mapped[str] = mapped_column(String(300), default="")
    languages: Mapped[str] = mapped_column(String(20), default="sv")
    working_time_rule: Mapped[str] = mapped_column(String(300), default="")
    price: Mapped[int | None]
    unit_min: Mapped[int] = mapped_column(default=45)
    late_cancel_days: Mapped[int] = mapped_column(default=5)
    order_reference: Mapped[str] = mapped_column(String(60), default="")
    is_internal: Mapped[bool] = mapped_column(default=False)
    join_token: Mapped[str] = mapped_column(String(43), unique=True)
    created_at: Mapped[datetime]

    organisation: Mapped[Organisation] = relationship(lazy="raise_on_sql")
    supervisor: Mapped[Person] = relationship(lazy="raise_on_sql")
