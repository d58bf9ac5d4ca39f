from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from supervision.groups import line_queries, queries, seats, services, tasks
from supervision.groups.models import Membership, QueuePlace
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from tests import factories
from tests.factories import NOW, actor_of


@pytest.fixture
def full(session):
    """A forming group with four seats, all taken, and three who wait."""
    group = factories.make_group(session, seats=4, status="forming")
    people = [factories.make_person(session) for _ in range(7)]
    for person in people:
        seats.take_or_queue(session, actor_of(person), group, NOW)
    session.flush()
    return group, people


def statuses(session, group):
    return [
        status
        for (status,) in session.execute(
            select(QueuePlace.status).where(QueuePlace.group_id == group.id).order_by(QueuePlace.number)
        )
    ]


def refused(code, do, *args):
    with pytest.raises(RuleBroken) as broken:
        do(*args)
    assert broken.value.code == code


def has_accepted(session, actor, group) -> bool:
    return actor.person_id in queries.acceptances(session, queries.newest_agreement(session, group.id))


def test_seats_first_then_the_line(session, full):
    group, people = full
    assert [one.person_id for one in queries.members_of(session, group.id)] == [one.id for one in people[:4]]
    assert [one.person_id for one in line_queries.waiting_line(session, group.id)] == [one.id for one in people[4:]]
    refused("already_in_line", seats.take_or_queue, session, actor_of(people[4]), group, NOW)
    refused("seat_already", seats.take_or_queue, session, actor_of(people[0]), group, NOW)


def test_leaving_offers_the_seat_to_the_first_and_her_place_is_taken_over(session, full):
    group, people = full
    offers = seats.leave(session, actor_of(people[1]), group, NOW)
    assert [one.person_id for one in offers] == [people[4].id]
    assert offers[0].offer_until_at == NOW + timedelta(hours=72)
    assert group.taken == 4
    seat, _offers = seats.accept_offer(session, actor_of(people[4]), group, NOW)
    assert seat.place_no == 1
    assert group.taken == 4


def test_declining_asks_the_next(session, full):
    group, people = full
    seats.leave(session, actor_of(people[0]), group, NOW)
    offers = seats.decline_offer(session, actor_of(people[4]), group, NOW)
    assert [one.person_id for one in offers] == [people[5].id]
    assert statuses(session, group) == ["declined", "offered", "waiting"]
    refused("no_offer", seats.accept_offer, session, actor_of(people[4]), group, NOW)


def test_an_offer_runs_out_24_hours_before_the_next_meeting(session, full):
    group, people = full
    meeting = factories.make_meeting(session, group, NOW + timedelta(hours=40))
    (offer,) = seats.leave(session, actor_of(people[0]), group, NOW)
    assert offer.offer_until_at == meeting.starts_at - timedelta(hours=24)
    refused("offer_expired", seats.accept_offer, session, actor_of(people[4]), group, offer.offer_until_at)


def test_too_near_a_meeting_nobody_is_asked_and_the_seat_stays_free(session, full):
    group, people = full
    factories.make_meeting(session, group, NOW + timedelta(hours=20))
    assert seats.leave(session, actor_of(people[0]), group, NOW) == []
    assert group.taken == 3


def test_more_seats_are_offered_and_fewer_than_taken_refused(session, full):
    group, _people = full
    supervisor = actor_of(group.assignment.supervisor)
    assert len(seats.change_seats(session, supervisor, group, 6, NOW)) == 2
    assert group.taken == 6
    refused("seats_taken", seats.change_seats, session, supervisor, group, 5, NOW)
    refused("seats_out_of_range", seats.change_seats, session, supervisor, group, 9, NOW)


def test_a_running_group_is_refilled_by_its_supervisor_only(session):
    group = factories.make_group(session, status="running")
    person = factories.make_person(session)
    assert isinstance(seats.take_or_queue(session, actor_of(person), group, NOW), QueuePlace)
    supervisor = actor_of(group.assignment.supervisor)
    assert [one.person_id for one in seats.refill(session, supervisor, group, NOW)] == [person.id]


def test_one_seat_in_an_assignment_ends_the_waiting_elsewhere(session, full):
    group, people = full
    other = factories.make_group(session, group.assignment, status="forming")
    assert isinstance(seats.take_or_queue(session, actor_of(people[4]), other, NOW), Membership)
    session.expire_all()
    assert statuses(session, group) == ["withdrawn", "waiting", "waiting"]


def test_an_expired_offer_passes_on_once(app, session, full):
    group, people = full
    seats.leave(session, actor_of(people[0]), group, NOW)
    session.commit()
    from supervision.jobs import transaction

    later = NOW + timedelta(hours=73)
    with app.app_context():
        assert tasks.expire_offers(transaction, later) == 1
        assert tasks.expire_offers(transaction, later) == 0
    session.expire_all()
    assert statuses(session, group) == ["expired", "offered", "waiting"]
    assert group.taken == 4
    mail = session.scalars(select(Mail).where(Mail.kind == "offer")).one()
    assert mail.to_email == people[5].email
    assert f"/groups/{group.id}/offer" in mail.text


def test_standing_tells_the_offer_and_how_many_stand_before(session, full):
    group, people = full
    (standing,) = line_queries.standing_of(session, actor_of(people[5]))
    assert (standing.ahead, standing.is_offer) == (1, False)
    seats.leave(session, actor_of(people[0]), group, NOW)
    (standing,) = line_queries.standing_of(session, actor_of(people[4]))
    assert standing.is_offer
    assert standing.group.assignment.organisation.name


def test_a_changed_agreement_asks_everyone_again(session):
    group = factories.make_group(session)
    member = actor_of(factories.make_member(session, group))
    supervisor = actor_of(group.assignment.supervisor)
    first = services.ensure_agreement(session, group, NOW)
    assert first.version == 1
    assert "lex Sarah" in first.text
    assert not has_accepted(session, member, group)
    services.accept_agreement(session, member, group, 1, NOW)
    assert has_accepted(session, member, group)
    second = services.change_agreement(session, supervisor, group, first.text + "\n\nFika\nVi turas om.", NOW)
    assert second.version == 2
    assert not has_accepted(session, member, group)
    refused("agreement_changed", services.accept_agreement, session, member, group, 1, NOW)
    assert services.change_agreement(session, supervisor, group, second.text, NOW).version == 2


def test_next_meeting_is_read_as_an_aware_instant(session):
    group = factories.make_group(session)
    assert queries.next_meeting_at(session, group.id, NOW) is None
    factories.make_meeting(session, group, datetime(2026, 12, 1, 13, 0, tzinfo=UTC))
    assert queries.next_meeting_at(session, group.id, NOW) == datetime(2026, 12, 1, 13, 0, tzinfo=UTC)
