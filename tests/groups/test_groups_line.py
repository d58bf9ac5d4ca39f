"""Seats as a pure state: a walk of many steps, and the answers one by one."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from supervision.groups import rules
from supervision.groups.rules import line as lines
from supervision.groups.rules.line import Line
from supervision.kernel.errors import RuleBroken

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
WALKS, STEPS = 72, 600  # 43,200 steps in all, about half of them refused
PEOPLE = [f"p{n}" for n in range(16)]


def hours(count):
    return timedelta(hours=count)


class Walk:
    """Two groups of one assignment; each step is one that a person, the supervisor or the clock can take."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now, self.meeting_at = NOW, None
        self.groups = [Line(seats=self.random.randint(4, 8)) for _ in range(2)]
        self.since = [{}, {}]
        self.merging, self.taken_steps = False, 0
        self.done = dict.fromkeys(("sign_up", "accept", "out", "wait", "resize", "merge", "settle", "refused"), 0)

    def step(self):
        ebb = self.taken_steps // 40 % 2  # times in which many come, and times in which many go
        self.taken_steps += 1
        weights = (4, 6, 6, 2, 2, 4) if ebb else (10, 6, 2, 2, 2, 1)
        action = self.random.choices(("sign_up", "accept", "out", "wait", "resize", "merge"), weights)[0]
        at = self.random.randrange(2)
        known = self.groups[at].people if action == "out" and self.random.random() < 0.9 else ()
        try:
            getattr(self, action)(at, self.random.choice(known or PEOPLE))
            self.done[action] += 1
        except RuleBroken:
            self.done["refused"] += 1
        self.groups = [lines.expire(one, self.now) for one in self.groups]
        self.settle()
        for n, one in enumerate(self.groups):
            if not (self.merging and n == 0):
                self.groups[n] = lines.promote(one, self.now, self.meeting_at)
        self.check()

    def sign_up(self, at, person):
        if any(person in one.members for one in self.groups) or (self.merging and at == 0):
            raise RuleBroken("seat_already")
        self.groups[at] = lines.sign_up(self.groups[at], person)
        self.since[at][person] = self.now
        self.now += timedelta(seconds=1)

    def accept(self, at, person):
        offered = [one for one, _ in self.groups[at].offers]
        person = self.random.choice(offered) if offered else person
        if person in self.groups[1 - at].members and not (self.merging and at == 1):
            raise RuleBroken("seat_already")
        self.groups[at] = lines.accept(self.groups[at], person, self.now)
        if person in self.groups[1 - at].members:
            self.groups[1 - at] = lines.step_out(self.groups[1 - at], person)

    def out(self, at, person):
        self.groups[at] = lines.step_out(self.groups[at], person)
        if self.merging and at == 0 and person in dict(self.groups[1].offers):
            self.groups[1] = lines.step_out(self.groups[1], person)

    def wait(self, _at, _person):
        self.now += hours(self.random.choice((1, 20, 73)))
        if self.meeting_at is None or self.meeting_at <= self.now:
            self.meeting_at = self.random.choice((None, self.now + hours(200), self.now + hours(30)))

    def resize(self, at, _person):
        self.groups[at] = lines.resize(self.groups[at], self.random.randint(3, 9))

    def merge(self, _at, _person):
        if self.merging:
            raise RuleBroken("group_merging")
        asked = self.groups[0].members
        self.groups = [*lines.ask_to_move(*self.groups, self.now, self.meeting_at)]
        assert set(asked) <= set(dict(self.groups[1].offers))
        self.merging = True

    def settle(self):
        source, target = self.groups
        if not self.merging or set(source.members) & set(dict(target.offers)):
            return
        there = [*target.members, *dict(target.offers)]
        waits = [[(p, self.since[n].get(p, NOW)) for p in self.groups[n].waiting] for n in (1, 0)]
        joined = lines.join_lines(*waits, there)
        assert set(joined) == (set(source.waiting) | set(target.waiting)) - set(there)
        self.since[1] |= {
            p: min(self.since[n].get(p, NOW) for n in (0, 1) if p in self.groups[n].waiting) for p in joined
        }
        self.groups = [Line(self.random.randint(4, 8)), replace(target, waiting=joined)]
        self.merging = False
        self.done["settle"] += 1

    def check(self):
        time_left = rules.offer_deadline(self.now, self.meeting_at) is not None
        for n, one in enumerate(self.groups):
            assert one.taken <= one.seats <= 8
            assert len(set(one.people)) == len(one.people), "nobody stands in two places"
            assert all(at > self.now for _, at in one.offers)
            since = [self.since[n].get(person, NOW) for person in one.waiting]
            assert since == sorted(since), "the order of arrival is kept"
            if time_left and not (self.merging and n == 0):
                assert not one.waiting or one.taken == one.seats, "no seat is idle while someone waits"
        assert not set(self.groups[0].members) & set(self.groups[1].members), "one seat in an assignment"


@pytest.mark.parametrize("part", range(4))
def test_many_steps_keep_the_promises_of_the_line(part):
    done = dict.fromkeys(Walk(0).done, 0)
    for seed in range(part * WALKS // 4, (part + 1) * WALKS // 4):
        walk = Walk(seed)
        for _ in range(STEPS):
            walk.step()
        done = {name: count + walk.done[name] for name, count in done.items()}
    assert all(count > 20 for count in done.values()), done  # every kind of step was really taken


def test_an_expired_offer_goes_to_the_next():
    line = lines.promote(lines.step_out(Line(seats=1, members=("a",), waiting=("b", "c")), "a"), NOW, None)
    assert [person for person, _ in line.offers] == ["b"]
    later = NOW + hours(72)
    with pytest.raises(RuleBroken, match="offer_expired"):
        lines.accept(line, "b", later)
    with pytest.raises(RuleBroken, match="no_offer"):
        lines.accept(line, "c", NOW)
    line = lines.promote(lines.expire(line, later), later, None)
    assert [person for person, _ in line.offers] == ["c"]
    assert lines.accept(line, "c", later).members == ("c",)
    with pytest.raises(RuleBroken, match="already_in_line"):
        lines.sign_up(line, "c")
    with pytest.raises(RuleBroken, match="no_seat"):
        lines.step_out(line, "b")


def test_no_offer_when_the_meeting_is_too_near():
    line = Line(seats=1, waiting=("b",))
    assert lines.promote(line, NOW, NOW + hours(24)) == line


def test_a_merge_needs_seats_and_time():
    source, target = Line(5, members=("a", "b", "c")), Line(7, members=("d", "e", "f", "g", "h"), waiting=("a",))
    with pytest.raises(RuleBroken) as broken:
        lines.ask_to_move(source, target, NOW, None)
    assert (broken.value.code, broken.value.refusal.params) == ("merge_seats", {"needed": 3, "free": 2})
    target = lines.resize(target, 8)
    with pytest.raises(RuleBroken, match="merge_too_near"):
        lines.ask_to_move(source, target, NOW, NOW + hours(20))
    _, asked = lines.ask_to_move(source, target, NOW, NOW + hours(60))
    assert asked.offers == tuple((person, NOW + hours(36)) for person in "abc")
    assert asked.waiting == ()


def test_two_lines_become_one_in_the_order_people_began_to_wait():
    first = [("a", NOW), ("b", NOW + hours(5))]
    second = [("c", NOW + hours(1)), ("b", NOW + hours(2)), ("d", NOW + hours(9)), ("e", NOW)]
    assert lines.join_lines(first, second, but=("e",)) == ("a", "c", "b", "d")
