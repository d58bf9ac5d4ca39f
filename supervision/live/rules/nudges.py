"""Quiet reminders for the supervisor, as codes; words and shapes are made by the page."""

from collections.abc import Mapping
from dataclasses import dataclass

from supervision.live.rules.counting import shares, speaker
from supervision.live.rules.shares import MIN_SHARE_S
from supervision.live.rules.state import RoundState

# PRODUCT: live round, nudges at 80 % and 100 % of a share, above 2 x or below 0.4 x of the expected share.
NEARLY_USED = 0.8
FAR_ABOVE = 2.0
FAR_BELOW = 0.4
# Others than the speaker are worth a reminder when half of a phase has gone (our choice) and there has been time for a
# turn, the smallest share: before that, "has not yet had the floor" is true of nearly everyone.
WORTH_FROM = 0.5


@dataclass(frozen=True, slots=True)
class Nudge:
    """One reminder: `share_nearly_used`, `share_used`, `far_above`, `far_below` or `not_yet`, and about whom.

    `seconds` is what is left of the share (nearly used) or how far it was passed (used); 0 for the others.
    """

    code: str
    person_id: str
    seconds: int = 0


def nudges(state: RoundState, spoken: Mapping[str, float], expected: Mapping[str, float]) -> tuple[Nudge, ...]:
    """Return the reminders of this instant: the speaker's first, then the others' in the order of places.

    `spoken` and `expected` are the seconds of each person over the rounds and talks so far.
    """
    if state.status != "live":
        return ()
    found = _of_speaker(state)
    for person in state.participants:
        if person.id not in state.away:
            found += _of_table(state, person.id, spoken[person.id], expected[person.id])
    return tuple(found)


def _of_speaker(state: RoundState) -> list[Nudge]:
    person_id = speaker(state)
    share_s = shares(state).get(person_id, 0.0) if person_id is not None else 0.0
    if person_id is None or not share_s:
        return []
    used_s = state.run.part(person_id).floor_s
    if used_s >= share_s:
        return [Nudge("share_used", person_id, int(used_s - share_s))]
    if used_s >= NEARLY_USED * share_s:
        return [Nudge("share_nearly_used", person_id, int(share_s - used_s))]
    return []


def _of_table(state: RoundState, person_id: str, spoken_s: float, expected_s: float) -> list[Nudge]:
    run = state.run
    is_free = state.phase.mode in {"R", "Q", "G", "A"}
    if not is_free or run.elapsed_s < max(WORTH_FROM * run.allotted_s, MIN_SHARE_S):
        return []
    is_sharer = any(person.id == person_id for person in state.sharers())
    if is_sharer and not run.part(person_id).spoken_s:
        return [] if person_id == state.holder else [Nudge("not_yet", person_id)]
    if expected_s < MIN_SHARE_S:  # too little has happened to compare
        return []
    if spoken_s > FAR_ABOVE * expected_s:
        return [Nudge("far_above", person_id)]
    if spoken_s < FAR_BELOW * expected_s and person_id != state.holder:
        return [Nudge("far_below", person_id)]
    return []
