from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from supervision.formats.catalogue import formats
from supervision.formats.rules import expand
from supervision.live.rules import Event, Participant, Start
from supervision.live.rules.presence import presence

T0 = datetime(2026, 11, 24, 13, 0, tzinfo=UTC)
PEOPLE = "abcde"


def a_log(away_at_start: set[str], steps: list[tuple[str, str | None]]) -> list[Event]:
    start = Start(
        format_key="classic_two",
        phases=expand(formats()["classic_two"], (False, False)),
        length_s=5400,
        participants=tuple(Participant(one, one, n) for n, one in enumerate(PEOPLE)),
        presenters=(None, None),
        meeting_no=1,
        away=tuple(away_at_start),
    )
    found = [Event(1, "start", T0, "d", "e1", None, start.to_data())]
    for seq, (kind, person) in enumerate(steps, start=2):
        at = T0 + timedelta(minutes=seq)
        found.append(Event(seq, kind, at, "d", f"e{seq}", person, {"person_id": person} if person else {}))
    return found


def test_the_log_fills_in_who_came_late_and_who_left() -> None:
    steps = [("back", "a"), ("away", "b"), ("away", "c"), ("back", "c"), ("back", "e"), ("away", "e"), ("end", None)]
    found = presence(a_log({"a", "d", "e"}, steps))
    assert found == {"a": "late", "b": "left_early", "c": "present", "d": "absent", "e": "left_early"}


def test_a_round_without_an_end_says_nothing() -> None:
    assert presence([]) == {}
    assert presence(a_log({"a"}, [("back", "a")])) == {}


def test_what_was_undone_did_not_happen() -> None:
    found = presence(a_log(set(), [("away", "b"), ("undo", None), ("end", None)]))
    assert found["b"] == "present"


@given(
    st.sets(st.sampled_from(PEOPLE)), st.lists(st.tuples(st.sampled_from(["away", "back"]), st.sampled_from(PEOPLE)))
)
def test_who_is_there_at_the_end_is_never_noted_as_absent(away, steps) -> None:
    found = presence(a_log(away, [*steps, ("end", None)]))
    at_the_end = set(PEOPLE) - away
    for kind, person in steps:
        at_the_end = at_the_end | {person} if kind == "back" else at_the_end - {person}
    assert {one for one, kind in found.items() if kind in {"present", "late"}} == at_the_end
    assert set(found) == set(PEOPLE)
