"""What the screens show of a round at one instant: computed from the state, never stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from supervision.formats.rules import PlannedPhase
from supervision.live.rules.counting import settle, shares, speaker
from supervision.live.rules.nudges import Nudge, nudges
from supervision.live.rules.plan import Refit, refit
from supervision.live.rules.shares import jain
from supervision.live.rules.state import PhaseRun, RoundState

# PRODUCT: live round, the balance counts R, G and A phases; in Q the presenter answers, which is no share.
BALANCE_MODES = frozenset({"R", "G", "A"})


@dataclass(frozen=True, slots=True)
class PlaceView:
    """One place at the table, in seconds; `ring` is the part of the share that is used (1.0 is full).

    `state` is one of has_floor, asking, answering, resting, next, not_yet, done, passed, away (DESIGN: states of a
    place) and listening (the mode gives no room now); `is_lit` says who has the floor, whatever the word;
    `away_at` since when someone is away.
    """

    person_id: str
    name: str
    place_no: int
    is_remote: bool
    is_presenter: bool
    state: str
    is_lit: bool
    is_asked_again: bool
    used_s: float
    share_s: float | None
    ring: float | None
    total_s: float
    expected_s: float
    away_at: datetime | None


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One phase in the plan: as meant (`planned_s`) and as it became or will become (`now_s`).

    `status` is done, now, coming, or skipped when the meeting ended before it; `over_s` is the time over the plan.
    """

    index: int
    phase: PlannedPhase
    status: str
    planned_s: int
    now_s: float
    over_s: float
    starts_at: datetime


@dataclass(frozen=True, slots=True)
class RoundView:
    """Everything the supervisor's screen shows of a started round; seconds, instants aware UTC."""

    status: str
    phase: PlannedPhase
    phase_index: int
    case_no: int | None
    cases: int
    phase_elapsed_s: float
    phase_left_s: float
    phase_over_s: float
    phase_allotted_s: float
    meeting_left_s: float
    overrun_s: float
    behind_s: float
    started_at: datetime
    ends_at: datetime
    places: tuple[PlaceView, ...]
    plan: tuple[PlanLine, ...]
    holder: str | None
    resting: str | None
    is_question: bool
    next_up: str | None
    balance: float | None
    nudges: tuple[Nudge, ...]
    undo: tuple[str, str | None] | None
    seq: int


@dataclass(frozen=True, slots=True)
class RoomPlace:
    """A place as the room and the members' phones see it: no minutes, no share."""

    person_id: str
    name: str
    place_no: int
    state: str
    is_lit: bool


@dataclass(frozen=True, slots=True)
class RoomView:
    """What the room and the members' phones show: the phase, the time, whose turn."""

    status: str
    phase: PlannedPhase
    case_no: int | None
    cases: int
    phase_left_s: float
    phase_over_s: float
    phase_allotted_s: float
    ends_at: datetime
    places: tuple[RoomPlace, ...]
    holder: str | None
    next_up: str | None
    seq: int


def view_at(state: RoundState, now: datetime) -> RoundView | None:
    """Return the supervisor's view at `now`; None before the start. After the end it stays as it ended."""
    state = settle(state, now)
    if state.started_at is None or state.counted_at is None:
        return None
    run = state.run
    later = _later(state)
    total, expected = _minutes(state)
    return RoundView(
        status=state.status,
        phase=state.phase,
        phase_index=run.index,
        case_no=state.phase.case_no,
        cases=len(state.presenters),
        phase_elapsed_s=run.elapsed_s,
        phase_left_s=run.left_s,
        phase_over_s=max(0.0, run.elapsed_s - run.allotted_s),
        phase_allotted_s=run.allotted_s,
        meeting_left_s=state.left_s,
        overrun_s=later.overrun_s,
        behind_s=_behind_s(state),
        started_at=state.started_at,
        ends_at=state.ended_at or _ends_at(state.counted_at, state.run.left_s, later),
        places=_places(state, total, expected),
        plan=_plan(state, later),
        holder=state.holder,
        resting=state.resting,
        is_question=state.is_question,
        next_up=next_up(state),
        balance=balance(state),
        nudges=nudges(state, total, expected),
        undo=state.last if state.before else None,
        seq=state.last_seq,
    )


def for_room(view: RoundView) -> RoomView:
    """Return what everyone may see: nobody's share, minutes, balance or reminders (DESIGN: never shown)."""
    return RoomView(
        status=view.status,
        phase=view.phase,
        case_no=view.case_no,
        cases=view.cases,
        phase_left_s=view.phase_left_s,
        phase_over_s=view.phase_over_s,
        phase_allotted_s=view.phase_allotted_s,
        ends_at=view.ends_at,
        places=tuple(
            RoomPlace(place.person_id, place.name, place.place_no, place.state, place.is_lit) for place in view.places
        ),
        holder=view.holder,
        next_up=view.next_up,
        seq=view.seq,
    )


def next_up(state: RoundState) -> str | None:
    """Return who is offered the floor next: in a round by its order, in a presenter's phase the presenter."""
    if state.status == "ended" or not state.runs:
        return None
    if state.phase.mode == "R":
        return next(iter(state.waiting()), None)
    presenter = state.presenter
    is_theirs = state.phase.mode in {"P", "SP"} and presenter not in state.away
    return presenter if is_theirs and presenter != speaker(state) else None


def balance(state: RoundState) -> float | None:
    """Return Jain's index over time / expected share in R, G and A phases; None without data.

    Counted for those who were present and did not pass; a turn still going on in a round is not counted yet.
    """
    ratios = []
    for person in state.participants:
        spoken_s = expected_s = 0.0
        for run in state.runs:
            part = run.part(person.id)
            if state.phases[run.index].mode in BALANCE_MODES and part.expected_s and not part.is_passed:
                spoken_s += part.spoken_s
                expected_s += part.expected_s
        if expected_s:
            ratios.append(spoken_s / expected_s)
    return jain(ratios)


def spoken_s(state: RoundState) -> dict[str, float]:
    """Return each one's seconds with the floor in all phases, questions included, up to the state's `counted_at`."""
    return {person.id: sum(run.part(person.id).spoken_s for run in state.runs) for person in state.participants}


def _minutes(state: RoundState) -> tuple[dict[str, float], dict[str, float]]:
    """Return each one's seconds with the floor and expected seconds over the R, G and A phases so far."""
    total = dict.fromkeys((person.id for person in state.participants), 0.0)
    expected = dict(total)
    for run in state.runs:
        if state.phases[run.index].mode not in BALANCE_MODES:
            continue
        for person_id, part in run.parts.items():
            total[person_id] += part.spoken_s
            expected[person_id] += 0.0 if part.is_passed else part.expected_s
    turn = speaker(state)
    if turn is not None and state.phase.mode == "R" and not state.run.part(turn).is_done:
        expected[turn] += shares(state).get(turn, 0.0)
    return total, expected


def _later(state: RoundState) -> Refit:
    """Fit the phases after the present one into the time that is left when it has ended."""
    if state.status == "ended":
        return Refit((0.0,) * (len(state.phases) - len(state.runs)), max(0.0, -state.left_s))
    return refit(state.phases[state.run.index + 1 :], state.left_s - state.run.left_s)


def _ends_at(counted_at: datetime, left_s: float, later: Refit) -> datetime:
    return counted_at + timedelta(seconds=left_s + sum(later.lengths_s))


def _behind_s(state: RoundState) -> float:
    """Return the seconds behind the plan as it was made at the start; negative when ahead."""
    run = state.run
    before_s = state.elapsed_s - run.elapsed_s
    meant_s = sum(phase.planned_s for phase in state.phases[: run.index])
    return before_s - meant_s + max(0.0, run.elapsed_s - state.phase.planned_s)


def _plan(state: RoundState, later: Refit) -> tuple[PlanLine, ...]:
    lines = []
    for run in state.runs:
        phase = state.phases[run.index]
        is_now = run is state.run and state.status != "ended"
        now_s = max(run.allotted_s, run.elapsed_s) if is_now else run.elapsed_s
        status = "now" if is_now else "done"
        over_s = max(0.0, run.elapsed_s - phase.planned_s)
        lines.append(PlanLine(run.index, phase, status, phase.planned_s, now_s, over_s, run.started_at))
    if state.counted_at is None or not later.lengths_s:
        return tuple(lines)
    is_over = state.status == "ended"
    status = "skipped" if is_over else "coming"
    starts_at = state.counted_at + timedelta(seconds=0.0 if is_over else state.run.left_s)
    for index, now_s in enumerate(later.lengths_s, start=state.run.index + 1):
        phase = state.phases[index]
        lines.append(PlanLine(index, phase, status, phase.planned_s, now_s, 0.0, starts_at))
        starts_at += timedelta(seconds=now_s)
    return tuple(lines)


def _places(state: RoundState, total: Mapping[str, float], expected: Mapping[str, float]) -> tuple[PlaceView, ...]:
    share_of = shares(state)
    upcoming = next_up(state)
    places = []
    for person in state.participants:
        part = state.run.part(person.id)
        share_s = share_of.get(person.id)
        word = _word(state, person.id, upcoming)
        places.append(
            PlaceView(
                person_id=person.id,
                name=person.name,
                place_no=person.place_no,
                is_remote=person.is_remote,
                is_presenter=person.id == state.presenter,
                state=word,
                is_lit=person.id == state.holder,
                is_asked_again=part.is_passed and part.passes == 1,
                used_s=part.floor_s,
                share_s=share_s,
                ring=part.floor_s / share_s if share_s else None,
                total_s=total[person.id],
                expected_s=expected[person.id],
                away_at=state.away.get(person.id),
            )
        )
    return tuple(places)


def _word(state: RoundState, person_id: str, upcoming: str | None) -> str:
    """Return the state of a place (DESIGN: states of a place); the light goes before all but absence."""
    if person_id in state.away:
        return "away"
    is_answerer = state.phase.mode == "Q" and person_id == state.presenter
    if person_id == state.holder:
        if state.is_question or (state.phase.mode == "Q" and state.presenter and not is_answerer):
            return "asking"
        return "answering" if is_answerer else "has_floor"
    if person_id == state.resting:
        return "resting"
    if is_answerer and state.holder is not None:
        return "answering"
    return "next" if person_id == upcoming else _word_waiting(state, state.run, person_id)


def _word_waiting(state: RoundState, run: PhaseRun, person_id: str) -> str:
    part = run.part(person_id)
    if part.is_passed:
        return "passed"
    if part.has_spoken:
        return "done"
    return "not_yet" if state.has_room(person_id) else "listening"
