"""The series as a whole: counted in local days, moved from one date on, extended, never on top of another."""

import time as clock_time
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import to_wall
from supervision.meetings import rules, series, services
from supervision.meetings.models import Answer, Meeting
from supervision.outbox.models import Mail
from tests import factories

ZONES = (("Europe/Stockholm", "SE"), ("Europe/Copenhagen", "DK"))
NOW = factories.NOW
FIRST = date(2027, 1, 12)  # a Tuesday, week 2


def at(on, hour=14, minute=0, zone="Europe/Stockholm"):
    return datetime.combine(on, time(hour, minute)).replace(tzinfo=to_wall(NOW, zone).tzinfo).astimezone(UTC)


@pytest.mark.parametrize(("zone", "country"), ZONES)
@pytest.mark.parametrize("at_local", [time(7, 30), time(14), time(23, 15)])
def test_every_fortnightly_series_to_2040(zone, country, at_local):
    """All start days of a fortnight, so every fortnightly series there is: clock changes, 53-week years, all of it."""
    began = clock_time.process_time()
    until_on = date(2040, 12, 31)
    seen = 0
    for offset in range(14):
        first_on = date(2026, 1, 1) + timedelta(days=offset)
        dates = rules.series(first_on, at_local, zone, until_on, country)
        assert {b.local_on - a.local_on for a, b in pairwise(dates)} == {timedelta(days=14)}
        assert {to_wall(one.starts_at, zone).time() for one in dates} == {at_local}
        assert all(to_wall(one.starts_at, zone).date() == one.local_on for one in dates)
        assert {one.ends_at - one.starts_at for one in dates} == {timedelta(minutes=90)}
        seen += len(dates)
    assert seen == (until_on - date(2026, 1, 1)).days + 1  # each day of fifteen years belongs to one series
    assert clock_time.process_time() - began < 5


@pytest.fixture
def assignment(session):
    return factories.make_assignment(session, starts_on=date(2026, 1, 1), ends_on=date(2027, 6, 20))


@pytest.fixture
def actor(assignment):
    return factories.actor_of(assignment.supervisor, supervises=frozenset({assignment.id}))


@pytest.fixture
def group(session, assignment, actor):
    made = services.open_group(
        session,
        actor,
        assignment,
        name="Grupp Linden",
        first_on=FIRST,
        at_local=time(14),
        seats=7,
        place="Gamla apoteket",
        online_link="",
        now=NOW,
    )
    session.flush()
    return made


def meetings(session, group):
    return session.scalars(select(Meeting).where(Meeting.group_id == group.id).order_by(Meeting.starts_at)).all()


def refused(do, code):
    with pytest.raises(RuleBroken) as broken:
        do()
    assert broken.value.code == code
    return broken.value.refusal


def test_this_and_all_following_move_by_as_many_days_to_the_new_time(session, group, actor):
    before = meetings(session, group)
    third = before[2]
    session.add(
        Answer(meeting_id=third.id, person_id=factories.make_person(session).id, is_coming=False, answered_at=NOW)
    )
    session.flush()
    was = [one.starts_at for one in before]
    lines = series.move_following(
        session, actor, third, on=date(2027, 2, 10), at_local=time(9, 30), place="Biblioteket", now=NOW
    )
    assert [one.starts_at for one in before[:2]] == was[:2]
    assert len(lines) == len(before) - 2
    for one, old in zip(before[2:], was[2:], strict=True):
        local = to_wall(one.starts_at, group.zone)
        assert one.sequence == 1
        if one.status == "planned":
            assert local.date() == to_wall(old, group.zone).date() + timedelta(days=1)
            assert (local.time(), one.place, one.moved_from_at) == (time(9, 30), "Biblioteket", old)
    assert not session.scalars(select(Answer)).all()
    assert (group.anchor_on, group.at_local, group.place) == (date(2027, 2, 10), time(9, 30), "Biblioteket")
    assert group.first_on == FIRST


def test_following_dates_that_land_on_a_holiday_fall_away_and_are_named_first(session, group, actor):
    tuesday = next(one for one in meetings(session, group) if one.local_on == date(2027, 3, 23))
    plan = series.plan_following(
        session, tuesday, on=date(2027, 3, 26), at_local=time(14), place="Gamla apoteket", now=NOW
    )
    assert plan[0].planned.skipped is None  # Good Friday was chosen by hand
    eve = date(2027, 3, 26) + timedelta(days=14)
    assert plan[1].planned.local_on == eve
    moved = series.plan_following(
        session, tuesday, on=date(2027, 3, 25), at_local=time(14), place="Gamla apoteket", now=NOW
    )
    fallen = [line for line in moved if line.planned.skipped]
    assert [line.planned.holiday_name for line in fallen] == ["Kristi himmelsfärdsdag"]
    assert fallen[0].planned.local_on == date(2027, 5, 6)
    series.move_following(
        session, actor, tuesday, on=date(2027, 3, 25), at_local=time(14), place="Gamla apoteket", now=NOW
    )
    gone = fallen[0].meeting
    assert (gone.status, gone.cancelled_as, gone.sequence) == ("cancelled", "by_supervisor", 1)


def test_following_dates_that_collide_stop_the_move(session, group, actor, assignment):
    other = factories.make_group(
        session,
        factories.make_assignment(
            session, assignment.supervisor, factories.make_organisation(session, "Ängsviken"), ends_on=date(2027, 6, 30)
        ),
        name="Grupp Alen",
    )
    factories.make_meeting(session, other, at(date(2027, 2, 24), 14, 30))
    first = meetings(session, group)[0]
    facts = {"on": date(2027, 1, 13), "at_local": time(14), "place": "Gamla apoteket", "now": NOW}
    plan = series.plan_following(session, first, **facts)
    (clash,) = [line for line in plan if line.refusal]
    assert clash.planned.local_on == date(2027, 2, 24)
    assert clash.refusal.params["group"] == "Grupp Alen"
    assert clash.refusal.params["when"].time() == time(14, 30)
    assert refused(lambda: series.move_following(session, actor, first, **facts), "dates_taken").params == {"count": 1}
    assert {one.sequence for one in meetings(session, group)} == {0}


def test_following_dates_stay_within_the_assignment(session, group):
    last = meetings(session, group)[-1]
    facts = {"on": date(2027, 6, 21), "at_local": time(14), "place": "Gamla apoteket", "now": NOW}
    (line,) = series.plan_following(session, last, **facts)
    assert line.refusal.code == "date_outside_period"
    refused(
        lambda: series.plan_following(session, last, **(facts | {"on": last.local_on})),
        "not_moved",
    )


@pytest.mark.parametrize("on", [date(2025, 12, 31), date(2027, 6, 21)])
def test_single_dates_stay_within_the_assignment(session, group, actor, on):
    facts = {"on": on, "at_local": time(14), "place": "", "now": NOW}
    refused(lambda: services.add_date(session, actor, group, **facts), "date_outside_period")
    one = meetings(session, group)[0]
    refused(lambda: services.move(session, actor, one, **facts), "date_outside_period")


def test_the_next_term_goes_on_in_step(session, group, actor, assignment):
    last = meetings(session, group)[-1]
    assert last.local_on == date(2027, 6, 15)
    services.move(session, actor, last, on=date(2027, 6, 14), at_local=time(10), place="", now=NOW)
    refused(
        lambda: series.extend_series(session, actor, group, until_on=date(2027, 12, 31), now=NOW), "date_outside_period"
    )
    refused(lambda: series.extend_series(session, actor, group, until_on=assignment.ends_on, now=NOW), "nothing_to_add")
    assert not series.can_extend(group, meetings(session, group))
    assignment.ends_on = date(2027, 12, 31)
    assert series.can_extend(group, meetings(session, group))
    busy = factories.make_group(session, assignment, name="Grupp Alen")
    factories.make_meeting(session, busy, at(date(2027, 9, 7)))
    added = series.extend_series(session, actor, group, until_on=date(2027, 12, 31), now=NOW)
    days = [one.local_on for one in added]
    assert days[0] == date(2027, 8, 24)  # the break weeks are over
    assert date(2027, 9, 7) not in days  # taken
    assert date(2027, 12, 28) not in days  # a break
    assert {(day - FIRST).days % 14 for day in days} == {0}
    assert {to_wall(one.starts_at, group.zone).time() for one in added} == {time(14)}
    assert [one.number for one in added] == list(range(last.number + 1, last.number + 1 + len(added)))
    refused(lambda: series.extend_series(session, actor, group, until_on=date(2027, 12, 31), now=NOW), "nothing_to_add")


def test_a_term_after_the_series_was_moved_goes_on_from_the_new_day(session, group, actor, assignment):
    first = meetings(session, group)[0]
    series.move_following(
        session, actor, first, on=date(2027, 1, 14), at_local=time(9), place="Gamla apoteket", now=NOW
    )
    assignment.ends_on = date(2027, 10, 31)
    added = series.extend_series(session, actor, group, until_on=date(2027, 10, 31), now=NOW)
    assert {one.local_on.weekday() for one in added} == {3}
    assert {to_wall(one.starts_at, group.zone).time() for one in added} == {time(9)}
    assert {(one.local_on - date(2027, 1, 14)).days % 14 for one in added} == {0}


@pytest.mark.parametrize("how", ["open", "add", "move", "extend"])
def test_nowhere_can_a_supervisor_be_booked_twice(session, group, actor, assignment, how):
    """In another organisation, at 14.20 the same day: refused at each of the four doors, or left out."""
    other = factories.make_assignment(
        session, assignment.supervisor, factories.make_organisation(session, "Ängsviken"), ends_on=date(2027, 6, 20)
    )
    day = date(2027, 1, 26)
    own = factories.actor_of(assignment.supervisor, supervises=frozenset({other.id}))
    second = factories.make_group(
        session, other, name="Grupp Alen", first_on=date(2027, 1, 12), at_local=time(14, 20), place="Gamla apoteket"
    )
    if how == "open":
        facts = {"name": "Grupp Boken", "seats": 7, "online_link": "", "place": "Gamla apoteket", "now": NOW}
        refused(
            lambda: services.open_group(session, own, other, first_on=day, at_local=time(14, 20), **facts),
            "dates_taken",
        )
    elif how == "add":
        said = refused(
            lambda: services.add_date(session, own, second, on=day, at_local=time(14, 20), place="", now=NOW),
            "double_booked",
        )
        assert (said.field, said.params["group"]) == ("on", "Grupp Linden")
    elif how == "move":
        one = factories.make_meeting(session, second, at(date(2027, 1, 27)))
        refused(
            lambda: services.move(session, own, one, on=day, at_local=time(15, 45), place="Biblioteket", now=NOW),
            "no_travel_time",
        )
    else:
        factories.make_meeting(session, second, at(date(2026, 12, 15)))
        refused(
            lambda: series.extend_series(session, own, second, until_on=date(2027, 2, 10), now=NOW), "nothing_to_add"
        )


def test_another_supervisor_s_time_is_neither_in_the_way_nor_told(session, group, assignment):
    stranger = factories.make_assignment(
        session, factories.make_supervisor(session, "Jens Holm"), assignment.organisation, ends_on=date(2027, 6, 20)
    )
    theirs = factories.make_group(session, stranger, name="Grupp Alen", place="Biblioteket")
    made = services.add_date(
        session,
        factories.actor_of(stranger.supervisor),
        theirs,
        on=date(2027, 1, 26),
        at_local=time(14),
        place="",
        now=NOW,
    )
    assert made.status == "planned"


@pytest.fixture
def maria(browser, session, group, assignment):
    return factories.sign_in(browser(), assignment.supervisor, session)


def test_the_page_asks_one_date_or_all_and_shows_them_first(maria, session, group):
    factories.make_member(session, group)
    first = meetings(session, group)[0]
    page = maria.get(f"/meetings/{first.id}/move")
    page.submit("Flytta träffen", on="2027-01-14", scope="following")
    assert maria.status == 200
    assert "i stället för tis 12 jan." in maria.text
    assert "utgår: Kristi himmelsfärdsdag" in maria.text
    session.expire_all()
    assert first.sequence == 0
    maria.submit("Flytta de här datumen", on="2027-01-15")  # what was shown is not what is asked for now
    session.expire_all()
    assert first.sequence == 0
    maria.submit("Flytta de här datumen")
    session.expire_all()
    assert first.local_on == date(2027, 1, 15)
    (mail,) = session.scalars(select(Mail)).all()
    assert mail.calendar_method == "PUBLISH"
    assert "fre 15 jan. 14.00" in mail.text


def test_a_single_date_on_a_holiday_or_in_a_break_is_asked_about(maria, session, group):
    first = meetings(session, group)[0]
    maria.get(f"/meetings/{first.id}/move").submit("Flytta träffen", on="2027-01-06")
    assert "Den dagen är Trettondedag jul" in maria.text
    session.expire_all()
    assert first.local_on == FIRST
    maria.submit("Flytta ändå")
    session.expire_all()
    assert first.local_on == date(2027, 1, 6)
    maria.get(f"/groups/{group.id}/dates/new").submit("Lägg till datumet", on="2026-12-16")
    assert "ligger i en uppehållsvecka" in maria.text
    maria.submit("Lägg till ändå")
    assert session.scalars(select(Meeting).where(Meeting.starts_at == at(date(2026, 12, 16)))).one()


def test_the_page_names_the_clash(maria, session, group):
    one, other = meetings(session, group)[:2]
    maria.get(f"/meetings/{one.id}/move").submit("Flytta träffen", on=str(other.local_on))
    assert maria.status == 422
    assert "Då träffar du Grupp Linden (tis 26 jan. 14.00)" in maria.text


def test_the_page_adds_the_next_dates(maria, session, group, assignment):
    factories.make_member(session, group)
    assert "Lägg till nästa datum" not in maria.get(f"/groups/{group.id}").text
    assignment.ends_on = date(2027, 12, 31)
    assert "Lägg till nästa datum" in maria.get(f"/groups/{group.id}").text
    maria.get(f"/groups/{group.id}/dates/extend").submit("Visa datumen")
    assert "tis 24 aug. 14.00–15.30" in maria.text
    count = len(meetings(session, group))
    maria.submit("Lägg till datumen")
    assert len(meetings(session, group)) > count
    (mail,) = session.scalars(select(Mail)).all()
    assert (mail.kind, mail.calendar.count("BEGIN:VEVENT")) == ("extended", len(meetings(session, group)) - count)
    assert maria.get(f"/groups/{group.id}/dates/extend").submit("Visa datumen", until_on="2028-01-31").status == 422
    assert "Uppdraget pågår från 1 januari 2026 till 31 december 2027" in maria.text
