"""Tables of forming groups: supervisors' own times, an assignment's places, and runs with their proposals."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.store.base import Base, WithId


class SupervisorTimes(WithId, Base):
    """When and where a supervisor can lead groups, told by themselves and shown to nobody else.

    `slots` are slots of the fortnight ("A2-13"). No `places` or no `languages` means all of an assignment's.
    """

    __tablename__ = "supervisor_times"
    __table_args__ = (CheckConstraint("most_groups BETWEEN 0 AND 40", name="most_groups_sane"),)

    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), unique=True)
    slots: Mapped[list[str]] = mapped_column(JSON, default=list)
    places: Mapped[list[str]] = mapped_column(JSON, default=list)
    languages: Mapped[list[str]] = mapped_column(JSON, default=list)
    most_groups: Mapped[int] = mapped_column(default=4)
    changed_at: Mapped[datetime]


class FormationFrame(WithId, Base):
    """Where an assignment's groups may meet, and how many of one unit may share a group (0: any number).

    `places` holds objects of name, rooms (None: any number), is_step_free and is_online.
    """

    __tablename__ = "formation_frame"

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"), unique=True)
    places: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    same_unit: Mapped[int] = mapped_column(default=2)
    changed_at: Mapped[datetime]


class FormationRun(WithId, Base):
    """One search for groups, done by the jobs process, and the proposal it left.

    `groups` holds for each proposed group its supervisor, slot, place and language, whether it is pinned, how far
    wishes are met, and the id of the group it is or has become; never who sits in it. `pinned` are numbers of groups of
    the run before. `stage` and `share` (per cent) say how far a run is; `told_at` is its last sign of life.
    """

    __tablename__ = "formation_run"
    __table_args__ = (
        CheckConstraint("status IN ('queued', 'running', 'done', 'stopped', 'failed')", name="status_known"),
        Index("ix_formation_run_assignment_id_asked_at", "assignment_id", "asked_at"),
    )

    assignment_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("assignment.id", ondelete="CASCADE"))
    asked_by_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    previous_id: Mapped[uuid.UUID | None] = mapped_column(ForeignKey("formation_run.id", ondelete="SET NULL"))
    is_wide: Mapped[bool] = mapped_column(default=False, server_default="0")
    pinned: Mapped[list[int]] = mapped_column(JSON, default=list)
    status: Mapped[str] = mapped_column(String(8), default="queued")
    is_stop_asked: Mapped[bool] = mapped_column(default=False)
    stage: Mapped[str] = mapped_column(String(8), default="")
    share: Mapped[int] = mapped_column(default=0)
    placed: Mapped[int] = mapped_column(default=0)
    bound: Mapped[int] = mapped_column(default=0)
    people: Mapped[int] = mapped_column(default=0)
    groups: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    asked_at: Mapped[datetime]
    told_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]

    assignment: Mapped[Assignment] = relationship(lazy="raise_on_sql")

    @property
    def is_active(self) -> bool:
        """Whether it waits for the jobs process or is at work."""
        return self.status in {"queued", "running"}

    @property
    def has_proposal(self) -> bool:
        """Whether there is something to look at."""
        return self.status in {"done", "stopped"}


class FormationSeat(WithId, Base):
    """Where a proposal puts one person: a group by its number, or none, with the reason and what would help."""

    __tablename__ = "formation_seat"
    __table_args__ = (UniqueConstraint("run_id", "person_id"),)

    run_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("formation_run.id", ondelete="CASCADE"))
    person_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    group_no: Mapped[int | None]
    is_moved: Mapped[bool] = mapped_column(default=False)
    moved_why: Mapped[str] = mapped_column(String(12), default="", server_default="")
    is_seated: Mapped[bool] = mapped_column(default=False)
    """Whether they have this seat, or an offer of it, already."""
    reason: Mapped[str] = mapped_column(String(30), default="")
    others: Mapped[int] = mapped_column(default=0)
    help_kind: Mapped[str] = mapped_column(String(10), default="")
    help_slot: Mapped[str] = mapped_column(String(5), default="")
    help_place: Mapped[str] = mapped_column(String(160), default="")

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
