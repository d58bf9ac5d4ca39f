"""A group's seats as one pure state: who sits, who is offered a seat, who waits; each step returns the next state.

Services read a `Line` under the group's lock, take a step here, and write what has changed. A step never promotes by
itself; whoever frees a seat calls `promote` next.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from supervision.groups.rules import SEATS_ALLOWED, has_seat, is_expired, offer_deadline, seats_to_offer
from supervision.kernel.errors import RuleBroken

Who = Hashable


@dataclass(frozen=True, slots=True)
class Line:
    """Members, open offers with their deadlines, and those waiting in order; nobody stands in two places."""

    seats: int
    members: tuple[Who, ...] = ()
    offers: tuple[tuple[Who, datetime], ...] = ()
    waiting: tuple[Who, ...] = ()

    @property
    def people(self) -> tuple[Who, ...]:
        """Everyone in the line, members first."""
        return self.members + tuple(person for person, _ in self.offers) + self.waiting

    @property
    def taken(self) -> int:
        """Seats that are not free: members and open offers."""
        return len(self.members) + len(self.offers)


def sign_up(line: Line, person: Who, *, gets_seat: bool = True) -> Line:
    """Give a person a seat, or the last place in line; a running group has no seat to give (`gets_seat`).

    Code: `already_in_line`.
    """
    if person in line.people:
        raise RuleBroken("already_in_line")
    if gets_seat and has_seat(line.seats, len(line.members), len(line.offers), len(line.waiting)):
        return replace(line, members=(*line.members, person))
    return replace(line, waiting=(*line.waiting, person))


def accept(line: Line, person: Who, now: datetime) -> Line:
    """Turn a person's open offer into a seat. Codes: `no_offer`, `offer_expired`."""
    deadline_at = dict(line.offers).get(person)
    if deadline_at is None:
        raise RuleBroken("no_offer")
    if is_expired(deadline_at, now):
        raise RuleBroken("offer_expired")
    return replace(line, members=(*line.members, person), offers=_without(line.offers, person))


def step_out(line: Line, person: Who) -> Line:
    """Take a person out of the group, of their offer or of the line: leaving, declining or removal. Code: `no_seat`."""
    if person not in line.people:
        raise RuleBroken("no_seat")
    return replace(
        line,
        members=tuple(member for member in line.members if member != person),
        offers=_without(line.offers, person),
        waiting=tuple(other for other in line.waiting if other != person),
    )


def expire(line: Line, now: datetime) -> Line:
    """Let the offers lapse whose deadline has come; those people leave the line (PRODUCT: sign-up)."""
    return replace(line, offers=tuple((person, at) for person, at in line.offers if not is_expired(at, now)))


def resize(line: Line, seats: int) -> Line:
    """Give the group more or fewer seats. Codes: `seats_out_of_range`, `seats_taken` (with how many are taken)."""
    low, high = SEATS_ALLOWED
    if not low <= seats <= high:
        raise RuleBroken("seats_out_of_range", "seats")
    if seats < line.taken:
        raise RuleBroken("seats_taken", "seats", taken=line.taken)
    return replace(line, seats=seats)


def promote(line: Line, now: datetime, next_meeting_at: datetime | None) -> Line:
    """Offer every free seat to the first in line; nothing when no time is left to answer before the next meeting."""
    deadline_at = offer_deadline(now, next_meeting_at)
    count = seats_to_offer(line.seats, len(line.members), len(line.offers), len(line.waiting))
    if deadline_at is None:
        return line
    offered = tuple((person, deadline_at) for person in line.waiting[:count])
    return replace(line, offers=line.offers + offered, waiting=line.waiting[count:])


def ask_to_move(source: Line, target: Line, now: datetime, next_meeting_at: datetime | None) -> tuple[Line, Line]:
    """Offer every member of `source` a seat in `target`; returns both. They keep the old seat until all have answered.

    Someone with an open offer in `source` waits on instead, since that group may end. Codes: `merge_seats` (with the
    seats `needed` and `free`), `merge_too_near` when no time is left to answer before the target's next meeting.
    """
    kept = tuple(offer for offer in target.offers if offer[0] not in source.members)
    free = target.seats - len(target.members) - len(kept)
    if len(source.members) > free:
        raise RuleBroken("merge_seats", "into", needed=len(source.members), free=free)
    deadline_at = offer_deadline(now, next_meeting_at)
    if deadline_at is None:
        raise RuleBroken("merge_too_near", "into")
    moved = tuple((person, deadline_at) for person in source.members)
    still_waiting = tuple(person for person in target.waiting if person not in source.members)
    back = tuple(person for person, _ in source.offers)
    return (
        replace(source, offers=(), waiting=back + source.waiting),
        replace(target, offers=kept + moved, waiting=still_waiting),
    )


def join_lines(
    first: Sequence[tuple[Who, datetime]], second: Sequence[tuple[Who, datetime]], but: Sequence[Who] = ()
) -> tuple[Who, ...]:
    """Return two waiting lines as one, in the order people began to wait; someone in both keeps the earlier place."""
    waits: dict[Who, datetime] = {}
    for person, since in (*first, *second):
        if person not in but:
            waits[person] = min(since, waits.get(person, since))
    return tuple(sorted(waits, key=lambda person: waits[person]))


def _without(offers: tuple[tuple[Who, datetime], ...], person: Who) -> tuple[tuple[Who, datetime], ...]:
    return tuple(offer for offer in offers if offer[0] != person)
