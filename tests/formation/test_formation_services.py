from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import select

from supervision.formation import proposals, publishing, queries, services, tasks
from supervision.formation.models import FormationRun, FormationSeat
from supervision.formation.pool_queries import pool_of
from supervision.formation.rules import check, pool
from supervision.groups import seats
from supervision.groups.models import Group, QueuePlace, SignUp
from supervision.jobs import transaction
from supervision.kernel.errors import RuleBroken
from supervision.meetings.models import Meeting
from supervision.orgs.models import RoleHolding
from tests import factories
from tests.formation import forming
from tests.formation.forming import FRIDAY, TUESDAY


@pytest.fixture
def form(app, session, clock):
    """Ask for a proposal and let the job make it."""

    def run(assignment, previous=None, pinned=()) -> FormationRun:
        clock.forward(minutes=1)
        services.ask_run(session, forming.supervisor_of(assignment), assignment, clock(), previous, pinned)
        session.commit()
        with app.app_context():
            assert tasks.form_groups(transaction, clock) == 1
        session.expire_all()
        made = forming.newest(session)
        return queries.find_run(session, made.id)

    return run


def where(session, run) -> dict:
    rows = session.scalars(select(FormationSeat).where(FormationSeat.run_id == run.id))
    return {one.person_id: one.group_no for one in rows}


def test_those_who_wait_are_proposed_a_group_at_a_time_all_can_come(session, form) -> None:
    assignment = forming.make_pool(session, 6)
    alone = forming.wait(session, assignment, [FRIDAY])
    run = form(assignment)
    assert (run.status, run.placed, run.bound, run.people) == ("done", 6, 6, 7)
    assert [(one["slot"], one["place"]) for one in run.groups] == [(TUESDAY, "Gamla apoteket")]
    seat = session.scalar(select(FormationSeat).where(FormationSeat.person_id == alone.id))
    assert (seat.group_no, seat.reason, seat.help_kind, seat.help_slot) == (
        None,
        "too_few_at_your_times",
        "time",
        TUESDAY,
    )


def test_whom_someone_does_not_want_to_sit_with_is_kept_apart_and_written_nowhere(session, form) -> None:
    assignment = forming.make_pool(session, 5)
    forming.wait(session, assignment, [TUESDAY], "Olle Berg")
    shy = forming.wait(session, assignment, [TUESDAY], "Stina Lund", not_with="helst inte olle")
    run = form(assignment)
    assert run.placed == 6
    assert not any("olle" in str(one).casefold() for one in run.groups)
    left = session.scalars(select(FormationSeat).where(FormationSeat.group_no.is_(None))).one()
    assert left.help_kind == "apart"
    assert {str(value) for value in left.__dict__.values()}.isdisjoint({"Olle Berg", shy.name})


def test_a_manager_and_those_with_a_seat_are_not_in_the_pool(session) -> None:
    assignment = forming.make_pool(session, 5)
    boss = forming.wait(session, assignment, [TUESDAY])
    session.add(RoleHolding(person_id=boss.id, organisation_id=assignment.organisation_id, role="manager"))
    group = factories.make_group(session, assignment)
    seated = forming.wait(session, assignment, [TUESDAY])
    factories.make_member(session, group, seated)
    names = {one.person_id for one in pool_of(session, assignment).waiting}
    assert len(names) == 5
    assert not names & {str(boss.id), str(seated.id)}


def test_a_time_at_which_the_supervisor_leads_another_group_is_not_proposed(session, form) -> None:
    assignment = forming.make_pool(session, 6)
    # 6 January 2026 is a Tuesday of week A
    factories.make_group(session, assignment, at_local=time(14, 0), first_on=date(2026, 1, 6))
    assert pool_of(session, assignment).leaders[0].busy == {TUESDAY}
    run = form(assignment)
    assert run.placed == 0


def test_publishing_offers_seats_and_seats_nobody(app, session, form) -> None:
    assignment = forming.make_pool(session, 6)
    run = form(assignment)
    actor = forming.supervisor_of(assignment)
    offers = publishing.publish(session, actor, run, date(2026, 11, 30), "Grupp {}".format, factories.NOW)
    session.commit()
    group = session.query(Group).one()
    assert (group.status, group.taken, group.place, group.at_local.hour) == ("forming", 6, "Gamla apoteket", 13)
    first = session.query(Meeting).order_by(Meeting.starts_at).first()
    assert first.starts_at.date() == date(2026, 12, 8)  # the first Tuesday of a week A after 30 November
    assert {one.status for one in offers} == {"offered"}
    assert len(offers) == 6
    with pytest.raises(RuleBroken, match="formation_published"):
        publishing.publish(session, actor, run, date(2026, 11, 30), "Grupp {}".format, factories.NOW)


def test_a_no_is_filled_with_the_least_change(app, session, form, clock) -> None:
    assignment = forming.make_pool(session, 7)
    run = form(assignment)
    actor = forming.supervisor_of(assignment)
    publishing.publish(session, actor, run, date(2026, 11, 30), "Grupp {}".format, clock())
    group = session.query(Group).one()
    people = [one.person_id for one in session.query(QueuePlace)]
    person = session.get(factories.Person, people[0])
    seats.accept_offer(session, factories.actor_of(session.get(factories.Person, people[1])), group, clock())
    seats.decline_offer(session, factories.actor_of(person), group, clock())
    newcomer = forming.wait(session, assignment, [TUESDAY])
    again = form(assignment, run)
    found = where(session, again)
    assert found[person.id] is None  # who said no is not asked for the same group again
    assert {found[one] for one in people[1:]} == {0}
    assert found[newcomer.id] == 0
    offers = publishing.publish(session, actor, again, date(2026, 11, 30), "Grupp {}".format, clock())
    assert [one.person_id for one in offers] == [newcomer.id]
    assert session.query(Group).count() == 1


def test_moving_by_hand_is_refused_by_the_rule_it_breaks(session, form, clock) -> None:
    assignment = forming.make_pool(session, 5)
    other = forming.wait(session, assignment, [FRIDAY])
    run = form(assignment)
    actor = forming.supervisor_of(assignment)
    with pytest.raises(RuleBroken) as refused:
        services.move_person(session, actor, run, other.id, 0, clock())
    assert refused.value.code == "rule_not_at_your_times"
    session.rollback()
    run = queries.find_run(session, run.id)
    member = next(person for person, number in where(session, run).items() if number == 0)
    with pytest.raises(RuleBroken) as refused:
        services.move_person(session, actor, run, member, None, clock())
    assert refused.value.code == "rule_group_too_small"


def test_a_move_by_hand_that_breaks_nothing_is_kept(session, form, clock) -> None:
    assignment = forming.make_pool(session, 6)
    run = form(assignment)
    member = next(person for person, number in where(session, run).items() if number == 0)
    services.move_person(session, forming.supervisor_of(assignment), run, member, None, clock())
    session.commit()
    assert where(session, run)[member] is None
    assert run.placed == 5
    services.move_person(session, forming.supervisor_of(assignment), run, member, 0, clock())
    assert run.placed == 6


def test_a_pinned_group_stays_when_more_people_wait(session, form) -> None:
    assignment = forming.make_pool(session, 6)
    first = form(assignment)
    before = where(session, first)
    for _ in range(6):
        forming.wait(session, assignment, [TUESDAY, FRIDAY])
    second = form(assignment, first, [0])
    number = next(at for at, one in enumerate(second.groups) if one["pinned"])
    now = where(session, second)
    assert second.placed == 12
    assert {now[person] for person in before} == {number}


def test_a_withdrawn_sign_up_stops_publishing(session, form, clock) -> None:
    assignment = forming.make_pool(session, 6)
    run = form(assignment)
    told = session.query(SignUp).first()
    services_actor = forming.supervisor_of(assignment)
    told.withdrawn_at = clock()
    session.flush()
    with pytest.raises(RuleBroken, match="formation_changed"):
        publishing.publish(session, services_actor, run, date(2026, 11, 30), "Grupp {}".format, clock())


@pytest.mark.parametrize(
    ("prepare", "code"),
    [("no times", "formation_no_times"), ("nobody", "formation_nobody"), ("twice", "formation_running")],
)
def test_a_run_is_asked_for_only_when_it_can_find_something(session, clock, prepare, code) -> None:
    assignment = factories.make_assignment(session)
    actor = forming.supervisor_of(assignment)
    if prepare != "no times":
        forming.tell_times(session, assignment, [TUESDAY])
    if prepare == "twice":
        forming.wait(session, assignment, [TUESDAY])
        services.ask_run(session, actor, assignment, clock())
    with pytest.raises(RuleBroken, match=code):
        services.ask_run(session, actor, assignment, clock())


def test_the_queries_of_a_pool_do_not_grow_with_its_people(session, count_queries) -> None:
    assignment = forming.make_pool(session, 3)
    for _ in range(2):
        factories.make_member(session, factories.make_group(session, assignment, status="forming"))
    session.commit()
    session.refresh(assignment)
    count_queries.clear()
    pool_of(session, assignment)
    few = len(count_queries)
    for _ in range(20):
        forming.wait(session, assignment, [TUESDAY])
    for _ in range(3):
        factories.make_member(session, factories.make_group(session, assignment, status="forming"))
    session.commit()
    session.refresh(assignment)
    count_queries.clear()
    pool_of(session, assignment)
    assert len(count_queries) == few <= 8


def test_a_proposal_is_sound_by_the_checker(session, form) -> None:
    assignment = forming.make_pool(session, 20)
    run = form(assignment)
    found = pool_of(session, run.assignment)
    plan = proposals.plan_of(run, queries.seats_of(session, run.id))
    assert check.faults(proposals.instance_of(found), plan) == []
    assert [one["size"] for one in run.groups if not 5 <= one["size"] <= 7] == []


def test_a_group_that_cannot_be_filled_is_left_as_it_is(session, form) -> None:
    assignment = forming.make_pool(session, 6)
    group = factories.make_group(
        session, assignment, status="forming", first_on=date(2026, 1, 16), at_local=time(8, 30)
    )
    lonely = factories.make_member(session, group)  # Friday of week B; nobody who waits can come then
    run = form(assignment)
    assert [one["slot"] for one in run.groups] == [TUESDAY]
    assert lonely.id not in where(session, run)
    assert run.placed == 6


def test_needs_bind_the_place(session) -> None:
    assignment = forming.make_pool(session, 0)
    upstairs, ground = pool.Place("Vinden"), pool.Place("Salen", is_step_free=True)
    services.save_frame(session, forming.supervisor_of(assignment), assignment, [upstairs, ground], 2, factories.NOW)
    wheels = forming.wait(session, assignment, [TUESDAY], needs=["step_free"])
    far = forming.wait(session, assignment, [TUESDAY], needs=["remote"])
    found = proposals.instance_of(pool_of(session, assignment)).person
    assert set(found[str(wheels.id)].places) == {"Salen"}
    assert set(found[str(far.id)].places) == set()


def test_a_room_in_which_a_group_meets_already_is_not_given_away(session, form) -> None:
    assignment = forming.make_pool(session, 6)
    place = assignment.place
    services.save_frame(
        session, forming.supervisor_of(assignment), assignment, [pool.Place(place, 1)], 2, factories.NOW
    )
    group = factories.make_group(
        session, assignment, status="running", first_on=date(2026, 1, 20), at_local=time(13), place=place
    )
    group.assignment = factories.make_assignment(session, factories.make_supervisor(session), assignment.organisation)
    session.flush()
    taken = pool_of(session, assignment).in_use
    assert taken == {(place, TUESDAY): 1}
    assert form(assignment).placed == 0
    group.status = "ended"
    session.flush()
    assert form(assignment).placed == 6


def test_a_weekly_group_s_room_is_counted_in_the_week_in_which_more_are_in_use() -> None:
    groups = [("Salen", ["A2-13"]), ("Salen", ["B2-13"]), ("Salen", ["B2-13"]), ("Vinden", ["A2-13", "B2-13"])]
    assert pool.rooms_in_use(groups, is_weekly=True) == {("Salen", "A2-13"): 2, ("Vinden", "A2-13"): 1}
    assert pool.rooms_in_use(groups, is_weekly=False)["Salen", "A2-13"] == 1


def test_weekly_groups_need_the_time_in_both_weeks(session) -> None:
    assignment = forming.make_pool(session, 0, every_days=7)
    both = forming.wait(session, assignment, ["A2-13", "B2-13", "A3-13"])
    found = proposals.instance_of(pool_of(session, assignment)).person
    assert set(found[str(both.id)].slots) == {"A2-13"}


def test_stop_while_it_searches_keeps_the_best_so_far(app, session, clock, monkeypatch) -> None:
    assignment = forming.make_pool(session, 6)
    actor = forming.supervisor_of(assignment)
    run_id = services.ask_run(session, actor, assignment, clock()).id
    session.commit()

    def search(instance, *, tell, stop, **given):
        with transaction() as other:
            services.ask_stop(other, actor, queries.find_run(other, run_id), clock())
        assert stop()
        return replace(solve(instance, tell=tell, stop=lambda: False, **given), ended="stopped")

    solve = tasks.solve
    monkeypatch.setattr(tasks, "solve", search)
    with app.app_context():
        assert tasks.form_groups(transaction, clock) == 1
    kept = forming.newest(session)
    assert (kept.status, kept.placed) == ("stopped", 6)


def test_a_run_without_a_sign_of_life_is_given_up(app, session, clock) -> None:
    assignment = forming.make_pool(session, 5)
    run = FormationRun(assignment=assignment, status="running", asked_at=clock(), told_at=clock())
    session.add(run)
    session.commit()
    clock.forward(minutes=6)
    with app.app_context():
        assert tasks.form_groups(transaction, clock) == 0
    session.expire_all()
    assert forming.newest(session).status == "failed"
