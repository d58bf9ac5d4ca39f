"""Who was there, as far as the round's log tells: a proposal for the supervisor's record, who has the last word."""

from collections.abc import Mapping, Sequence

from supervision.live.rules.engine import fold
from supervision.live.rules.events import Event


def presence(log: Sequence[Event]) -> Mapping[str, str]:
    """Return person id -> present, late, left_early or absent, for everyone with a place in an ended round.

    Late: away at the start and there at the end. Left early: away at the end after having been there. Who stepped out
    and came back was present. Without an ended round nothing is known.
    """
    if not log:
        return {}
    began, ended = fold(log[:1]), fold(log)
    if ended.status != "ended":
        return {}
    came_back = {event.command.person_id for event in log if event.kind == "back"}
    found = {}
    for person in ended.participants:
        was_away, is_away = person.id in began.away, person.id in ended.away
        if is_away:
            found[person.id] = "absent" if was_away and person.id not in came_back else "left_early"
        else:
            found[person.id] = "late" if was_away else "present"
    return found
