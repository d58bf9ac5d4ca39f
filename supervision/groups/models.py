"""Tables of groups, seats, the waiting line, sign-ups and the agreement."""

import uuid
from datetime import date, datetime, time

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.store.attributes import SealedText
from supervision.store.base import Base, WithId
from supervision.store.places import sealed_text as sealed


class Group(WithId, Base):
    """A supervision group. `taken` counts members and standing offers; the database refuses more than `seats`.

    `merging_into_id` stands while the members are asked to move to another group. `contact_id` is the member the group
    has chosen as its contact person. `reviewed_at` says that the review after the start phase was held, nothing of it.
    `ended_told_at` follows `ended_at` once the dates left are cancelled and everyone is told.
    """

    __tablename__ = "supervision_group"
    __table_args__ = (
        CheckConstraint("taken BETWEEN 0 AND seats", name="taken_within_seats"),
        CheckConstraint("seats BETWEEN 4 AND 8", name="seats_4_to_8"),
        CheckConstraint("status IN ('forming', 'running', 'closing', 'ended')", name="status_known"),
        UniqueConstraint("assignment_id", "name"),
    )

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id"), index=True)
    name: Mapped[str] = mapped_column(String(60))
    seats: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
    status: Mapped[str] = mapped_column(String(8), default="forming")
    first_on: Mapped[date]
    anchor_on: Mapped[date | None]
    at_local: Mapped[time]
    zone: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(160), default="")
    online_link: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    merging_into_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("supervision_group.id", ondelete="SET NULL"), index=True
    )
    contact_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    reviewed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    ended_told_at: Mapped[datetime | None]

    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql")


class Membership(WithId, Base):
    """A seat at the table, from joining to leaving. `place_no` orders the places clockwise."""

    __tablename__ = "membership"
    __table_args__ = (
        Index(
            "uq_membership_current",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("left_at IS NULL"),
            postgresql_where=text("left_at IS NULL"),
        ),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    place_no: Mapped[int]
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    agreement_reminded: Mapped[int] = mapped_column(default=0, server_default="0")
    """The newest version of the agreement this member was reminded to accept; 0 for none."""

    group: Mapped[Group] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class QueuePlace(WithId, Base):
    """A place in a group's waiting line; `number` keeps the order of arrival, an offer has a deadline.

    `from_group_id` names the group someone is asked to move from when two groups are merged.
    """

    __tablename__ = "queue_place"
    __table_args__ = (
        CheckConstraint(
            "status IN ('waiting', 'offered', 'accepted', 'declined', 'expired', 'withdrawn')",
            name="status_known",
        ),
        CheckConstraint("(status = 'offered') = (offer_until_at IS NOT NULL)", name="offers_have_deadlines"),
        UniqueConstraint("group_id", "number"),
        Index(
            "uq_queue_place_current",
            "group_id",
            "person_id",
            unique=True,
            sqlite_where=text("status IN ('waiting', 'offered')"),
            postgresql_where=text("status IN ('waiting', 'offered')"),
        ),
    )

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    number: Mapped[int]
    status: Mapped[str] = mapped_column(String(9), default="waiting")
    queued_at: Mapped[datetime]
    offer_until_at: Mapped[datetime | None]
    from_group_id: Mapped[uuid.UUID | None] = mapped_column(
        ForeignKey("supervision_group.id", ondelete="SET NULL"), index=True
    )

    group: Mapped[Group] = relationship(lazy="raise_on_sql", foreign_keys=[group_id])
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class SignUp(WithId, Base):
    """What someone told when signing up. `slots` lists fortnight slots such as "A1-10"; `not_with` is private; sealed.

    `slot_wishes` holds 0 (prefer) or 2 (if needed) for a slot, `ways_km` the way to a place; nothing means fine, and
    not told. Only sums over a group are ever shown of the two.
    """

    __tablename__ = "sign_up"
    __table_args__ = (UniqueConstraint("assignment_id", "person_id"),)

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    unit: Mapped[str] = mapped_column(String(120), default="")
    experience: Mapped[str] = mapped_column(String(8), default="")
    slots: Mapped[list[str]] = mapped_column(JSON, default=list)
    needs: Mapped[list[str]] = mapped_column(JSON, default=list)
    not_with_plain: Mapped[str] = mapped_column("not_with", String(200), default="")
    """Where the first releases kept it unsealed; empty once adopted."""
    not_with_sealed: Mapped[bytes | None] = sealed("not_with", was_plain="not_with")
    not_with = SealedText("not_with_sealed", plain="not_with_plain")
    slot_wishes: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    ways_km: Mapped[dict[str, float]] = mapped_column(JSON, default=dict, server_default=text("'{}'"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql")


class PendingSignUp(WithId, Base):
    """A sign-up whose code has not been typed yet, sealed; the browser's cookie holds the row's id only."""

    __tablename__ = "pending_sign_up"

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    told_sealed: Mapped[bytes] = sealed("told")
    expires_at: Mapped[datetime] = mapped_column(index=True)


class StaffList(WithId, Base):
    """An uploaded staff list between its preview and its confirmation, sealed; one for each who uploads."""

    __tablename__ = "staff_list"
    __table_args__ = (UniqueConstraint("assignment_id", "person_id"),)

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"))
    read_sealed: Mapped[bytes] = sealed("read")
    expires_at: Mapped[datetime] = mapped_column(index=True)


class Agreement(WithId, Base):
    """A version of the group's agreement (handledningskontrakt)."""

    __tablename__ = "agreement"
    __table_args__ = (UniqueConstraint("group_id", "version"),)

    group_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("supervision_group.id", ondelete="CASCADE"))
    version: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime]


class AgreementAcceptance(WithId, Base):
    """A member has accepted one version."""

    __tablename__ = "agreement_acceptance"
    __table_args__ = (UniqueConstraint("agreement_id", "person_id"),)

    agreement_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("agreement.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    accepted_at: Mapped[datetime]
