"""What comes first on a start page: one declared order of urgency for every role (PRODUCT: around it)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

URGENCY = (
    "offer",  # a seat is held for the reader until a deadline
    "cover_open",  # someone waits for the planner's answer
    "few_coming",  # under three come to a meeting
    "turn_told",  # the reader has been told "you are next"
    "agreement",  # to be accepted before the group meets
    "attendance",  # a meeting is over and nobody has recorded who was there
    "offered",  # cases wait for the supervisor
    "evaluation",  # open for the reader to answer
    "statement",  # a text of the group's waits for the reader's approval
    "below_five",  # a group is small
    "sign_ups",  # people wait for a group
    "review",  # the start phase is over
    "going_on",  # the term comes to an end
    "follow_up",  # the reader told a case and may note what they will try
    "forming",  # a group is filling
    "released",  # an evaluation can be read
)
"""The order among what is equally near, the most urgent first. Our choice: people who wait, then dates, then papers."""
RANK: Mapping[str, int] = {kind: rank for rank, kind in enumerate(URGENCY)}
NEAR = timedelta(hours=48)  # our choice: what is due within two days goes before what is not
LOOK_BACK_DAYS = 60  # our choice: attendance that is older is not asked for on the start page
NEW_DAYS = 30  # our choice: a result is news for a month


_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that needs the reader: its kind, by when (None: no date), and what its sentence and link need."""

    kind: str
    due_at: datetime | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)


def in_order(needs: Iterable[Need], now: datetime) -> list[Need]:
    """Return needs by urgency: first what is due within 48 hours or overdue, then the declared order, then the date.

    Equal ones keep the order they came in. A kind outside `URGENCY` raises KeyError.
    """
    return sorted(needs, key=lambda need: (not is_near(need, now), RANK[need.kind], need.due_at or _LAST))


def is_near(need: Need, now: datetime) -> bool:
    """Return whether a need is due within 48 hours, or overdue."""
    return need.due_at is not None and need.due_at <= now + NEAR
