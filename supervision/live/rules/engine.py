"""The fold of the log, and the decision whether a command may become an event.

Both go through the same change functions: what `decide` lets through changes the state in `fold`, and an event that
no longer fits (a queue from a device that was away) changes nothing, so the fold never fails on a log.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any

from supervision.kernel.errors import RuleBroken
from supervision.live.rules.counting import close_phase, close_turn, settle, shares, speaker, with_part
from supervision.live.rules.events import KINDS, Command, Event, Start
from supervision.live.rules.plan import refit
from supervision.live.rules.state import Part, PhaseRun, RoundState

EMPTY = RoundState()

# A corrected time may be rounded to the second on the screen; so much over the phase is cut, more is refused.
ROUNDING_S = 1.0
PASSES_AT_MOST = 2  # PRODUCT: live round, those who passed are offered the floor once more
DAY_S = 86_400


def fold(events: Iterable[Event], state: RoundState = EMPTY) -> RoundState:
    """Return the state the events make of `state`, in their order.

    An event whose `device_event_id` was seen before, or that does not fit the state, changes nothing. `fold(rest,
    fold(first))` is `fold(first + rest)`; an undo gives back the state before the last event that had an effect.
    """
    seen, last_seq = set(state.seen), state.last_seq
    for event in events:
        last_seq = max(last_seq, event.seq)
        if event.device_event_id not in seen:
            state = _taken(state, event.command)
        seen.add(event.device_event_id)
    # Only the last state needs what was seen: kept in each state before it, a long log would fill the memory.
    return replace(state, last_seq=last_seq, seen=frozenset(seen))


def _taken(state: RoundState, command: Command) -> RoundState:
    try:
        return _after(state, command)
    except RuleBroken:
        return state


def decide(state: RoundState, command: Command) -> dict[str, Any]:
    """Return the data of the event the command becomes, ready for JSON; refuse a command that does not fit.

    Each change function names its own; together the codes are (`round_not_started`,
    `round_already_started`, `round_paused`, `round_not_paused`, `round_ended`, `start_incomplete`,
    `unknown_command`, `command_incomplete`, `unknown_participant`, `participant_away`, `participant_not_away`,
    `already_has_floor`, `nobody_has_floor`, `silent_phase`, `not_their_phase`, `pass_only_in_round`,
    `already_spoken`, `already_passed`, `last_phase`, `phase_already_left`, `phase_not_begun`, `more_than_phase`,
    `unknown_case`, `nothing_to_undo`).
    """
    _after(state, command)
    data = dict(command.data)
    if command.kind == "start":
        data = Start.from_data(command.data).to_data()
    elif command.kind == "undo" and state.last is not None:
        data = {"undoes": state.last[0]}
    if command.person_id is not None:
        data["person_id"] = command.person_id
    return data


def _after(state: RoundState, command: Command) -> RoundState:
    if command.kind not in KINDS:
        raise RuleBroken("unknown_command")
    if command.kind == "start":
        return replace(_start(state, command), last=(command.kind, command.person_id))
    _check_status(state, command.kind)
    if command.kind == "undo":
        if state.before is None:
            raise RuleBroken("nothing_to_undo")
        return state.before
    counted = settle(state, command.at)
    after = _CHANGES[command.kind](counted, command)
    if after == counted:  # the same presenter or time once more: nothing an undo should have to take back
        return state
    return replace(after, last=(command.kind, command.person_id), before=state)


def _check_status(state: RoundState, kind: str) -> None:
    if state.status == "not_started":
        raise RuleBroken("round_not_started")
    if state.status == "ended" and kind not in {"undo", "correct"}:
        raise RuleBroken("round_ended")
    if state.status == "paused" and kind in {"next_phase", "floor", "release", "interpose", "pass", "pause"}:
        raise RuleBroken("round_paused")


def _start(state: RoundState, command: Command) -> RoundState:
    """Begin the meeting and its first phase (`round_already_started`, `start_incomplete`)."""
    if state.status != "not_started":
        raise RuleBroken("round_already_started")
    try:
        start = Start.from_data(command.data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise RuleBroken("start_incomplete") from error
    ids = [person.id for person in start.participants]
    known = {*ids, None}
    is_whole = (
        bool(start.phases)
        and start.length_s > 0
        and bool(ids)
        and len(set(ids)) == len(ids)
        and all(person.weight > 0 for person in start.participants)
        and all(person_id in known for person_id in (*start.presenters, *start.away))
    )
    if not is_whole:
        raise RuleBroken("start_incomplete")
    return replace(
        state,
        status="live",
        format_key=start.format_key,
        length_s=start.length_s,
        phases=start.phases,
        participants=start.participants,
        presenters=start.presenters,
        meeting_no=start.meeting_no,
        away=dict.fromkeys(start.away, command.at),
        started_at=command.at,
        counted_at=command.at,
        runs=(PhaseRun(0, command.at, refit(start.phases, start.length_s).lengths_s[0]),),
    )


def _next_phase(state: RoundState, command: Command) -> RoundState:
    """Go on to the next phase and fit the rest into the time left (`last_phase`, `phase_already_left`).

    A `from` in the data names the phase the device showed, so that a tap too many skips nothing.
    """
    index = state.run.index
    if command.data.get("from", index) != index:
        raise RuleBroken("phase_already_left")
    if index + 1 == len(state.phases):
        raise RuleBroken("last_phase")
    state = close_phase(state)
    allotted_s = refit(state.phases[index + 1 :], state.left_s).lengths_s[0]
    run = PhaseRun(index + 1, state.counted_at or command.at, allotted_s)
    return replace(state, runs=(*state.runs, run))


def _participant(state: RoundState, command: Command) -> str:
    person = state.person(command.person_id)
    if person is None:
        raise RuleBroken("unknown_participant")
    return person.id


def _present(state: RoundState, command: Command) -> str:
    person_id = _participant(state, command)
    if person_id in state.away:
        raise RuleBroken("participant_away", person_id=person_id)
    return person_id


def _floor(state: RoundState, command: Command) -> RoundState:
    """Give the floor; tapping another hands over, tapping the resting speaker ends the question.

    Codes: `participant_away`, `already_has_floor`, `silent_phase`, `not_their_phase`.
    """
    person_id = _present(state, command)
    if state.phase.mode == "I":
        raise RuleBroken("silent_phase")
    if state.is_question and person_id == state.resting:
        return _resume_speaker(state)
    if person_id == state.holder and not state.is_question:
        raise RuleBroken("already_has_floor", person_id=person_id)
    if not state.has_room(person_id):
        raise RuleBroken("not_their_phase", person_id=person_id)
    state = close_turn(state, speaker(state))
    state = with_part(state, person_id, replace(state.run.part(person_id), has_spoken=True))
    return replace(state, holder=person_id, resting=None, is_question=False)


def _resume_speaker(state: RoundState) -> RoundState:
    return replace(state, holder=state.resting, resting=None, is_question=False)


def _release(state: RoundState, _: Command) -> RoundState:
    """Let the floor go; after an interposed question the speaker goes on (`nobody_has_floor`)."""
    if state.holder is None:
        raise RuleBroken("nobody_has_floor")
    if state.is_question:
        return _resume_speaker(state)
    return replace(close_turn(state, state.holder), holder=None)


def _interpose(state: RoundState, command: Command) -> RoundState:
    """Let someone ask in between: the speaker rests, the asker's turn is not used up.

    Codes: `participant_away`, `already_has_floor`, `silent_phase`.
    """
    person_id = _present(state, command)
    if state.phase.mode == "I":
        raise RuleBroken("silent_phase")
    if person_id in {state.holder, state.resting}:
        raise RuleBroken("already_has_floor", person_id=person_id)
    return replace(state, holder=person_id, resting=speaker(state), is_question=True)


def _pass(state: RoundState, command: Command) -> RoundState:
    """Stand over in a round, with or without the floor in hand; it is offered once more at the end.

    Codes: `pass_only_in_round`, `participant_away`, `already_spoken`, `already_passed`.
    """
    person_id = _present(state, command)
    if state.phase.mode != "R":
        raise RuleBroken("pass_only_in_round")
    part = state.run.part(person_id)
    if part.is_done or (part.has_spoken and person_id != speaker(state)):
        raise RuleBroken("already_spoken", person_id=person_id)
    if part.passes >= PASSES_AT_MOST:
        raise RuleBroken("already_passed", person_id=person_id)
    part = replace(part, passes=part.passes + 1, has_spoken=False)
    return _without(with_part(state, person_id, part), person_id)


def _without(state: RoundState, person_id: str) -> RoundState:
    """Take the floor, or the place of the resting speaker, from a person."""
    if person_id == state.resting:
        return replace(state, resting=None)
    if person_id != state.holder:
        return state
    return _resume_speaker(state) if state.is_question else replace(state, holder=None)


def _away(state: RoundState, command: Command) -> RoundState:
    """Note that someone left the table; nobody is told why (`participant_away`)."""
    person_id = _present(state, command)
    if person_id == speaker(state):
        state = close_turn(state, person_id)
    return replace(_without(state, person_id), away={**state.away, person_id: state.counted_at or command.at})


def _back(state: RoundState, command: Command) -> RoundState:
    """Note that someone is at the table again (`participant_not_away`)."""
    person_id = _participant(state, command)
    if person_id not in state.away:
        raise RuleBroken("participant_not_away", person_id=person_id)
    return replace(state, away={one: since for one, since in state.away.items() if one != person_id})


def _presenter(state: RoundState, command: Command) -> RoundState:
    """Name who presents a case, where the group chooses it in the meeting (`unknown_case`)."""
    person_id = _participant(state, command)
    case_no = command.data.get("case_no")
    if not isinstance(case_no, int) or isinstance(case_no, bool) or not 1 <= case_no <= len(state.presenters):
        raise RuleBroken("unknown_case")
    presenters = list(state.presenters)
    presenters[case_no - 1] = person_id
    return replace(state, presenters=tuple(presenters))


def _pause(state: RoundState, _: Command) -> RoundState:
    """Stop the clock."""
    return replace(state, status="paused")


def _resume(state: RoundState, _: Command) -> RoundState:
    """Let the clock go on (`round_not_paused`)."""
    if state.status != "paused":
        raise RuleBroken("round_not_paused")
    return replace(state, status="live")


def _correct(state: RoundState, command: Command) -> RoundState:
    """Set the seconds (`floor_s`) a person had the floor in a begun phase (`phase`, counted from 0).

    Codes: `command_incomplete`, `phase_not_begun`, `more_than_phase` (possible_s).
    """
    person_id = _participant(state, command)
    index, floor_s = command.data.get("phase"), command.data.get("floor_s")
    if isinstance(index, bool) or isinstance(floor_s, bool):
        raise RuleBroken("command_incomplete")
    if not isinstance(index, int) or not isinstance(floor_s, int | float) or not 0 <= floor_s < DAY_S:
        raise RuleBroken("command_incomplete")
    if not 0 <= index < len(state.runs):
        raise RuleBroken("phase_not_begun")
    run = state.runs[index]
    part = run.part(person_id)
    possible_s = max(0.0, run.elapsed_s - sum(one.spoken_s for one in run.parts.values()) + part.floor_s)
    if floor_s > possible_s + ROUNDING_S:
        raise RuleBroken("more_than_phase", possible_s=int(possible_s))
    corrected = replace(part, floor_s=min(float(floor_s), possible_s))
    return with_part(state, person_id, _with_turn(state, index, person_id, corrected), index)


def _with_turn(state: RoundState, index: int, person_id: str, part: Part) -> Part:
    """Let a corrected time decide whether the person has had a turn, unless the turn is going on."""
    is_present = index == len(state.runs) - 1 and state.status != "ended"
    if is_present and person_id == speaker(state):
        return part
    has_spoken = part.floor_s > 0
    expected_s = part.expected_s
    if is_present and state.phase.mode == "R" and has_spoken != part.has_spoken:
        expected_s = shares(state).get(person_id, 0.0) if has_spoken else 0.0
    return replace(part, has_spoken=has_spoken, is_done=has_spoken, expected_s=expected_s)


def _end(state: RoundState, _: Command) -> RoundState:
    """End the meeting; times can still be corrected and the end taken back."""
    return replace(close_phase(state), status="ended", ended_at=state.counted_at)


_CHANGES: Mapping[str, Callable[[RoundState, Command], RoundState]] = {
    "next_phase": _next_phase,
    "floor": _floor,
    "release": _release,
    "interpose": _interpose,
    "pass": _pass,
    "away": _away,
    "back": _back,
    "presenter": _presenter,
    "pause": _pause,
    "resume": _resume,
    "correct": _correct,
    "end": _end,
}
