"""Who may speak in a phase, and in which order a round goes."""

from collections.abc import Sequence

from supervision.live.rules.events import Participant


def may_speak(mode: str, person_id: str, presenter_id: str | None) -> bool:
    """Say whether the mode gives this person room (PRODUCT: formats, speaking modes).

    While a case has no known presenter (a follow-up, a case not chosen yet), a presenter's phase is open to all.
    """
    if mode in {"P", "SP"}:
        return presenter_id is None or person_id == presenter_id
    if mode == "G":
        return person_id != presenter_id
    return mode in {"Q", "R", "A"}


def round_order(people: Sequence[Participant], presenter_id: str | None, turn: int) -> tuple[str, ...]:
    """Return the order of a round: from the place after the presenter, moved `turn` places on; presenter last.

    Without a presenter it starts `turn` places from the first. Those at a distance come first when the group is
    mixed, keeping the order among themselves (PRODUCT: live round, the order in R).
    """
    ids = [person.id for person in people]
    after = ids.index(presenter_id) + 1 if presenter_id in ids else 0
    others = [person for person in [*people[after:], *people[:after]] if person.id != presenter_id]
    if others:
        first = turn % len(others)
        others = others[first:] + others[:first]
    ordered = sorted(others, key=lambda person: not person.is_remote)
    return (*(person.id for person in ordered), *([presenter_id] if presenter_id in ids and presenter_id else []))
