import json
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supervision.evaluations import questionnaire, rules
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import to_wall

COUNTS = st.dictionaries(st.text("abcdefgh", min_size=1, max_size=2), st.integers(0, 12), max_size=8)
FLOORS = st.integers(0, 9)
ANSWERS = st.one_of(st.none(), st.integers(1, 5))
KEYS = ("safe", "space")
BALLOTS = st.dictionaries(
    st.sampled_from("abcdefg"), st.lists(st.fixed_dictionaries(dict.fromkeys(KEYS, ANSWERS)), max_size=9), max_size=6
)


def sizes(found, counts):
    return sorted(sum(counts[group] for group in cell) for cell in found)


@given(COUNTS, FLOORS)
def test_cells_are_disjoint_large_enough_and_cover_or_destroy(counts, floor):
    found = rules.cells(counts, floor)
    shown = [group for cell in found for group in cell]
    assert len(shown) == len(set(shown))
    assert set(shown) in (set(counts), set())
    assert all(size >= max(5, floor) for size in sizes(found, counts))
    assert bool(found) == (sum(counts.values()) >= max(5, floor))


@given(COUNTS, FLOORS, st.randoms(use_true_random=False))
def test_cells_depend_on_counts_only(counts, floor, rng):
    names = list(counts)
    rng.shuffle(names)
    assert rules.cells({name: counts[name] for name in names}, floor) == rules.cells(counts, floor)
    renamed = dict(zip(names, (counts[name] for name in counts), strict=True))
    assert sizes(rules.cells(renamed, floor), renamed) == sizes(rules.cells(counts, floor), counts)


@given(COUNTS)
def test_a_group_stands_alone_unless_the_pool_needs_it(counts):
    found = rules.cells(counts)
    merged = [cell for cell in found if len(cell) > 1]
    assert len(merged) <= 1
    for cell in merged:
        large = [group for group in cell if counts[group] >= 5]
        small = sum(counts[group] for group in cell if counts[group] < 5)
        assert len(large) == (small < 5)
        assert all(counts[group] == min(n for n in counts.values() if n >= 5) for group in large)


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 5, "b": 7}, ["a", "b"]),
        ({"a": 6, "b": 5, "c": 2}, ["a", "bc"]),
        ({"a": 5, "b": 5, "c": 1}, ["ac", "b"]),
        ({"a": 9, "b": 3, "c": 4}, ["a", "bc"]),
        ({"a": 4, "b": 0}, []),
        ({"a": 3, "b": 2}, ["ab"]),
        ({"a": 6, "b": 0}, ["ab"]),
        ({}, []),
    ],
)
def test_cells_by_example(counts, expected):
    assert ["".join(sorted(cell)) for cell in rules.cells(counts)] == expected


def test_the_floor_can_only_be_raised():
    assert [rules.effective_floor(n) for n in (None, 0, 1, 4, 5, 6)] == [5, 5, 5, 5, 5, 6]
    assert rules.cells({"a": 4}, 1) == ()
    assert rules.cells({"a": 6}, 7) == ()
    assert rules.band([5, 5, 5, 5], 1) == "too_few"
    rules.check_floor(5)
    with pytest.raises(RuleBroken, match="floor_too_low"):
        rules.check_floor(4)


@given(st.lists(ANSWERS, max_size=12))
def test_band_is_exact(values):
    answers = [value for value in values if value]
    found = rules.band(values)
    assert (found == "too_few") == (len(answers) < 5)
    if found != "too_few":
        mean = Fraction(sum(answers), len(answers))
        assert (found == "low") == (mean < Fraction("2.5"))
        assert (found == "high") == (mean > Fraction("3.5"))


def test_band_edges():
    assert rules.band([2, 3, 2, 3, 2, 3]) == "mixed"
    assert rules.band([3, 4, 3, 4, 3, 4]) == "mixed"
    assert rules.band([2, 2, 2, 3, 3]) == "low"
    assert rules.band([4, 4, 4, 3, 3]) == "high"


@given(BALLOTS, st.randoms(use_true_random=False))
def test_who_cast_which_ballot_and_when_changes_nothing(ballots, rng):
    released = rules.release(ballots, KEYS)
    shuffled = {group: rng.sample(cast, len(cast)) for group, cast in reversed(ballots.items())}
    assert json.dumps(rules.release(shuffled, KEYS).as_data()) == json.dumps(released.as_data())


@given(BALLOTS, BALLOTS)
def test_equal_counts_give_equal_shape(ballots, others):
    swapped = {
        group: [(others.get(group, []) + [{}] * 9)[place] for place in range(len(cast))]
        for group, cast in ballots.items()
    }
    one, two = rules.release(ballots, KEYS), rules.release(swapped, KEYS)
    assert [cell.group_ids for cell in one.cells] == [cell.group_ids for cell in two.cells]


@given(BALLOTS)
def test_release_is_stored_and_read_back(ballots):
    released = rules.release(ballots, KEYS)
    stored = json.loads(json.dumps(released.as_data(), sort_keys=True))
    assert rules.release_from_data(stored, KEYS) == released
    assert released.is_destroyed == (sum(map(len, ballots.values())) < 5)
    for group in ballots:
        assert (released.cell_of(group) is None) == released.is_destroyed
    for counts in rules.summary(released).values():
        assert sum(counts.values()) == len(released.cells)


def test_a_broken_ballot_counts_as_dont_know():
    good = [{"safe": 5}] * 5
    broken = [{"safe": value} for value in (0, 6, "5", True, None, 2.5)] + [{}]
    assert rules.release({"a": good + broken}, ["safe"]).cells[0].bands == (("safe", "high"),)


def possible(total_low, total_high, people):
    """Return the answers one of `people` may have given when all their answers sum to between the totals."""
    rest = people - 1
    return [v for v in range(1, 6) if total_low - v <= 5 * rest and total_high - v >= rest]


def survives(answers, talking):
    """Whether, with a band and some colleagues' answers known, three of five answers stay open for each other."""
    edges = {}
    for total in range(answers, 5 * answers + 1):
        spread = [total // answers + (place < total % answers) for place in range(answers)]
        edges.setdefault(rules.band(spread), []).append(total)
    others = answers - talking
    for totals in edges.values():
        for told in range(talking, 5 * talking + 1):
            low, high = max(totals[0] - told, others), min(totals[-1] - told, 5 * others)
            if low <= high and len(possible(low, high, others)) < 3:
                return False
    return True


@pytest.mark.parametrize(("talking", "least"), [(1, 5), (2, 7), (4, 13)])
def test_bands_survive_colleagues_who_talk(talking, least):
    assert all(survives(answers, talking) for answers in range(least, 41))
    if least > rules.FLOOR:
        assert not survives(least - 1, talking)


def test_participation_band():
    assert [rules.participation_band(n, 100) for n in (0, 49, 50, 75, 76, 100)] == [
        "low",
        "low",
        "mixed",
        "mixed",
        "high",
        "high",
    ]
    assert rules.participation_band(0, 0) == "too_few"


@given(st.dates(date(2026, 1, 1), date(2040, 1, 1)), st.sampled_from(["Europe/Stockholm", "Europe/Copenhagen"]))
def test_campaign_window(anniversary_on, zone):
    window = rules.campaign_window(anniversary_on, zone)
    opens, closes = to_wall(window.opens_at, zone), to_wall(window.closes_at, zone)
    assert anniversary_on - opens.date() == timedelta(days=42)
    assert closes.date() - opens.date() == timedelta(days=21)
    assert (opens.time(), closes.time()) == (time(8), time(20))


def test_anniversary_of_a_leap_day():
    assert rules.anniversary(date(2028, 2, 29), 1) == date(2029, 2, 28)
    assert rules.anniversary(date(2028, 2, 29), 4) == date(2032, 2, 29)


def test_two_evaluations_are_180_days_apart():
    rules.check_apart(date(2026, 7, 1), [date(2026, 7, 1) - timedelta(days=180)])
    for days in (179, -179):
        with pytest.raises(RuleBroken, match="evaluations_too_close"):
            rules.check_apart(date(2026, 7, 1), [date(2026, 7, 1) - timedelta(days=days)])


def test_extension_only_before_closing():
    closes_at = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)
    later, before = closes_at + timedelta(days=1), closes_at - timedelta(minutes=1)
    rules.check_extension(closes_at, later, before)
    with pytest.raises(RuleBroken, match="evaluation_closed"):
        rules.check_extension(closes_at, later, closes_at)
    with pytest.raises(RuleBroken, match="extension_not_later"):
        rules.check_extension(closes_at, closes_at, before)


def test_questionnaire_has_twelve_statements_in_three_languages():
    ours = questionnaire.standard()
    assert len(ours.statements) == 12
    assert ours.keys[0] == "safe"
    assert all(set(statement.text) == {"sv", "da", "en"} for statement in ours.statements)
    assert questionnaire.from_data(json.loads(json.dumps(ours.as_data()))) == ours
    assert questionnaire.standard() is ours


def test_questionnaire_refuses_what_is_incomplete():
    ours = questionnaire.standard().as_data()
    twice = ours | {"statements": ours["statements"] + ours["statements"][:1]}
    wordless = ours | {"statements": [ours["statements"][0] | {"da": " "}]}
    wide = ours | {"scale": ours["scale"] | {"max": 7}}
    for broken, words in ((twice, "key"), (wordless, "da"), (wide, "scale"), (ours | {"statements": []}, "key")):
        with pytest.raises(ValueError, match=words):
            questionnaire.from_data(broken)
