"""The jobs' table, and the installation as a thing of its own."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from supervision.store.base import Base


@dataclass(frozen=True, slots=True)
class Installation:
    """What an operator runs. It has no row: there is one, and its state is read when it is asked for."""


class SweepRun(Base):
    """When a job of the timetable ran last, and how it went: one row a job, written over, without any content.

    The row `rules.LEADING` says since when the present jobs process leads, and when it last gave a sign of life.
    """

    __tablename__ = "sweep_run"

    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    period_s: Mapped[int]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    faulted_at: Mapped[datetime | None]
    fault: Mapped[str] = mapped_column(String(60), default="")
    """The kind of the last fault, as the program calls it; never its words, which can name people."""
    noted_at: Mapped[datetime]
