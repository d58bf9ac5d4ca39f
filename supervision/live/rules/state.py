"""The state of a round: always the fold of the log, with no clock running inside."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from supervision.formats.rules import PlannedPhase
from supervision.live.rules.events import Participant
from supervision.live.rules.order import may_speak, round_order


@dataclass(frozen=True, slots=True)
class Part:
    """One person in one phase, seconds counted up to the state's `counted_at`.

    `expected_s` is the share so far: it grows with the time in Q, G and A, and is set when the turn ends in R.
    """

    floor_s: float = 0.0
    question_s: float = 0.0
    expected_s: float = 0.0
    has_spoken: bool = False
    is_done: bool = False
    passes: int = 0

    @property
    def spoken_s(self) -> float:
        """All time with the floor, interposed questions included."""
        return self.floor_s + self.question_s

    @property
    def is_passed(self) -> bool:
        """True for someone who passed and has not taken the floor after all."""
        return self.passes > 0 and not self.has_spoken


NO_PART = Part()


@dataclass(frozen=True, slots=True)
class PhaseRun:
    """A phase that was begun: `allotted_s` as planned when it began, `elapsed_s` without pauses."""

    index: int
    started_at: datetime
    allotted_s: float
    elapsed_s: float = 0.0
    parts: Mapping[str, Part] = field(default_factory=dict)

    def part(self, person_id: str) -> Part:
        """Return the person's part in the phase so far."""
        return self.parts.get(person_id, NO_PART)

    @property
    def left_s(self) -> float:
        """Seconds left of the phase, never negative."""
        return max(0.0, self.allotted_s - self.elapsed_s)


@dataclass(frozen=True, slots=True)
class RoundState:
    """The round as the log has made it; times are counted up to `counted_at`, `view_at` adds what has passed since.

    `away` says who is away, and since when. `holder` has the floor (at most one person); during an interposed question
    `is_question` is true and `resting` is the speaker who waits (None: the supervisor had the word). `last` is the kind
    and person of the last event that had an effect, `before` the state an undo goes back to.
    """

    status: str = "not_started"
    format_key: str = ""
    length_s: int = 0
    phases: tuple[PlannedPhase, ...] = ()
    participants: tuple[Participant, ...] = ()
    presenters: tuple[str | None, ...] = ()
    meeting_no: int = 0
    started_at: datetime | None = None
    counted_at: datetime | None = None
    ended_at: datetime | None = None
    paused_s: float = 0.0
    runs: tuple[PhaseRun, ...] = ()
    holder: str | None = None
    resting: str | None = None
    is_question: bool = False
    away: Mapping[str, datetime] = field(default_factory=dict)
    last: tuple[str, str | None] | None = None
    before: "RoundState | None" = field(default=None, compare=False, repr=False)
    last_seq: int = field(default=0, compare=False)
    seen: frozenset[str] = field(default=frozenset(), compare=False, repr=False)

    @property
    def run(self) -> PhaseRun:
        """The present phase; only of a round that was started."""
        return self.runs[-1]

    @property
    def phase(self) -> PlannedPhase:
        """The present phase as it was planned."""
        return self.phases[self.run.index]

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, without pauses."""
        return sum(run.elapsed_s for run in self.runs)

    @property
    def left_s(self) -> float:
        """Seconds left of the meeting; negative when it has run over."""
        return self.length_s - self.elapsed_s

    def presenter_of(self, phase: PlannedPhase) -> str | None:
        """Return who presents the case the phase belongs to, if that is known."""
        if phase.case_no is None or phase.case_no > len(self.presenters):
            return None
        return self.presenters[phase.case_no - 1]

    @property
    def presenter(self) -> str | None:
        """Who presents in the present phase."""
        return self.presenter_of(self.phase)

    def person(self, person_id: str | None) -> Participant | None:
        """Return the participant, or None for someone who has no place at the table."""
        return next((person for person in self.participants if person.id == person_id), None)

    def has_room(self, person_id: str) -> bool:
        """Say whether the present phase's mode gives this person room to speak."""
        return may_speak(self.phase.mode, person_id, self.presenter)

    def sharers(self) -> tuple[Participant, ...]:
        """Those a share is expected of now: with room in this phase, present, not passed; in the order of places."""
        return tuple(
            person
            for person in self.participants
            if person.id not in self.away and self.has_room(person.id) and not self.run.part(person.id).is_passed
        )

    def order(self) -> tuple[str, ...]:
        """Return the order of the present round (mode R): moved on for each earlier round of its kind."""
        present = self.phase
        earlier = [
            phase for phase in self.phases[: self.run.index] if phase.mode == "R" and phase.case_no == present.case_no
        ]
        # Inside a case the presenter's place turns the round; the rounds before and after turn with the meetings.
        turn = len(earlier) + (0 if present.case_no else self.meeting_no)
        return round_order(self.participants, self.presenter, turn)

    def waiting(self) -> tuple[str, ...]:
        """Return who is still to be offered the floor in this round, in order; the away are left out.

        First those who have not had it, then, once more, those who passed (PRODUCT: live round, the order in R).
        """
        order = [person_id for person_id in self.order() if person_id not in self.away]
        parts = self.run.parts
        fresh = [
            person_id
            for person_id in order
            if person_id not in parts or not (parts[person_id].has_spoken or parts[person_id].passes)
        ]
        again = [
            person_id
            for person_id in order
            if person_id in parts and parts[person_id].is_passed and parts[person_id].passes == 1
        ]
        return (*fresh, *again)
