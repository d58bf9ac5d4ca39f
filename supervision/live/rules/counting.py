"""Counting time into the state, and the shares that follow from it."""

from dataclasses import replace
from datetime import datetime

from supervision.live.rules.shares import Claim, equal_parts, water_fill
from supervision.live.rules.state import Part, PhaseRun, RoundState

FREE_MODES = frozenset({"R", "Q", "G", "A"})  # PRODUCT: live round, P SP S I have no share
TALK_MODES = frozenset({"Q", "G", "A"})


def settle(state: RoundState, at: datetime) -> RoundState:
    """Count the time from `counted_at` up to `at` into the phase, the floor and the expected shares.

    An instant before `counted_at` (a device whose clock is behind) counts nothing. A pause counts into nothing but
    `paused_s`; before the start and after the end nothing is counted.
    """
    if state.counted_at is None or at <= state.counted_at or state.status not in {"live", "paused"}:
        return state
    seconds = (at - state.counted_at).total_seconds()
    if state.status == "paused":
        return replace(state, counted_at=at, paused_s=state.paused_s + seconds)
    run = state.run
    parts = dict(run.parts)
    if state.phase.mode in TALK_MODES:
        sharers = state.sharers()
        for person, part_s in zip(sharers, equal_parts([one.weight for one in sharers], seconds), strict=True):
            part = run.part(person.id)
            parts[person.id] = replace(part, expected_s=part.expected_s + part_s)
    if state.holder is not None:
        part = parts.get(state.holder, Part())
        if state.is_question:
            parts[state.holder] = replace(part, question_s=part.question_s + seconds)
        else:
            parts[state.holder] = replace(part, floor_s=part.floor_s + seconds)
    run = replace(run, elapsed_s=run.elapsed_s + seconds, parts=parts)
    return replace(state, counted_at=at, runs=(*state.runs[:-1], run))


def speaker(state: RoundState) -> str | None:
    """Return whose turn it is: who has the floor, or who rests while a question is asked."""
    return state.resting if state.is_question else state.holder


def with_part(state: RoundState, person_id: str, part: Part, index: int = -1) -> RoundState:
    """Return the state with the person's part in a begun phase (the present one) replaced."""
    runs = list(state.runs)
    runs[index] = replace(runs[index], parts={**runs[index].parts, person_id: part})
    return replace(state, runs=tuple(runs))


def free_s(state: RoundState, person_id: str) -> float:
    """Return the person's seconds with the floor in the earlier phases that are free to all (R, Q, G, A)."""
    earlier = (run for run in state.runs[:-1] if state.phases[run.index].mode in FREE_MODES)
    return sum(run.part(person_id).spoken_s for run in earlier)


def shares(state: RoundState) -> dict[str, float]:
    """Return everyone's share of the present phase in seconds; people without a share are left out.

    Q, G, A: equal by weight. R: what is left is divided among those who have not yet spoken or passed, with the
    speaker's used time given back to the pool; those who are done keep the share they had (PRODUCT: live round).
    """
    run, mode = state.run, state.phase.mode
    sharers = state.sharers()
    if mode in TALK_MODES:
        whole_s = max(run.allotted_s, run.elapsed_s)
        parts = equal_parts([person.weight for person in sharers], whole_s)
        return {person.id: part for person, part in zip(sharers, parts, strict=True)}
    if mode != "R":
        return {}
    return {**_shares_had(run), **_shares_left(state)}


def _shares_had(run: PhaseRun) -> dict[str, float]:
    return {person_id: part.expected_s for person_id, part in run.parts.items() if part.is_done}


def _shares_left(state: RoundState) -> dict[str, float]:
    run = state.run
    weights = {person.id: person.weight for person in state.participants}
    waiting = [person.id for person in state.sharers() if not run.part(person.id).has_spoken]
    turn = speaker(state)
    if turn is not None and run.part(turn).is_done:
        turn = None
    pool = ([turn] if turn is not None else []) + waiting
    claims = [Claim(free_s(state, person_id), weights[person_id]) for person_id in pool]
    used_s = run.part(turn).floor_s if turn is not None else 0.0
    # Not cut at zero: a speaker who goes past the phase keeps the share they had, and the ring goes past full.
    divided = dict(zip(pool, water_fill(claims, run.allotted_s - run.elapsed_s + used_s), strict=True))
    if turn is not None and used_s > divided[turn]:
        divided.update(zip(waiting, water_fill(claims[1:], run.left_s), strict=True))
    return divided


def close_turn(state: RoundState, person_id: str | None) -> RoundState:
    """End a person's turn in the present phase; in a round the share they had is kept."""
    if person_id is None:
        return state
    part = state.run.part(person_id)
    if part.is_done or not part.has_spoken:
        return state
    expected_s = shares(state).get(person_id, 0.0) if state.phase.mode == "R" else part.expected_s
    return with_part(state, person_id, replace(part, is_done=True, expected_s=expected_s))


def close_phase(state: RoundState) -> RoundState:
    """End the present phase: the turn ends, and in a round those never asked get an equal part as their share."""
    state = close_turn(state, speaker(state))
    if state.phase.mode == "R":
        sharers = state.sharers()
        parts = equal_parts([person.weight for person in sharers], state.run.elapsed_s)
        for person, part_s in zip(sharers, parts, strict=True):
            part = state.run.part(person.id)
            if not part.has_spoken:
                state = with_part(state, person.id, replace(part, expected_s=part_s))
    return replace(state, holder=None, resting=None, is_question=False)
