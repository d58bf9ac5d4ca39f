from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload

from supervision import jobs
from supervision.groups.models import Group, Membership
from supervision.meetings import services as meetings
from supervision.meetings.models import Answer
from supervision.outbox.models import Mail
from supervision.reminders import tasks
from supervision.reminders.models import Reminder
from tests import factories

DUE = datetime(2026, 12, 5, 13, 0, tzinfo=UTC)


def remind(app, session, now=DUE) -> int:
    session.commit()
    with app.app_context():
        return tasks.remind(jobs.transaction, now)


def ask(app, session, now=DUE) -> int:
    session.commit()
    with app.app_context():
        return tasks.ask_about_few(jobs.transaction, now)


def test_each_member_is_reminded_once_in_their_language(app, session, group, meeting, leyla) -> None:
    factories.make_member(session, group, factories.make_person(session, "Karen", language="da"))
    assert remind(app, session, DUE - timedelta(seconds=1)) == 0
    assert remind(app, session) == 2
    assert remind(app, session) == 0
    assert remind(app, session, DUE + timedelta(days=1)) == 0
    mails = {mail.language: mail for mail in session.scalars(select(Mail))}
    assert mails["sv"].subject == "Vi ses tisdag 8 december kl. 14.00"
    assert mails["da"].subject == "Vi ses tirsdag den 8. december kl. 14.00"
    assert "Vi räknar med dig. Du behöver inte svara." in mails["sv"].text
    assert "Gamla apoteket" in mails["sv"].text
    assert "Karen" not in mails["sv"].text
    assert "http://localhost:8000/one-date/" in mails["sv"].text


def test_who_has_answered_left_or_wants_none_is_not_reminded(app, session, group, meeting, leyla) -> None:
    session.add(Answer(meeting_id=meeting.id, person_id=leyla.id, is_coming=True, answered_at=DUE))
    factories.make_member(session, group, left_at=factories.NOW)
    factories.make_member(session, group, factories.make_person(session, no_reminders_at=factories.NOW))
    assert remind(app, session) == 0


@pytest.mark.parametrize("status", ["cancelled", "live", "held"])
def test_only_planned_meetings_are_reminded_of(app, session, meeting, leyla, status) -> None:
    meeting.status, meeting.cancelled_as = status, "by_supervisor" if status == "cancelled" else None
    assert remind(app, session) == 0


def test_an_earlier_meeting_comes_first_and_a_cancelled_one_does_not_count(app, session, group, meeting, leyla) -> None:
    day_before = factories.make_meeting(session, group, meeting.starts_at - timedelta(days=1))
    assert remind(app, session) == 1  # of the day before, not yet of the day itself
    assert remind(app, session, day_before.ends_at - timedelta(seconds=1)) == 0
    assert remind(app, session, day_before.ends_at) == 1
    session.execute(Reminder.__table__.delete())
    day_before.status, day_before.cancelled_as = "cancelled", "late"
    assert remind(app, session) == 1


def test_a_moved_meeting_is_reminded_of_anew_but_not_on_the_day_of_the_mail_about_it(
    app, session, supervisor, group, meeting, leyla
) -> None:
    assert remind(app, session) == 1
    group = session.get_one(Group, group.id, options=[joinedload(Group.assignment)], populate_existing=True)
    supervisor = factories.actor_of(supervisor, supervises={group.assignment_id})
    later = {"on": meeting.starts_at.date() + timedelta(days=1), "at_local": group.at_local, "place": "Biblioteket"}
    meetings.move(session, supervisor, meeting, **later, now=DUE)
    assert remind(app, session, DUE + timedelta(hours=23, minutes=59)) == 0
    assert remind(app, session, DUE + timedelta(days=1)) == 1


def test_nobody_is_woken(app, session, meeting, leyla) -> None:
    assert remind(app, session, DUE + timedelta(hours=7)) == 0  # 21:00
    assert remind(app, session, DUE + timedelta(hours=17)) == 1  # 07:00


def test_the_database_refuses_a_second_reminder(session, meeting, leyla) -> None:
    for _ in range(2):
        session.add(
            Reminder(meeting_id=meeting.id, person_id=leyla.id, kind="coming", starts_at=meeting.starts_at, sent_at=DUE)
        )
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_the_supervisor_is_asked_once_when_few_come(app, session, supervisor, group, meeting, leyla) -> None:
    for _ in range(2):
        factories.make_member(session, group)
    assert ask(app, session) == 0
    session.add(Answer(meeting_id=meeting.id, person_id=leyla.id, is_coming=False, answered_at=DUE))
    assert ask(app, session, DUE + timedelta(hours=8)) == 0  # in the evening nobody is asked
    assert ask(app, session) == 1
    assert ask(app, session) == 0
    mail = session.scalars(select(Mail)).one()
    assert mail.to_email == supervisor.email
    assert "Leyla" not in mail.text
    assert f"/meetings/{meeting.id}" in mail.text


def test_who_has_decided_is_not_asked(app, session, meeting, leyla) -> None:
    meeting.runs_anyway_at = factories.NOW
    assert ask(app, session) == 0
    meeting.runs_anyway_at = None
    session.execute(Membership.__table__.update().values(left_at=factories.NOW))
    assert ask(app, session) == 0  # without members there is nothing to decide


def test_finding_what_is_due_takes_the_same_queries_however_much_there_is(
    app, session, assignment, group, meeting, leyla, count_queries
) -> None:
    def queries_of_an_idle_sweep() -> int:
        session.commit()
        count_queries.clear()
        assert remind(app, session) + ask(app, session) == 0
        return len(count_queries)

    meeting.runs_anyway_at = factories.NOW
    remind(app, session)
    few = queries_of_an_idle_sweep()
    for _ in range(4):
        other = factories.make_group(session, assignment)
        factories.make_meeting(session, other, meeting.starts_at, runs_anyway_at=factories.NOW)
        for _ in range(3):
            factories.make_member(session, other)
    assert remind(app, session) == 12
    assert queries_of_an_idle_sweep() == few
    assert session.scalar(select(func.count()).select_from(Reminder)) == 13
