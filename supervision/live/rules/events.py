"""What can happen in a round: the events of the log and the commands that ask for them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from supervision.formats.rules import PlannedPhase

# PRODUCT: live round, the kinds of the log; `presenter` names the case's presenter when the group chooses it there.
KINDS = (
    "start",
    "next_phase",
    "floor",
    "release",
    "interpose",
    "pass",
    "away",
    "back",
    "presenter",
    "pause",
    "resume",
    "correct",
    "undo",
    "end",
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the log: `at` is an aware UTC instant, `device_event_id` is made by the device and applied once."""

    seq: int
    kind: str
    at: datetime
    device_id: str
    device_event_id: str
    person_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)

    def to_data(self) -> dict[str, Any]:
        """Return the event as plain data (the instant in ISO 8601)."""
        return {
            "seq": self.seq,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "device_id": self.device_id,
            "device_event_id": self.device_event_id,
            "person_id": self.person_id,
            "data": dict(self.data),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Event":
        """Read what `to_data` wrote."""
        return cls(**{**data, "at": datetime.fromisoformat(data["at"])})

    @property
    def command(self) -> "Command":
        """What the event asked for; the person may stand in the data, as the log's table keeps it."""
        person_id = self.person_id if self.person_id is not None else self.data.get("person_id")
        return Command(self.kind, self.at, person_id, self.data)


@dataclass(frozen=True, slots=True)
class Command:
    """A wish of the supervisor's device, not yet part of the log."""

    kind: str
    at: datetime
    person_id: str | None = None
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Participant:
    """A place at the table; `weight` adjusts a share (hearing, interpreter, speech aid), 1 is the usual."""

    id: str
    name: str
    place_no: int
    is_remote: bool = False
    weight: float = 1.0

    def to_data(self) -> dict[str, Any]:
        """Return the participant as plain data."""
        return {
            "id": self.id,
            "name": self.name,
            "place_no": self.place_no,
            "remote": self.is_remote,
            "weight": self.weight,
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Participant":
        """Read what `to_data` wrote."""
        return cls(
            id=str(data["id"]),
            name=str(data["name"]),
            place_no=int(data["place_no"]),
            is_remote=bool(data.get("remote", False)),
            weight=float(data.get("weight", 1.0)),
        )


@dataclass(frozen=True, slots=True)
class Start:
    """The snapshot in the start event: everything the round needs to be folded without looking elsewhere.

    `presenters` holds one person per case (None: chosen during the meeting), `away` those not there yet, `meeting_no`
    counts the group's meetings and rotates the rounds.
    """

    format_key: str
    phases: tuple[PlannedPhase, ...]
    length_s: int
    participants: tuple[Participant, ...]
    presenters: tuple[str | None, ...]
    meeting_no: int = 0
    away: tuple[str, ...] = ()

    def to_data(self) -> dict[str, Any]:
        """Return the snapshot as plain data for the event."""
        return {
            "format_key": self.format_key,
            "phases": [phase.to_data() for phase in self.phases],
            "length_s": self.length_s,
            "participants": [person.to_data() for person in self.participants],
            "presenters": list(self.presenters),
            "meeting_no": self.meeting_no,
            "away": list(self.away),
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Start":
        """Read what `to_data` wrote; participants are put in the order of their places."""
        people = (Participant.from_data(person) for person in data["participants"])
        return cls(
            format_key=data["format_key"],
            phases=tuple(PlannedPhase.from_data(phase) for phase in data["phases"]),
            length_s=data["length_s"],
            participants=tuple(sorted(people, key=lambda person: person.place_no)),
            presenters=tuple(data["presenters"]),
            meeting_no=data.get("meeting_no", 0),
            away=tuple(data.get("away", ())),
        )
