"""A member asks, the planner answers, and nobody else learns of it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.audit.models import AuditEvent
from supervision.cover.models import CoverRequest
from supervision.groups.models import Group, Membership
from supervision.meetings.models import Meeting
from supervision.orgs.models import RoleHolding
from supervision.outbox.models import Mail
from supervision.people.models import Person
from supervision.privacy.services import purge
from tests import factories

CANARY = "Kanarie Xerxesdotter"


@dataclass
class Day:
    group: Group
    supervisor: Person
    meeting: Meeting
    leyla: Person
    planner: Person
    manager: Person
    colleague: Person


@pytest.fixture
def day(session) -> Day:
    organisation = factories.make_organisation(session)
    assignment = factories.make_assignment(session, organisation=organisation)
    group = factories.make_group(session, assignment, name="Grupp Linden")
    return Day(
        group,
        assignment.supervisor,
        factories.make_meeting(session, group, factories.NOW + timedelta(days=9)),
        factories.make_member(session, group, factories.make_person(session, CANARY)),
        factories.make_manager(session, organisation, "coordinator", email="planerare@example.se"),
        factories.make_manager(session, organisation, email="chef@example.se"),
        factories.make_member(session, group),
    )


def mails_to(session, person: Person, kind: str) -> list[Mail]:
    found = select(Mail).where(Mail.to_email == person.email, Mail.kind == kind).order_by(Mail.created_at)
    return list(session.scalars(found))


def ask(browser, session, day: Day):
    phone = factories.sign_in(browser(), day.leyla, session)
    phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver vikarie")
    return phone


def test_a_member_asks_the_planner_answers_and_the_member_is_told(browser, session, day) -> None:
    phone = ask(browser, session, day)
    assert "Planeraren är tillfrågad" in phone.text
    mail = mails_to(session, day.planner, "cover_asked")[0]
    assert CANARY in mail.text
    assert "torsdag 3 december, 09.00–10.30" in mail.text
    assert "planerad aktivitet" in mail.text
    for word in ("handled", "grupp", "träff", "linden", "supervis"):
        assert word not in mail.text.lower().replace(str(mail.message_id), "")
    office = factories.sign_in(browser(), day.planner, session)
    office.get("/cover")
    assert CANARY in office.text
    assert "Linden" not in office.text
    office.submit("Ordnat")
    assert office.status == 200
    assert "Din vikarie" in mails_to(session, day.leyla, "cover_answered")[0].subject
    assert "Vikarie är ordnad" in phone.get(f"/meetings/{day.meeting.id}/cover").text


def test_asking_twice_is_asking_once_and_the_same_answer_is_one_mail(browser, session, day) -> None:
    phone = ask(browser, session, day)
    phone.post(f"/meetings/{day.meeting.id}/cover")
    request = session.scalars(select(CoverRequest)).one()
    office = factories.sign_in(browser(), day.planner, session)
    for _ in range(2):
        office.get("/cover")
        office.post(f"/cover/{request.id}/answer", {"answer": "not_possible"})
    assert len(mails_to(session, day.planner, "cover_asked")) == 1
    assert len(mails_to(session, day.leyla, "cover_answered")) == 1
    assert "Det går inte att få vikarie" in phone.get(f"/meetings/{day.meeting.id}/cover").text


def test_who_asks_and_takes_back_again_and_again_must_wait(browser, session, day, clock) -> None:
    phone = ask(browser, session, day)
    for _ in range(20):
        phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver ingen vikarie längre")
        phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver vikarie")
        if phone.status == 422:
            break
    assert "försök" in phone.text
    assert len(mails_to(session, day.planner, "cover_asked")) == 5
    clock.forward(seconds=3)
    phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver vikarie")
    assert len(mails_to(session, day.planner, "cover_asked")) == 6


def test_nobody_else_learns_of_it(app, browser, session, day) -> None:
    ask(browser, session, day)
    request = session.scalars(select(CoverRequest)).one()
    elsewhere = factories.make_organisation(session, "Ängsviken")
    others = {
        "supervisor": day.supervisor,
        "manager": day.manager,
        "colleague": day.colleague,
        "planner elsewhere": factories.make_manager(session, elsewhere, "coordinator"),
        "ex-member": factories.make_member(session, day.group, left_at=factories.NOW),
    }
    for who, person in others.items():
        page = factories.sign_in(browser(), person, session)
        for path in ("/", f"/meetings/{day.meeting.id}", f"/meetings/{day.meeting.id}/cover", "/cover"):
            page.get(path)
            assert "tillfrågad" not in page.text, (who, path)
            assert who == "planner elsewhere" or path != "/cover" or page.status == 403
            if who in {"manager", "planner elsewhere"}:
                assert CANARY not in page.text
        for path in (f"/cover/{request.id}/answer", f"/cover/{request.id}/withdraw"):
            page.post(path, {"answer": "arranged"})
            assert page.status == 404, (who, path)
    session.expire_all()
    assert request.status == "open"
    told = set(session.scalars(select(Mail.to_email).where(Mail.kind.like("cover%"))))
    assert told == {day.planner.email}
    assert CANARY not in str([vars(event) for event in session.scalars(select(AuditEvent))])


def test_a_coordinator_who_also_manages_is_neither_asked_nor_shown(browser, session, day) -> None:
    both = factories.make_manager(session, day.group.assignment.organisation, "coordinator", email="both@example.se")
    holding = RoleHolding(person_id=both.id, organisation_id=day.group.assignment.organisation_id, role="manager")
    session.add(holding)
    session.flush()
    ask(browser, session, day)
    assert set(session.scalars(select(Mail.to_email).where(Mail.kind == "cover_asked"))) == {day.planner.email}
    page = factories.sign_in(browser(), both, session)
    assert "vikarie" not in page.get("/").text
    assert page.get("/cover").status == 403


def test_without_a_planner_it_is_said_and_not_offered(browser, session) -> None:
    group = factories.make_group(session)
    meeting = factories.make_meeting(session, group)
    phone = factories.sign_in(browser(), factories.make_member(session, group), session)
    phone.get(f"/meetings/{meeting.id}/cover")
    assert phone.status == 200
    assert "ingen planerare här än" in phone.text
    assert not [button for button in phone.soup.select("main button") if "Jag behöver vikarie" in button.get_text()]
    phone.post(f"/meetings/{meeting.id}/cover")
    assert phone.status == 422
    assert session.scalars(select(CoverRequest)).all() == []


def test_a_request_is_taken_back_and_the_planner_is_told(browser, session, day) -> None:
    phone = ask(browser, session, day)
    phone.submit("Jag behöver ingen vikarie längre")
    assert "Behöver du någon som går in för dig?" in phone.text
    assert len(mails_to(session, day.planner, "cover_not_needed")) == 1
    assert "Ingen väntar på svar." in factories.sign_in(browser(), day.planner, session).get("/cover").text


@pytest.mark.parametrize("change", ["cancelled", "moved", "left"])
def test_a_request_ends_with_its_date_and_both_are_told(app, browser, session, day, change) -> None:
    phone = ask(browser, session, day)
    if change == "cancelled":
        day.meeting.status, day.meeting.cancelled_as = "cancelled", "in_time"
    elif change == "moved":
        day.meeting.starts_at += timedelta(hours=2)
        day.meeting.ends_at += timedelta(hours=2)
    else:
        seat = session.scalars(select(Membership).where(Membership.person_id == day.leyla.id)).one()
        seat.left_at = factories.NOW
    session.commit()
    office = factories.sign_in(browser(), day.planner, session)
    assert CANARY not in office.get("/cover").text
    for _ in range(2):
        with app.app_context():
            jobs.end_cover(app)
    assert [
        len(mails_to(session, who, kind))
        for who, kind in ((day.leyla, "cover_ended"), (day.planner, "cover_not_needed"))
    ] == [1, 1]
    if change == "moved":
        phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver vikarie")
        assert len(mails_to(session, day.planner, "cover_asked")) == 2


def test_a_moved_date_can_be_asked_for_before_the_sweep(browser, session, day) -> None:
    phone = ask(browser, session, day)
    day.meeting.starts_at += timedelta(days=1)
    day.meeting.ends_at += timedelta(days=1)
    session.commit()
    phone.get(f"/meetings/{day.meeting.id}/cover").submit("Jag behöver vikarie")
    assert "Planeraren är tillfrågad" in phone.text
    states = sorted(session.scalars(select(CoverRequest.status)))
    assert states == ["ended", "open"]


def test_the_planner_is_reminded_once_two_days_before_and_not_at_night(app, browser, session, day, clock) -> None:
    ask(browser, session, day)
    starts_at = day.meeting.starts_at
    clock.set(starts_at - timedelta(days=2, minutes=1))
    session.commit()
    with app.app_context():
        jobs.remind_of_cover(app)
    assert mails_to(session, day.planner, "cover_reminder") == []
    session.commit()
    clock.set(starts_at - timedelta(days=1, hours=11))  # 22 o'clock in the evening
    for _ in range(2):
        session.commit()
        with app.app_context():
            jobs.remind_of_cover(app)
    reminder = mails_to(session, day.planner, "cover_reminder")
    assert len(reminder) == 1
    assert reminder[0].send_after_at == starts_at - timedelta(days=1, hours=2)  # 7 in the morning


def test_requests_go_30_days_after_their_date(session, browser, day) -> None:
    ask(browser, session, day)
    purge(session, now=day.meeting.starts_at + timedelta(days=30))
    assert len(session.scalars(select(CoverRequest)).all()) == 1
    purge(session, now=day.meeting.starts_at + timedelta(days=30, seconds=1))
    assert session.scalars(select(CoverRequest)).all() == []
