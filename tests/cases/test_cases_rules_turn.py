import random
from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supervision.cases.rules.turn import Candidate, HeldMeeting, balances, line_up, next_presenter
from supervision.kernel.errors import RuleBroken

START = date(2026, 1, 13)


def run(size, slots, meetings, seed, promise):
    """Play meetings with everyone present and willing; return the balances after each."""
    since, held, seen, promised = dict.fromkeys(range(size), START), [], [], None
    for number in range(meetings):
        balance_of = balances(held)
        line = [Candidate(person, since[person]) for person in range(size)]
        turns = line_up(line, balance_of, slots, seed=seed + number, promised_id=promised)
        on = START + timedelta(days=14 * (number + 1))
        for turn in turns:
            since[turn.person_id] = on
        held.append(HeldMeeting(frozenset(range(size)), tuple(turn.person_id for turn in turns), slots))
        seen.append(balances(held))
        if promise:
            line = [Candidate(person, since[person]) for person in range(size)]
            promised = next_presenter(line, seen[-1], seed=seed).person_id
    return seen


@pytest.mark.parametrize("size", range(2, 13))
@pytest.mark.parametrize("promise", [False, True])
def test_nobodys_balance_leaves_one(size, promise):
    for slots in (1, 2, 3):
        for after in run(size, slots, 2 * size + 3, seed=size, promise=promise):
            assert all(-1 < balance < 1 for balance in after.values())
            assert sum(after.values()) == 0


@settings(max_examples=40, deadline=None)
@given(
    size=st.integers(2, 12),
    slots=st.lists(st.integers(1, 4), min_size=1, max_size=26),
    seed=st.integers(0, 2**32),
)
def test_guarantee_with_slots_that_vary(size, slots, seed):
    held = []
    for number, count in enumerate(slots):
        line = [Candidate(person, START) for person in range(size)]
        turns = line_up(line, balances(held), count, seed=seed + number)
        held.append(HeldMeeting(frozenset(range(size)), tuple(turn.person_id for turn in turns), count))
        assert all(-1 < balance < 1 for balance in balances(held).values())


def corner(size):
    """The furthest a fair group comes apart: (n-1)/n, (n-3)/n … -(n-1)/n."""
    return [Fraction(size - 1 - 2 * place, size) for place in range(size)]


def is_fair(balance_of):
    """Whether the largest j balances together are at most j(n-j)/n, for every j; so each is inside (-1, 1)."""
    size, upper = len(balance_of), sorted(balance_of.values(), reverse=True)
    return sum(upper) == 0 and all(sum(upper[:j]) <= Fraction(j * (size - j), size) for j in range(1, size))


@st.composite
def fair_groups(draw):
    """Draw any fair state: a mean of corners in any order. Every fair state is such a mean."""
    size = draw(st.integers(2, 12))
    weights = draw(st.lists(st.integers(1, 5), min_size=1, max_size=4))
    orders = [draw(st.permutations(corner(size))) for _ in weights]
    mean = [
        sum(weight * order[person] for weight, order in zip(weights, orders, strict=True)) / sum(weights)
        for person in range(size)
    ]
    return dict(enumerate(mean))


@settings(max_examples=300, deadline=None)
@given(balance_of=fair_groups(), slots=st.integers(1, 5), seed=st.integers(0, 2**32), has_promise=st.booleans())
def test_a_fair_group_stays_fair_however_many_meetings_follow(balance_of, slots, seed, has_promise):
    """The step of an induction: new groups are fair, and a meeting keeps a group fair. So meetings have no limit."""
    assert is_fair(dict.fromkeys(balance_of, Fraction(0)))
    assert is_fair(balance_of)
    line = [Candidate(person, START) for person in balance_of]
    told = next_presenter(line, balance_of, seed=seed + 1).person_id if has_promise else None
    turns = line_up(line, balance_of, slots, seed=seed, promised_id=told)
    presenters = [turn.person_id for turn in turns]
    after = {
        person: balance + Fraction(len(presenters), len(balance_of)) - presenters.count(person)
        for person, balance in balance_of.items()
    }
    assert is_fair(after)
    assert all(-1 < balance < 1 for balance in after.values())


@pytest.mark.parametrize("size", range(2, 13))
def test_ten_years_of_meetings_stay_inside(size):
    draw = random.Random(size)
    balance_of = dict.fromkeys(range(size), Fraction(0))
    for number in range(260):
        line = [Candidate(person, START) for person in range(size)]
        presenters = [turn.person_id for turn in line_up(line, balance_of, draw.randint(0, 4), seed=number)]
        for person in balance_of:
            balance_of[person] += Fraction(len(presenters), size) - presenters.count(person)
        assert is_fair(balance_of)


HISTORY = st.lists(
    st.tuples(st.sets(st.integers(0, 6), min_size=1), st.integers(0, 3), st.randoms(use_true_random=False)),
    max_size=26,
)


@given(HISTORY)
def test_balances_are_clamped_and_absence_is_free(history):
    held = []
    for attendees, slots, rng in history:
        presenters = tuple(rng.choices(sorted(attendees), k=min(slots, len(attendees))))
        before = balances(held)
        held.append(HeldMeeting(frozenset(attendees), presenters, slots))
        after = balances(held)
        assert all(abs(balance) <= 2 for balance in after.values())
        for person in set(before) - attendees:
            assert after[person] == before[person]
        if all(abs(balance) < 2 for balance in after.values()) and sum(before.values()) == 0:
            assert sum(after.values()) == 0


CANDIDATES = st.lists(
    st.builds(Candidate, st.integers(0, 9), st.dates(START, START + timedelta(days=40)), st.booleans()),
    min_size=1,
    max_size=8,
    unique_by=lambda candidate: candidate.person_id,
)
BALANCES = st.dictionaries(st.integers(0, 9), st.fractions(-2, 2, max_denominator=6))


@given(CANDIDATES, BALANCES, st.integers(0, 99), st.integers(0, 9), st.booleans())
def test_the_next_one_follows_the_rule(candidates, balance_of, seed, promised_id, has_urgent):
    turn = next_presenter(candidates, balance_of, seed=seed, promised_id=promised_id, has_urgent=has_urgent)
    by_id = {candidate.person_id: candidate for candidate in candidates}
    shuffled = random.Random(seed).sample(candidates, len(candidates))
    assert turn == next_presenter(shuffled, balance_of, seed=seed, promised_id=promised_id, has_urgent=has_urgent)
    if promised_id in by_id:
        assert (turn.person_id, turn.reason_code) == (promised_id, "promised")
        return
    urgent = [candidate for candidate in candidates if candidate.is_urgent and not has_urgent]
    assert (turn.reason_code == "urgent") == bool(urgent)
    rivals = urgent or candidates
    assert by_id[turn.person_id] in rivals
    assert turn.balance == balance_of.get(turn.person_id, 0)
    for rival in rivals:
        key = (balance_of.get(rival.person_id, 0), -rival.waiting_since_on.toordinal())
        assert key <= (turn.balance, -by_id[turn.person_id].waiting_since_on.toordinal())
    assert turn.seed == seed


def test_reasons():
    early, late = START, START + timedelta(days=14)
    one, two, three = Candidate(1, early), Candidate(2, late), Candidate(3, late)

    def reason(*candidates, **more):
        return next_presenter(candidates, {1: Fraction(0), 3: Fraction(1, 2)}, seed=1, **more).reason_code

    assert reason(one) == "only_one"
    assert reason(one, three) == "balance"
    assert reason(one, two) == "waited_longest"
    assert reason(two, Candidate(4, late)) == "draw"
    assert reason(one, Candidate(2, late, is_urgent=True), three) == "urgent"
    assert reason(one, Candidate(2, late, is_urgent=True), promised_id=1) == "promised"
    assert reason(one, two, promised_id=3) == "waited_longest"
    assert next_presenter([], {}, seed=1) is None


def test_one_urgent_case_a_meeting_and_the_promise_first():
    line = [Candidate(1, START), Candidate(2, START, is_urgent=True), Candidate(3, START, is_urgent=True)]
    turns = line_up(line, {1: Fraction(1)}, 3, seed=5, promised_id=1)
    assert [turn.reason_code for turn in turns][:2] == ["promised", "urgent"]
    assert turns[2].reason_code == "only_one"
    assert {turn.person_id for turn in turns} == {1, 2, 3}


def test_a_draw_is_fair_over_seeds():
    line = [Candidate(person, START) for person in range(5)]
    drawn = [next_presenter(line, {}, seed=seed).person_id for seed in range(1000)]
    assert all(150 < drawn.count(person) < 250 for person in range(5))


def test_a_meeting_that_cannot_have_been():
    with pytest.raises(RuleBroken, match="presenter_not_present"):
        HeldMeeting(frozenset({1}), (2,), 1)
    with pytest.raises(RuleBroken, match="more_presenters_than_slots"):
        HeldMeeting(frozenset({1, 2}), (1, 2), 1)
