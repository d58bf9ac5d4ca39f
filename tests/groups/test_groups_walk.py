"""A walk through the real services, on both databases: what holds for the pure line holds for the tables."""

import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision.groups import life, line_queries, queries, rules, seats
from supervision.groups.models import Group, Membership, QueuePlace
from supervision.kernel.errors import RuleBroken
from tests import factories
from tests.factories import NOW, actor_of

STEPS, PEOPLE = 140, 18
ACTIONS = ("sign_up", "accept", "decline", "leave", "remove", "wait", "resize", "refill", "merge", "life")
WEIGHTS = (18, 10, 2, 8, 2, 2, 1, 2, 2, 0.5)


class Walk:
    def __init__(self, session, seed):
        self.session, self.random, self.now = session, random.Random(seed), NOW
        self.assignment = factories.make_assignment(session)
        self.boss = actor_of(self.assignment.supervisor)
        self.groups = [self.fresh(), self.fresh()]
        self.people = [factories.make_person(session) for _ in range(PEOPLE)]
        self.done = dict.fromkeys((*ACTIONS, "refused", "moved", "freed"), 0)
        self.idle_allowed = set()

    def step(self):
        action = self.random.choices(ACTIONS, WEIGHTS)[0]
        group, person = self.random.choice(self.groups), self.random.choice(self.people)
        with self.session.begin_nested() as attempt:
            try:
                getattr(self, action)(group, actor_of(person))
                self.done[action] += 1
            except RuleBroken:
                attempt.rollback()
                self.done["refused"] += 1
        self.session.expire_all()
        for one in self.groups if action == "wait" else ():
            seats.let_offers_expire(self.session, one, self.now)
        self.check()

    def sign_up(self, group, actor):
        got = seats.take_or_queue(self.session, actor, group, self.now)
        if isinstance(got, QueuePlace) and group.status == "running":
            self.idle_allowed.add(group.id)  # a newcomer to a running group waits for its supervisor
        self.now += timedelta(seconds=1)

    def offered(self, group):
        return [one for one in line_queries.waiting_line(self.session, group.id) if one.status == "offered"]

    def accept(self, group, actor):
        for place in self.offered(group)[-1:]:
            actor = actor_of(place.person)
            self.done["moved"] += place.from_group_id is not None
        seats.accept_offer(self.session, actor, group, self.now)

    def decline(self, group, actor):
        for place in self.offered(group)[:1]:
            actor = actor_of(place.person)
        seats.decline_offer(self.session, actor, group, self.now)

    def leave(self, group, actor):
        for member in queries.members_of(self.session, group.id)[:1] if group.taken > 3 else ():
            actor = actor_of(member.person)
        has_seat = queries.find_member(self.session, group.id, actor.id) is not None
        waits = group.status == "forming" and line_queries.waits_of(self.session, group)
        seats.leave(self.session, actor, group, self.now)
        self.done["freed"] += bool(has_seat and waits)

    def remove(self, group, _actor):
        member = self.session.scalar(
            select(Membership).where(Membership.group_id == group.id, Membership.left_at.is_(None)).limit(1)
        )
        if member is None:
            raise RuleBroken("no_seat")
        seats.remove_member(self.session, self.boss, member, group, self.now)

    def wait(self, _group, _actor):
        self.now += timedelta(hours=self.random.choice((1, 30, 73)))

    def resize(self, group, _actor):
        seats.change_seats(self.session, self.boss, group, self.random.choice((3, 4, 5, 6, 9)), self.now)

    def refill(self, group, _actor):
        seats.refill(self.session, self.boss, group, self.now)
        self.idle_allowed.discard(group.id)

    def merge(self, group, _actor):
        into = self.random.choice([one for one in self.groups if one is not group])
        seats.change_seats(self.session, self.boss, into, 8, self.now)
        life.merge_group(self.session, self.boss, group, into, self.now)

    def life(self, group, _actor):
        action = self.random.choice(rules.actions_of(rules.GroupStatus(group.status)) or ("run",))
        do = {"run": life.start_group, "close": life.close_group, "resume": life.resume_group, "end": life.end_group}
        do[action](self.session, self.boss, group, self.now)
        if action == "resume":
            self.idle_allowed.add(group.id)

    def check(self):
        self.session.flush()
        sits = []
        for group in self.groups:
            line = line_queries.read_line(self.session, group)
            taken = self.session.scalar(select(Group.taken).where(Group.id == group.id))
            assert taken == line.taken <= line.seats <= 8
            assert len(set(line.people)) == len(line.people)
            places = [m.place_no for m in queries.members_of(self.session, group.id)]
            assert len(set(places)) == len(places)
            sits += line.members
            waits = line_queries.waits_of(self.session, group)
            assert [one.queued_at for one in waits] == sorted(one.queued_at for one in waits)
            if group.status in ("closing", "ended"):
                assert not line.offers
                assert not line.waiting
            if group.status == "ended":
                assert not line.members
            if group.status == "forming" and group.merging_into_id is None:
                assert not line.waiting or line.taken == line.seats
            if group.status == "running" and group.merging_into_id is None and group.id not in self.idle_allowed:
                assert not line.waiting or line.taken == line.seats
        assert len(set(sits)) == len(sits), "one seat in an assignment"
        self.groups = [one if one.status != "ended" else self.fresh() for one in self.groups]

    def fresh(self):
        return factories.make_group(self.session, self.assignment, status="forming", seats=4)


@pytest.mark.parametrize("seed", [5, 7])
def test_a_walk_through_the_services_keeps_the_promises(session, seed):
    walk = Walk(session, seed)
    for _ in range(STEPS):
        walk.step()
    assert min(walk.done[name] for name in ("sign_up", "accept", "leave", "merge", "moved", "freed")) > 1, walk.done


@pytest.fixture
def two(session):
    """A small forming group with three people, and one of four with seats for eight."""
    small = factories.make_group(session, status="forming", seats=4)
    large = factories.make_group(session, small.assignment, status="forming", seats=8)
    few = [factories.make_person(session) for _ in range(3)]
    for group, people in ((small, few), (large, [factories.make_person(session) for _ in range(4)])):
        for person in people:
            seats.take_or_queue(session, actor_of(person), group, NOW)
    return small, large, few


def test_who_moves_sits_in_the_other_group_and_the_old_one_ends_when_all_have_answered(session, two):
    small, large, few = two
    boss = actor_of(small.assignment.supervisor)
    asked = life.merge_group(session, boss, small, large, NOW)
    assert [one.person_id for one in asked] == [one.id for one in few]
    assert (small.taken, large.taken) == (3, 7)
    with pytest.raises(RuleBroken, match="group_closed"):
        seats.take_or_queue(session, actor_of(factories.make_person(session)), small, NOW)
    with pytest.raises(RuleBroken, match="group_merging"):
        life.end_group(session, boss, small, NOW)
    seats.accept_offer(session, actor_of(few[0]), large, NOW)
    seats.decline_offer(session, actor_of(few[1]), large, NOW)
    assert small.status == "forming"  # one has not answered
    seats.let_offers_expire(session, large, NOW + timedelta(hours=72))
    session.expire_all()
    assert (small.status, small.taken, large.taken) == ("ended", 0, 5)
    assert queries.seat_in_assignment(session, few[0].id, small.assignment_id) == large.id
    assert queries.seat_in_assignment(session, few[1].id, small.assignment_id) is None
    assert {one.id for one in queries.last_members(session, small)} == {one.id for one in few[1:]}


def test_if_nobody_moves_the_group_goes_on_as_it_was(session, two):
    small, large, few = two
    life.merge_group(session, actor_of(small.assignment.supervisor), small, large, NOW)
    for person in few:
        seats.decline_offer(session, actor_of(person), large, NOW)
    assert (small.status, small.taken, small.merging_into_id, large.taken) == ("forming", 3, None, 4)
    assert line_queries.moves_of(session, small) == {"declined": 3}


def test_who_leaves_instead_of_answering_frees_the_seat_that_was_kept(session, two):
    small, large, few = two
    life.merge_group(session, actor_of(small.assignment.supervisor), small, large, NOW)
    for person in few:
        seats.leave(session, actor_of(person), small, NOW)
    assert (small.status, small.taken, large.taken) == ("ended", 0, 4)


def test_the_two_lines_are_joined_in_the_order_people_came(session, two):
    small, large, few = two
    boss = actor_of(small.assignment.supervisor)
    seats.change_seats(session, boss, large, 7, NOW)
    waiting = [factories.make_person(session) for _ in range(4)]
    for hour, person in enumerate(waiting):
        place = QueuePlace(
            group_id=(small, large)[hour % 2].id,
            person_id=person.id,
            number=hour + 1,
            queued_at=NOW + timedelta(hours=hour),
        )
        session.add(place)
    session.flush()
    life.merge_group(session, boss, small, large, NOW)
    for person in few:
        _seat, offers = seats.accept_offer(session, actor_of(person), large, NOW)
    assert offers == []
    assert [one.person_id for one in line_queries.waits_of(session, large)] == [one.id for one in waiting]
    assert line_queries.waits_of(session, small) == []


def test_a_merge_that_does_not_fit_is_refused(session, two):
    small, large, _few = two
    boss = actor_of(small.assignment.supervisor)
    seats.change_seats(session, boss, large, 6, NOW)
    with pytest.raises(RuleBroken) as broken:
        life.merge_group(session, boss, small, large, NOW)
    assert (broken.value.code, broken.value.refusal.params) == ("merge_seats", {"needed": 3, "free": 2})
    with pytest.raises(RuleBroken, match="merge_not_here"):
        life.merge_group(session, boss, small, factories.make_group(session), NOW)


def test_a_manager_cannot_sit_in_a_group_they_lead(session, two):
    small, _large, _few = two
    chef = factories.make_manager(session, small.assignment.organisation)
    with pytest.raises(RuleBroken, match="own_manager"):
        seats.take_or_queue(session, actor_of(chef), small, NOW)
