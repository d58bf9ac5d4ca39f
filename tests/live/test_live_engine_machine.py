"""What holds in every round, whatever is tapped, sent twice, undone or sent late: a machine taps, a model watches."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from supervision.formats.rules import PlannedPhase
from supervision.kernel.errors import RuleBroken
from supervision.live.rules import Command, Event, Participant, RoundState, RoundView, Start, decide, fold, view_at
from supervision.live.rules.order import round_order
from supervision.live.rules.shares import MIN_SHARE_S, Claim, water_fill
from supervision.live.rules.view import next_up
from supervision.web.messages import SENTENCES
from tests.live import rounds

NEAR = 1e-6
people = st.integers(0, 7)


def why_not(state: RoundState, command: Command) -> str | None:
    try:
        decide(state, command)
    except RuleBroken as broken:
        return broken.code
    return None


class Round(RuleBasedStateMachine):
    """A supervisor's device and its log, with a stack of the states an undo must give back."""

    def __init__(self) -> None:
        super().__init__()
        self.log: list[Event] = []
        self.before: list[RoundState] = []
        self.now = rounds.T0

    @initialize(start=rounds.starts())
    def begin(self, start: Start) -> None:
        self.ids = [person.id for person in start.participants]
        self.log = [Event(1, "start", self.now, "tablet", "0", None, start.to_data())]
        self.state = fold(self.log)

    def tap(self, kind: str, person: int | None = None, data: dict[str, Any] | None = None) -> None:
        person_id = None if person is None else self.ids[person % len(self.ids)]
        command = Command(kind, self.now, person_id, data or {})
        seq = len(self.log) + 1
        event = Event(seq, kind, self.now, "tablet", str(seq), person_id, data or {})
        after = fold([event], self.state)
        refusal = why_not(self.state, command)
        if refusal is not None:
            assert refusal in SENTENCES
            assert after == self.state
            return
        if kind == "undo":
            assert after == self.before.pop()
        elif after != self.state:
            self.before.append(self.state)
        self.log.append(event)
        self.state = after

    @rule(seconds=st.one_of(st.floats(0, 90), st.sampled_from([0.0, 300.0, 1200.0])))
    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(person=people)
    def floor(self, person: int) -> None:
        self.tap("floor", person)

    @rule()
    def offer_the_next(self) -> None:
        following = next_up(self.state)
        if following is not None:
            self.tap("floor", self.ids.index(following))

    @rule(person=people, kind=st.sampled_from(["interpose", "pass", "away", "back"]))
    def about(self, person: int, kind: str) -> None:
        self.tap(kind, person)

    @rule(kind=st.sampled_from(["next_phase", "next_phase", "release", "pause", "resume"]))
    def steer(self, kind: str) -> None:
        self.tap(kind)

    @rule(person=people, case_no=st.integers(0, 3))
    def present(self, person: int, case_no: int) -> None:
        self.tap("presenter", person, {"case_no": case_no})

    @rule(person=people, data=rounds.corrections)
    def correct(self, person: int, data: dict[str, Any]) -> None:
        self.tap("correct", person, data)

    @rule()
    def undo(self) -> None:
        if self.before:
            self.tap("undo")
        else:
            with pytest.raises(RuleBroken, match="nothing_to_undo"):
                decide(self.state, Command("undo", self.now))

    @precondition(lambda self: len(self.log) > 6)
    @rule()
    def end(self) -> None:
        self.tap("end")

    @rule(which=st.integers(0, 60), seq=st.integers(1, 99))
    def send_again(self, which: int, seq: int) -> None:
        again = replace(self.log[which % len(self.log)], seq=seq, at=self.now)
        assert fold([again], self.state) == self.state

    @invariant()
    def one_floor_at_most(self) -> None:
        if not self.log:
            return
        lit = [place for place in self.view.places if place.is_lit]
        assert len(lit) <= 1
        assert all(place.state in {"has_floor", "asking", "answering"} for place in lit)
        assert self.state.holder not in self.state.away

    @invariant()
    def nobody_speaks_longer_than_the_clock_ran(self) -> None:
        if not self.log:
            return
        for run in self.state.runs:
            assert sum(part.spoken_s for part in run.parts.values()) <= run.elapsed_s + NEAR

    @invariant()
    def the_plan_is_whole(self) -> None:
        if self.log and self.view.status != "ended":
            check_plan(self.view)

    @invariant()
    def the_waiting_share_what_is_left(self) -> None:
        view = self.view if self.log else None
        if view is None or view.phase.mode != "R" or view.status == "ended" or view.phase_over_s > 0:
            return
        parts = self.state.run.parts
        waiting = [
            place.share_s
            for place in view.places
            if place.share_s is not None and not (place.person_id in parts and parts[place.person_id].has_spoken)
        ]
        assert sum(waiting) <= view.phase_left_s + NEAR

    @property
    def view(self) -> RoundView:
        view = view_at(self.state, self.now)
        assert view is not None
        return view

    def teardown(self) -> None:
        if self.log:
            whole = fold(self.log)
            assert whole == self.state
            for cut in (1, len(self.log) // 2, len(self.log)):
                assert fold(self.log[cut:], fold(self.log[:cut])) == whole


def check_plan(view: RoundView) -> None:
    """The coming phases sum to the time left, keep their minimum, and say by how much they do not fit."""
    coming = [line for line in view.plan if line.status == "coming"]
    left_s = view.meeting_left_s - view.phase_left_s
    least_s = sum(line.phase.min_s for line in coming)
    assert sum(line.now_s for line in coming) == pytest.approx(left_s + view.overrun_s, abs=NEAR)
    assert all(line.now_s >= line.phase.min_s - NEAR for line in coming)
    assert view.overrun_s == pytest.approx(max(0.0, least_s - left_s), abs=NEAR)
    for line, following in pairwise([line for line in view.plan if line.status in {"now", "coming"}]):
        length_s = (following.starts_at - line.starts_at).total_seconds()
        assert line.status == "now" or length_s == pytest.approx(line.now_s, abs=1e-5)


Round.TestCase.settings = settings(max_examples=50, stateful_step_count=35, deadline=None)
TestRound = Round.TestCase


class Server:
    """What a server does with taps: those it knows count as done, the others are decided in their order."""

    def __init__(self, log: list[Event]) -> None:
        self.log = list(log)
        self.state = fold(log)

    def take_in(self, taps: list[Event], at: datetime | None = None) -> dict[str, str]:
        """Return the refused, with why. `at`: all of them are older than the log's last instant."""
        refused = {}
        for tap in taps:
            if tap.device_event_id in self.state.seen:
                continue
            last_at = max([event.at for event in self.log])
            event = replace(tap, seq=len(self.log) + 1, at=max(tap.at if at is None else at, last_at))
            refusal = why_not(self.state, event.command)
            if refusal is not None:
                refused[tap.device_event_id] = refusal
                continue
            self.log.append(event)
            self.state = fold([event], self.state)
        return refused


@settings(max_examples=50, deadline=None)
@given(log=rounds.logs(25), known=st.integers(0, 30), sends=st.lists(st.tuples(st.integers(1, 30), st.booleans())))
def test_a_queue_sent_in_pieces_and_again_is_the_queue_sent_once(log, known, sends):
    """The server has some of it already; answers are lost; the device sends again from what was answered last."""
    start, queue = log[:1], distinct(log[1:])
    once = Server(start)
    refused = once.take_in(queue)
    queue = [tap for tap in queue if tap.device_event_id not in refused]  # a device does not queue what it refuses
    pieces = Server(start)
    assert pieces.take_in(queue[:known]) == {}
    answered = 0
    for number, is_answer_heard in sends:
        assert pieces.take_in(queue[answered : answered + number]) == {}
        answered += number if is_answer_heard else 0
    assert pieces.take_in(queue[answered:]) == {}
    assert pieces.take_in(queue) == {}
    assert pieces.state == once.state
    assert [event.device_event_id for event in pieces.log[1:]] == [tap.device_event_id for tap in queue]


@settings(max_examples=50, deadline=None)
@given(log=rounds.logs(20), other=st.lists(st.tuples(st.integers(0, 20), rounds.taps(["a", "b"])), max_size=8))
def test_a_late_queue_is_in_the_log_or_refused_with_a_reason(log, other):
    """While the device was away something else happened at the server: nothing of the queue is lost without a word."""
    queue = distinct(log[1:])
    server = Server(log[:1])
    refused: dict[str, str] = {}
    sent = 0
    for number, (upto, tap) in enumerate(sorted(other, key=lambda one: one[0])):
        refused |= server.take_in(queue[sent:upto])
        sent = max(sent, upto)
        server.take_in([Event(0, tap.kind, rounds.T0, "other", f"other-{number}", tap.person_id, tap.data)])
    refused |= server.take_in(queue[sent:])
    in_log = [event.device_event_id for event in server.log]
    assert len(set(in_log)) == len(in_log)
    for tap in queue:
        assert (tap.device_event_id in in_log) != (tap.device_event_id in refused)
    assert set(refused.values()) <= SENTENCES.keys()
    assert fold(server.log) == server.state
    order = [one for one in in_log if one in {tap.device_event_id for tap in queue}]
    assert order == [tap.device_event_id for tap in queue if tap.device_event_id in in_log]


def distinct(taps: list[Event]) -> list[Event]:
    return list({tap.device_event_id: tap for tap in reversed(taps) if tap.kind != "start"}.values())[::-1]


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.builds(Claim, had_s=st.floats(0, 900), weight=st.sampled_from([1.0, 1.25, 1.5, 2.0])), min_size=2, max_size=8
    ),
    st.floats(0, 3000),
    st.data(),
)
def test_no_other_division_makes_the_smallest_total_larger(claims, left_s, data):
    """The optimum by bisection, and any change by hand: what one gets more, another loses."""
    if left_s < MIN_SHARE_S * len(claims):
        assert water_fill(claims, left_s) == pytest.approx([left_s / len(claims)] * len(claims))
        return
    shares = water_fill(claims, left_s)
    smallest = min((claim.had_s + share) / claim.weight for claim, share in zip(claims, shares, strict=True))
    low, high = 0.0, 1e5
    for _ in range(80):
        level = (low + high) / 2
        needed_s = sum(max(MIN_SHARE_S, level * claim.weight - claim.had_s) for claim in claims)
        low, high = (level, high) if needed_s <= left_s else (low, level)
    reachable = max(low, min((claim.had_s + MIN_SHARE_S) / claim.weight for claim in claims))
    assert smallest == pytest.approx(reachable, rel=1e-6)
    giver, taker = data.draw(st.permutations(range(len(claims))))[:2]
    moved_s = data.draw(st.floats(0, max(0.0, shares[giver] - MIN_SHARE_S)))
    changed = [share + moved_s * ((index == taker) - (index == giver)) for index, share in enumerate(shares)]
    other = min((claim.had_s + share) / claim.weight for claim, share in zip(claims, changed, strict=True))
    assert other <= smallest + NEAR


def rounds_of(count: int, meeting_no: int = 0, **changes: Any) -> RoundState:
    phases = tuple(PlannedPhase("r", "R", 600, 300, {"sv": "R"}, "opening") for _ in range(count))
    table = tuple(replace(Participant(one, one, number), **changes.get(one, {})) for number, one in enumerate("abcde"))
    data = Start("made_up", phases, 600 * count, table, (), meeting_no).to_data()
    return fold([Event(1, "start", rounds.T0, "t", "0", None, data)])


@given(st.integers(0, 40))
def test_each_meeting_and_each_round_begins_one_place_further(meeting_no):
    state = rounds_of(2, meeting_no)
    first = state.order()[0]
    assert rounds_of(2, meeting_no + 1).order()[0] == "abcde"[("abcde".index(first) + 1) % 5]
    later = fold([Event(2, "next_phase", rounds.T0, "t", "1")], state)
    assert later.order()[0] == "abcde"[("abcde".index(first) + 1) % 5]


@given(rounds.tables(), st.integers(0, 20), st.data())
def test_those_at_a_distance_are_first_and_the_presenter_is_last(table, turn, data):
    presenter = data.draw(st.sampled_from([None, *(person.id for person in table)]))
    order = round_order(table, presenter, turn)
    is_remote = {person.id: person.is_remote for person in table}
    others = [is_remote[one] for one in order if one != presenter]
    assert others == sorted(others, reverse=True)
    assert presenter is None or order[-1] == presenter


def test_more_time_gives_a_share_that_much_larger():
    view = view_at(rounds_of(1, b={"weight": 1.5}), rounds.T0)
    assert view is not None
    shares = {place.person_id: place.share_s for place in view.places}
    assert shares["b"] == pytest.approx(1.5 * shares["a"])
    assert sum(shares.values()) == pytest.approx(600)


def test_away_and_back_keeps_the_place_in_the_line():
    state = rounds_of(1)
    away = fold([Event(2, "away", rounds.T0, "t", "1", "a")], state)
    assert away.waiting() == ("b", "c", "d", "e")
    assert fold([Event(3, "back", rounds.T0, "t", "2", "a")], away).waiting() == state.waiting()
