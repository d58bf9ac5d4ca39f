from datetime import timedelta

import pytest
from sqlalchemy import select, text

from supervision.cases.follow_up_queries import follow_ups_before, meeting_to_follow_up
from supervision.cases.models import Case, FollowUp
from supervision.privacy import services as privacy
from tests import factories as make
from tests.factories import NOW, actor_of


@pytest.fixture
def circle(session):
    """A group with two members, one of whom told at yesterday's meeting; the next one is planned."""

    class Circle:
        pass

    made = Circle()
    made.supervisor = make.make_supervisor(session)
    organisation = make.make_organisation(session)
    made.group = make.make_group(session, make.make_assignment(session, made.supervisor, organisation))
    made.elin = make.make_member(session, made.group, make.make_person(session, "Elin Jansson"))
    made.leyla = make.make_member(session, made.group, make.make_person(session, "Leyla Demir"))
    made.manager = make.make_manager(session, organisation)
    made.met = make.make_meeting(session, made.group, NOW - timedelta(days=1), status="held")
    made.coming = make.make_meeting(session, made.group, NOW + timedelta(days=13))
    session.add(
        Case(
            group_id=made.group.id,
            author_id=made.elin.id,
            kind="case",
            status="presented",
            meeting_id=made.met.id,
            created_at=NOW,
            changed_at=NOW,
            presented_at=NOW - timedelta(days=1),
        )
    )
    session.commit()
    made.url = f"/meetings/{made.met.id}/follow-up"
    made.list = f"/groups/{made.group.id}/follow-ups"
    return made


def test_it_is_noted_read_by_the_group_changed_and_deleted_by_its_writer_only(circle, session, browser):
    elin = make.sign_in(browser(), circle.elin, session)
    elin.get(circle.url).submit("Spara", what="Jag väntar innan jag hjälper.", when="På morgnarna")
    assert elin.path == circle.list
    raw = session.execute(text("SELECT sealed_text FROM follow_up")).scalar_one()
    assert b"morgnarna" not in bytes(raw)
    for person in (circle.leyla, circle.supervisor):
        reader = make.sign_in(browser(), person, session).get(circle.list)
        assert "Jag väntar innan jag hjälper." in reader.text
        assert "Elin Jansson" in reader.text
        assert not reader.soup.select('form[action*="follow-up"]')
        assert reader.get(circle.url).status == 404
        assert reader.post(f"{circle.url}/delete").status == 404
    manager = make.sign_in(browser(), circle.manager, session)
    assert manager.get(circle.list).status == 404
    assert manager.get(circle.url).status == 404
    elin.get(circle.url).submit("Spara", what="Jag frågar först.")
    assert "Jag frågar först." in elin.text
    elin.submit("Ta bort")
    assert "Inget är antecknat" in elin.text
    assert session.scalars(select(FollowUp)).all() == []


def test_an_empty_one_and_a_personal_number_are_refused(circle, session, browser):
    elin = make.sign_in(browser(), circle.elin, session)
    elin.get(circle.url).submit("Spara", who="Jag själv")
    assert elin.status == 422
    assert "Skriv vad du vill pröva." in elin.text
    elin.submit("Spara", what="Ringa 811228-9874 i morgon.")
    assert elin.status == 422
    assert elin.soup.find(id="what-error")
    assert session.scalars(select(FollowUp)).all() == []


def test_a_name_is_marked_and_may_stand_or_go(circle, session, browser):
    elin = make.sign_in(browser(), circle.elin, session)
    elin.get(circle.url).submit("Spara", what="Jag frågar Kerstin Lund om hon vill.")
    assert elin.path == circle.url
    assert "ser ut som ett namn" in elin.text
    elin.submit("Låt stå")
    assert elin.path == circle.list
    assert "Kerstin Lund" in elin.text


def test_it_comes_back_at_the_next_meeting_and_goes_with_the_term(circle, session, browser):
    make.sign_in(browser(), circle.elin, session).get(circle.url).submit("Spara", what="Jag väntar.")
    assert [one.person_id for one in follow_ups_before(session, circle.coming)] == [circle.elin.id]
    assert not follow_ups_before(session, circle.met)
    privacy.purge(session, now=circle.met.starts_at + timedelta(days=183))
    assert len(session.scalars(select(FollowUp)).all()) == 1
    privacy.purge(session, now=circle.met.starts_at + timedelta(days=183, minutes=1))
    assert session.scalars(select(FollowUp)).all() == []


def test_who_told_is_asked_for_a_week_until_they_have_noted(circle, session, browser):
    seat = frozenset({circle.group.id})
    assert meeting_to_follow_up(session, actor_of(circle.elin, member_of=seat), NOW).id == circle.met.id
    assert meeting_to_follow_up(session, actor_of(circle.leyla, member_of=seat), NOW) is None
    assert meeting_to_follow_up(session, actor_of(circle.elin), NOW) is None
    assert meeting_to_follow_up(session, actor_of(circle.elin, member_of=seat), NOW + timedelta(days=7)) is None
    make.sign_in(browser(), circle.elin, session).get(circle.url).submit("Spara", what="Jag väntar.")
    assert meeting_to_follow_up(session, actor_of(circle.elin, member_of=seat), NOW) is None


def test_what_someone_noted_who_has_left_is_nobodys(circle, session, browser):
    make.sign_in(browser(), circle.elin, session).get(circle.url).submit("Spara", what="Jag väntar.")
    session.execute(text("UPDATE membership SET left_at = :at WHERE place_no = 0"), {"at": NOW.replace(tzinfo=None)})
    assert "Jag väntar." not in make.sign_in(browser(), circle.leyla, session).get(circle.list).text
