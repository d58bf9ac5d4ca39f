"""What is written during a round: the start, each command, who controls it, and the end."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from supervision.cases import services as cases
from supervision.formats.queries import formats_for
from supervision.formats.rules import expand
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal, RuleBroken
from supervision.kernel.ids import new_token
from supervision.live import queries
from supervision.live.models import LiveControl, LiveEvent, LiveSummary
from supervision.live.rules import Command, Event, Participant, RoundState, Start, decide, fold
from supervision.live.rules.device_time import instants
from supervision.live.rules.view import balance
from supervision.live.standing import Control, controlled, standing
from supervision.meetings import services as meetings
from supervision.meetings.models import Meeting
from supervision.store.signals import CONTROL, ROUND, tell

LONGEST_ID = 64  # characters of a device's id and of its events' ids, as the log's columns have room for
_APPEND = cast("Table", LiveEvent.__table__).insert()
_STATUS_LOCKED = select(Meeting.status).where(Meeting.id == bindparam("meeting_id")).with_for_update()
REFUSED = "refused"  # a kind of the log that no rule knows: the fold passes over it
FEWEST_HERE = 2  # a round needs someone who listens


@dataclass(frozen=True, slots=True)
class Setting:
    """How a supervisor sets the table: the format, the places, and per case who presents and wishes advice."""

    format_key: str
    participants: Sequence[Participant]
    away: Sequence[str]
    presenters: Sequence[str | None]
    wishes_advice: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Sent:
    """A tap as a device sends it: `age_ms` before the sending, `device_at` and `device_no` as the device counts."""

    id: str
    kind: str
    age_ms: float
    person_id: str | None
    data: Mapping[str, Any]
    device_at: datetime | None = None
    device_no: int | None = None


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What became of the taps a device sent: the round after them, ids applied, ids refused with why.

    `events` are those the taps became; they follow the event `after`. `control` is who has it.
    """

    state: RoundState
    applied: tuple[str, ...]
    refused: tuple[tuple[str, Refusal], ...]
    after: int
    events: tuple[Event, ...]
    control: Control | None


def start_round(
    session: Session, actor: Actor, meeting: Meeting, setting: Setting, *, device_id: str, now: datetime
) -> None:
    """Begin the meeting and its round, controlled by this device.

    Codes: `meeting_status`, `too_few_here`, `format_unknown`, `presenter_not_here`, `start_incomplete`.
    """
    meetings.begin(session, actor, meeting, now=now)
    chosen = formats_for(session, actor).get(setting.format_key)
    if chosen is None:
        raise RuleBroken("format_unknown", field="format_key")
    here = {person.id for person in setting.participants} - set(setting.away)
    if len(here) < FEWEST_HERE:
        raise RuleBroken("too_few_here")
    known = {person.id for person in setting.participants}
    presenters = tuple(setting.presenters[: chosen.cases])
    for number, presenter in enumerate(presenters, start=1):
        if presenter is not None and presenter not in known:
            raise RuleBroken("presenter_not_here", field=f"presenter_{number}")
    start = Start(
        format_key=chosen.key,
        phases=expand(chosen, tuple(setting.wishes_advice[: chosen.cases])),
        length_s=int((meeting.ends_at - meeting.starts_at).total_seconds()),
        participants=tuple(setting.participants),
        presenters=presenters,
        meeting_no=meeting.number,
        away=tuple(setting.away),
    )
    state = queries.state_of(session, meeting)
    command = Command("start", now, None, start.to_data())
    _append(session, meeting, state, command, device_id, Sent(new_token(), "start", 0.0, None, {}))
    meeting.format_key = chosen.key
    _give_control(session, meeting.id, device_id, now)


def give_command(
    session: Session,
    meeting: Meeting,
    kind: str,
    *,
    device_id: str,
    device_event_id: str,
    now: datetime,
    person_id: str | None = None,
    data: Mapping[str, Any] | None = None,
) -> RoundState:
    """Append a command of the controlling device to the log and return the round after it.

    A `device_event_id` that was seen before changes nothing. After the end only times can be corrected. Codes: those
    of `rules.decide`, and `control_elsewhere`, `command_incomplete`, `unknown_command`.
    """
    if kind == "end":
        raise RuleBroken("unknown_command")
    return _command(session, meeting, Command(kind, now, person_id, data or {}), device_id, device_event_id)


def take_in(
    session: Session, actor: Actor, meeting: Meeting, taps: Sequence[Sent], *, device_id: str, now: datetime
) -> TakenIn:
    """Append the taps a device has waiting, oldest first; one that is refused does not stop the next.

    A tap whose id is in the log changes nothing, also when another device has the control: it is answered as it was the
    first time. Each refusal is one of `give_command`'s or `end_round`'s codes; while the round goes on it is noted in
    the log, so that a tap sent again because the answer was lost is not judged anew by what has happened since.

    The meeting is one of `queries.get_locked_meeting`.
    """
    known, control = controlled(session, meeting.id)
    state = queries.state_of(session, meeting) if any(tap.kind == "undo" for tap in taps) else known.state
    applied: list[str] = []
    refused: list[tuple[str, Refusal]] = []
    events: list[Event] = []
    placed = instants([tap.age_ms for tap in taps], known.last_at, now)
    before = _refused_before(session, meeting, [tap.id for tap in taps if tap.id in state.seen])
    for tap, at in zip(taps, placed, strict=True):
        if tap.id in before:
            refused.append((tap.id, before[tap.id]))
            continue
        if tap.id not in state.seen:
            try:
                command = Command(tap.kind, at, tap.person_id, tap.data)
                state, event = _append_controlled(session, meeting, state, control, command, device_id, tap)
                events.append(event)
            except RuleBroken as broken:
                refused.append((tap.id, broken.refusal))
                if state.status in {"live", "paused"}:
                    why = {"kind": tap.kind[:20], "code": broken.refusal.code, "params": broken.refusal.params}
                    note = Event(state.last_seq + 1, REFUSED, at, device_id, tap.id, None, why)
                    state = _write(session, meeting, state, note, tap)
                    events.append(note)
                continue
            if tap.kind == "end":
                _after_end(session, actor, meeting, state, now)
        applied.append(tap.id)
    return TakenIn(state, tuple(applied), tuple(refused), known.state.last_seq, tuple(events), control)


def end_round(
    session: Session, actor: Actor, meeting: Meeting, *, device_id: str, device_event_id: str, now: datetime
) -> RoundState:
    """End the round: the meeting is held, the balance of the group is kept, and cases that were begun are presented.

    Cases the round did not reach go back among the offered.

    Codes: `control_elsewhere`, `round_not_started`, `round_ended`.
    """
    state = _command(session, meeting, Command("end", now), device_id, device_event_id)
    _after_end(session, actor, meeting, state, now)
    return state


def _after_end(session: Session, actor: Actor, meeting: Meeting, state: RoundState, now: datetime) -> None:
    """Finish the meeting and settle its cases; nothing when that was done before."""
    if meeting.status != "live":  # the same form once more
        return
    meetings.finish(session, actor, meeting, now=now)
    begun = {state.phases[run.index].case_no for run in state.runs}
    presenters = [person_id for number, person_id in enumerate(state.presenters, start=1) if number in begun]
    told = [uuid.UUID(person_id) for person_id in presenters if person_id is not None]
    cases.settle_turns(session, actor, meeting, told, now=now)


def take_over(session: Session, meeting: Meeting, *, device_id: str, now: datetime) -> None:
    """Let this device control the round from now on. Codes: `round_not_started`, `round_ended`."""
    _lock(session, meeting)
    if meeting.status != "live":
        raise RuleBroken("round_not_started" if meeting.status == "planned" else "round_ended")
    _give_control(session, meeting.id, device_id, now)


def _command(session: Session, meeting: Meeting, command: Command, device_id: str, device_event_id: str) -> RoundState:
    _lock(session, meeting)
    state = queries.state_of(session, meeting) if command.kind == "undo" else standing(session, meeting.id)
    if device_event_id in state.seen:
        return state
    tap = Sent(device_event_id, command.kind, 0.0, command.person_id, command.data)
    control = queries.control_of(session, meeting.id)
    return _append_controlled(session, meeting, state, control, command, device_id, tap)[0]


def _append_controlled(
    session: Session,
    meeting: Meeting,
    state: RoundState,
    control: Control | LiveControl | None,
    command: Command,
    device_id: str,
    tap: Sent,
) -> tuple[RoundState, Event]:
    """Append a command if this device has the control; after the end only times are corrected."""
    if command.kind == "start":  # the form of the table starts a round, together with its meeting
        raise RuleBroken("unknown_command")
    if state.status == "ended" and command.kind != "correct":
        raise RuleBroken("round_ended")
    if state.status in {"live", "paused"} and (control is None or control.device_id != device_id):
        raise RuleBroken("control_elsewhere")
    state, event = _append(session, meeting, state, command, device_id, tap)
    if state.status == "ended":
        _keep_summary(session, meeting, state)
    return state, event


def _lock(session: Session, meeting: Meeting) -> None:
    """Let one writer at a time append to a meeting's log; the status is read anew under the lock."""
    set_committed_value(meeting, "status", session.scalar(_STATUS_LOCKED, {"meeting_id": meeting.id}))


def _append(
    session: Session, meeting: Meeting, state: RoundState, command: Command, device_id: str, tap: Sent
) -> tuple[RoundState, Event]:
    if not 0 < len(tap.id) <= LONGEST_ID:
        raise RuleBroken("command_incomplete")
    data = decide(state, command)
    event = Event(state.last_seq + 1, command.kind, command.at, device_id, tap.id, None, data)
    return _write(session, meeting, state, event, tap), event


def _write(session: Session, meeting: Meeting, state: RoundState, event: Event, tap: Sent) -> RoundState:
    row = {
        "meeting_id": meeting.id,
        "seq": event.seq,
        "kind": event.kind,
        "at": event.at,
        "device_id": event.device_id,
        "device_event_id": event.device_event_id,
        "data": dict(event.data),
        "device_at": tap.device_at,
        "device_no": tap.device_no,
    }
    session.connection().execute(_APPEND, row)  # not by way of the session's rows: nobody asks for this one again
    tell(session, ROUND, meeting.id)
    return fold([event], state)


def _refused_before(session: Session, meeting: Meeting, ids: Sequence[str]) -> dict[str, Refusal]:
    """Return why taps that are sent again were refused the first time; those that were applied are left out."""
    return {
        row.device_event_id: Refusal(str(row.data["code"]), None, dict(row.data["params"]))
        for row in queries.refused_of(session, meeting.id, ids)
    }


def _give_control(session: Session, meeting_id: uuid.UUID, device_id: str, now: datetime) -> None:
    control = queries.control_of(session, meeting_id)
    if control is None:
        session.add(LiveControl(meeting_id=meeting_id, device_id=device_id, since_at=now))
    elif control.device_id != device_id:
        tell(session, CONTROL, meeting_id)
        control.device_id = device_id
        control.since_at = now


def _keep_summary(session: Session, meeting: Meeting, state: RoundState) -> None:
    kept = queries.summary_of(session, meeting.id)
    if kept is None:
        kept = LiveSummary(meeting_id=meeting.id)
        session.add(kept)
    kept.balance = balance(state)
    kept.length_s = int(state.elapsed_s)
