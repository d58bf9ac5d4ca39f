"""Whose turn it is: balances from the history, and the next presenter with the reason (PRODUCT: whose turn)."""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, Literal, TypeVar
from uuid import UUID

from supervision.kernel.errors import RuleBroken

CLAMP = Fraction(2)  # PRODUCT: balances are clamped to ±2

Id = TypeVar("Id", UUID, str, int)
ReasonCode = Literal["urgent", "promised", "balance", "waited_longest", "draw", "only_one"]


@dataclass(frozen=True, slots=True)
class HeldMeeting(Generic[Id]):
    """A held meeting as the turn order sees it: who was there, who presented, how many case slots it had.

    Someone who presented twice stands twice among `presenters`. Codes: `presenter_not_present`,
    `more_presenters_than_slots`.
    """

    attendees: frozenset[Id]
    presenters: tuple[Id, ...]
    slots: int

    def __post_init__(self) -> None:
        """Refuse a meeting that cannot have been held so."""
        if not self.attendees.issuperset(self.presenters):
            raise RuleBroken("presenter_not_present")
        if len(self.presenters) > self.slots:
            raise RuleBroken("more_presenters_than_slots")


@dataclass(frozen=True, slots=True)
class Candidate(Generic[Id]):
    """Someone who is coming and has an offered case or said "I can take a turn".

    `waiting_since_on` is the day of the last turn, or the day of joining for someone who has had none.
    """

    person_id: Id
    waiting_since_on: date
    is_urgent: bool = False


@dataclass(frozen=True, slots=True)
class Turn(Generic[Id]):
    """The next presenter, why, with which balance, and the seed with which a draw can be repeated."""

    person_id: Id
    reason_code: ReasonCode
    balance: Fraction
    seed: int


def balances(meetings: Sequence[HeldMeeting[Id]]) -> dict[Id, Fraction]:
    """Return the balance of everyone who has attended, after the meetings in their order.

    With `c` case slots held and attendees `A`, everyone in `A` earns c/|A| and each presenter pays 1; absence
    neither earns nor costs; a balance is kept within ±2. A slot that nobody took is not held and earns nothing, so
    that the balances of a group sum to 0. Someone missing here is a newcomer, at 0.
    """
    found: dict[Id, Fraction] = {}
    for meeting in meetings:
        for person_id in meeting.attendees:
            earned = Fraction(len(meeting.presenters), len(meeting.attendees))
            after = found.get(person_id, Fraction(0)) + earned - meeting.presenters.count(person_id)
            found[person_id] = max(-CLAMP, min(CLAMP, after))
    return found


def next_presenter(
    candidates: Collection[Candidate[Id]],
    balance_of: Mapping[Id, Fraction],
    *,
    seed: int,
    promised_id: Id | None = None,
    has_urgent: bool = False,
) -> Turn[Id] | None:
    """Return who presents next and why, or None when nobody is coming and willing.

    Whoever was told "you are next" and is still a candidate is next. Then an urgent case, one per meeting
    (`has_urgent`: this meeting has one already), then the highest balance, then longest since the last turn, then a
    draw that `seed` repeats. The result does not depend on the order of the candidates.
    """
    everyone = {candidate.person_id: candidate for candidate in candidates}
    if not everyone:
        return None
    if promised_id is not None and promised_id in everyone:
        return Turn(promised_id, "promised", balance_of.get(promised_id, Fraction(0)), seed)
    urgent = [] if has_urgent else [candidate for candidate in everyone.values() if candidate.is_urgent]
    turn = _by_balance(urgent or list(everyone.values()), balance_of, seed)
    if urgent:
        return Turn(turn.person_id, "urgent", turn.balance, seed)
    return turn


def line_up(
    candidates: Collection[Candidate[Id]],
    balance_of: Mapping[Id, Fraction],
    slots: int,
    *,
    seed: int,
    promised_id: Id | None = None,
) -> tuple[Turn[Id], ...]:
    """Return the presenters of one meeting's case slots, in order; a second turn only when all have had one."""
    turns: list[Turn[Id]] = []
    left = list(candidates)
    balance_now = dict(balance_of)
    for _ in range(slots if candidates else 0):
        left = left or list(candidates)
        has_urgent = _holds_urgent(candidates, turns)
        turn = next_presenter(
            left,
            balance_now,
            seed=seed,
            promised_id=None if turns else promised_id,
            has_urgent=has_urgent,
        )
        if turn is None:
            break
        turns.append(turn)
        balance_now[turn.person_id] = turn.balance - 1
        left = [candidate for candidate in left if candidate.person_id != turn.person_id]
    return tuple(turns)


def _holds_urgent(candidates: Collection[Candidate[Id]], turns: Sequence[Turn[Id]]) -> bool:
    taken = {turn.person_id for turn in turns}
    return any(candidate.is_urgent and candidate.person_id in taken for candidate in candidates)


def _by_balance(candidates: list[Candidate[Id]], balance_of: Mapping[Id, Fraction], seed: int) -> Turn[Id]:
    def balance(candidate: Candidate[Id]) -> Fraction:
        return balance_of.get(candidate.person_id, Fraction(0))

    highest = max(balance(candidate) for candidate in candidates)
    first = [candidate for candidate in candidates if balance(candidate) == highest]
    if len(candidates) == 1:
        return Turn(first[0].person_id, "only_one", highest, seed)
    if len(first) == 1:
        return Turn(first[0].person_id, "balance", highest, seed)
    earliest = min(candidate.waiting_since_on for candidate in first)
    longest = [candidate for candidate in first if candidate.waiting_since_on == earliest]
    if len(longest) == 1:
        return Turn(longest[0].person_id, "waited_longest", highest, seed)
    drawn = min(longest, key=lambda candidate: _lot(seed, candidate.person_id))
    return Turn(drawn.person_id, "draw", highest, seed)


def _lot(seed: int, person_id: Id) -> bytes:
    """Return a person's lot; hashing keeps the draw the same on every machine and in every order."""
    return hashlib.sha256(f"{seed}|{person_id}".encode()).digest()
