"""The life of a case and who may read it when."""

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Literal

from supervision.kernel.errors import RuleBroken

GROUP_READS_DAYS = 3  # PRODUCT: offered, the group from 3 days before
PURGE_DAYS = 14  # PRODUCT: case text is purged 14 days after the meeting
PURGE_DAYS_MOST = 30  # PRODUCT: 0-30
UNTOLD_DAYS = 365  # our choice, as for names: a text that was never told goes so long after its last change


class CaseState(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    OFFERED = "offered"
    CHOSEN = "chosen"
    PRESENTED = "presented"
    PURGED = "purged"
    WITHDRAWN = "withdrawn"


class Reader(StrEnum):
    """Who reads a case's text; managers and coordinators never do."""

    AUTHOR = "author"
    SUPERVISOR = "supervisor"
    GROUP = "group"


Action = Literal["offer", "withdraw", "choose", "postpone", "present", "purge"]

# PRODUCT: cases and dilemmas. Withdrawn is the author's alone, as a draft, and can be offered anew. A text that was
# never presented can be purged too: with its author, or with the term.
TRANSITIONS: Mapping[tuple[CaseState, Action], CaseState] = {
    (CaseState.DRAFT, "offer"): CaseState.OFFERED,
    (CaseState.OFFERED, "withdraw"): CaseState.WITHDRAWN,
    (CaseState.OFFERED, "choose"): CaseState.CHOSEN,
    (CaseState.CHOSEN, "withdraw"): CaseState.WITHDRAWN,
    (CaseState.CHOSEN, "postpone"): CaseState.OFFERED,
    (CaseState.CHOSEN, "present"): CaseState.PRESENTED,
    (CaseState.WITHDRAWN, "offer"): CaseState.OFFERED,
    (CaseState.DRAFT, "purge"): CaseState.PURGED,
    (CaseState.WITHDRAWN, "purge"): CaseState.PURGED,
    (CaseState.OFFERED, "purge"): CaseState.PURGED,
    (CaseState.CHOSEN, "purge"): CaseState.PURGED,
    (CaseState.PRESENTED, "purge"): CaseState.PURGED,
}


def next_state(state: CaseState, action: Action) -> CaseState:
    """Return the state a case has after an action. Code: `case_state` when the table has no such step."""
    try:
        return TRANSITIONS[state, action]
    except KeyError:
        raise RuleBroken("case_state") from None


def can_edit(state: CaseState) -> bool:
    """Return whether the author may still change the text: until it is presented (PRIVACY: who may do what)."""
    return state in {CaseState.DRAFT, CaseState.WITHDRAWN, CaseState.OFFERED, CaseState.CHOSEN}


def is_authors_alone(state: CaseState) -> bool:
    """Return whether nobody but the author knows of the case: a draft, or one taken back."""
    return state in {CaseState.DRAFT, CaseState.WITHDRAWN}


def group_reads_on(meets_on: date) -> date:
    """Return the first local day on which the group reads an offered case: 3 days before the meeting."""
    return meets_on - timedelta(days=GROUP_READS_DAYS)


def readers(state: CaseState, meets_on: date | None, today: date) -> frozenset[Reader]:
    """Return who may read the text on a local day.

    A draft, also a withdrawn one: its author. Offered: the supervisor too, and the group from 3 days before the
    meeting until its day. Chosen and presented: the group. Purged: nobody, for nothing is left. `meets_on` is the
    local day of the meeting the case is offered for, if any.
    """
    if state is CaseState.PURGED:
        return frozenset()
    if is_authors_alone(state):
        return frozenset({Reader.AUTHOR})
    if state in {CaseState.CHOSEN, CaseState.PRESENTED}:
        return frozenset(Reader)
    if meets_on is not None and group_reads_on(meets_on) <= today <= meets_on:
        return frozenset(Reader)
    return frozenset({Reader.AUTHOR, Reader.SUPERVISOR})


def purge_on(met_on: date, purge_days: int = PURGE_DAYS) -> date:
    """Return the local day the text is purged, `purge_days` after the meeting. Code: `purge_days_out_of_range`."""
    if not 0 <= purge_days <= PURGE_DAYS_MOST:
        raise RuleBroken("purge_days_out_of_range", field="purge_days", most=PURGE_DAYS_MOST)
    return met_on + timedelta(days=purge_days)
