"""Mails about dates: the entry in the reader's calendar is made, changed and crossed out, never doubled."""

from datetime import date, time, timedelta
from email import message_from_bytes, policy

import pytest
from sqlalchemy import select

from supervision.meetings import mails, series, services
from supervision.meetings import tasks as meetings_tasks
from supervision.meetings.models import DatesSent, Meeting
from supervision.outbox import tasks
from supervision.outbox.models import Mail
from tests import factories

NOW = factories.NOW
SENDER = "Rundan <rundan@example.org>"


@pytest.fixture
def group(session):
    assignment = factories.make_assignment(session, ends_on=date(2027, 6, 30))
    return services.open_group(
        session,
        factories.actor_of(assignment.supervisor),
        assignment,
        name="Grupp Linden",
        first_on=date(2027, 1, 12),
        at_local=time(14),
        seats=7,
        place="Gamla apoteket",
        online_link="",
        now=NOW,
    )


@pytest.fixture
def actor(group):
    return factories.actor_of(group.assignment.supervisor)


@pytest.fixture
def mette(session, group):
    return factories.make_member(session, group, factories.make_person(session, "Mette", language="da"), joined_at=NOW)


def calendars(session) -> list[str]:
    """What calendars get, as it comes out of the mails that go over the wire, oldest first; then forget the mails."""
    session.flush()
    found = []
    for mail in session.scalars(select(Mail).order_by(Mail.created_at)).all():
        sent = tasks.as_message(mail, SENDER).as_bytes(policy=policy.SMTP)
        read = message_from_bytes(sent, policy=policy.default)
        (part,) = [one for one in read.walk() if one.get_content_type() == "text/calendar"]
        text = part.get_content()
        text = text if isinstance(text, str) else text.decode()
        assert f"METHOD:{part.get_param('method')}" in text
        found.append(text)
        session.delete(mail)
    session.flush()
    return found


def test_one_entry_through_its_whole_life(app, session, group, actor, mette, read_by_both):
    """Published with the series, moved, moved again, cancelled: one UID, SEQUENCE 0 1 2 3, the newest wins."""
    with app.test_request_context():
        dates = session.scalars(select(Meeting).order_by(Meeting.number)).all()
        one = dates[0]
        letter = mails.dates_letter(group, dates, mette, NOW)
        steps = [letter.calendar.text]
        for hour in (1, 2):
            at = NOW + timedelta(hours=hour)
            was_at = services.move(
                session, actor, one, on=date(2027, 1, 12 + hour), at_local=time(9), place="Biblioteket", now=at
            )
            mails.tell_moved(session, one, was_at, now=at)
            steps += calendars(session)
        services.cancel(session, actor, one, by_supervisor=True, now=NOW + timedelta(hours=3))
        mails.tell_cancelled(session, one, now=NOW + timedelta(hours=3))
        steps += calendars(session)
    read = [read_by_both(text) for text in steps]
    assert [method for method, _ in read] == ["PUBLISH", "REQUEST", "REQUEST", "CANCEL"]
    assert len(read[0][1]) == len(dates)
    own = [[entry for entry in entries if entry.uid == f"{one.id}@rundan"] for _, entries in read]
    assert [[entry.sequence for entry in entries] for entries in own] == [[0], [1], [2], [3]]
    assert [len(entries) for _, entries in read[1:]] == [1, 1, 1]
    assert [entries[0].status for entries in own] == ["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert own[2][0].starts_at == one.starts_at
    stamps = [entries[0].stamped_at for entries in own]
    assert stamps == sorted(set(stamps))


def test_the_feed_and_the_mails_say_the_same(app, session, group, actor, mette, read_by_both):
    from supervision.meetings import ical

    with app.test_request_context():
        one = session.scalars(select(Meeting).order_by(Meeting.number)).first()
        was_at = services.move(session, actor, one, on=date(2027, 1, 13), at_local=time(9), place="", now=NOW)
        mails.tell_moved(session, one, was_at, now=NOW)
        (text,) = calendars(session)
        feed = ical.feed([mails.entry_of(one)], ical.Words("Møde", "Møder")).decode()
    (mailed,), (fed,) = read_by_both(text)[1], read_by_both(feed)[1]
    assert mailed == fed


def test_an_invitation_names_the_system_and_the_reader_only(app, session, group, actor, mette):
    factories.make_member(session, group, factories.make_person(session, "Leyla", email="leyla@example.se"))
    with app.test_request_context():
        made = services.add_date(session, actor, group, on=date(2027, 2, 1), at_local=time(9), place="", now=NOW)
        mails.tell_added(session, made, now=NOW)
        texts = [text.replace("\r\n", "\n").replace("\n ", "") for text in calendars(session)]
    assert len(texts) == 2
    for text, address in zip(sorted(texts, key=lambda t: "leyla" in t), (mette.email, "leyla@example.se"), strict=True):
        assert [line for line in text.split("\n") if "mailto:" in line] == [
            f"ATTENDEE;PARTSTAT=ACCEPTED;RSVP=FALSE:mailto:{address}",
            "ORGANIZER:mailto:rundan@localhost",
        ]
        assert "SUMMARY:Møde" in text or "SUMMARY:Träff" in text
        for secret in ("Linden", "Leyla", "Mette", "Maria", "Norrhamn", "http", "DESCRIPTION"):
            assert secret not in text


def test_a_moved_series_is_one_mail_with_every_date(app, session, group, actor, mette, read_by_both):
    with app.test_request_context():
        dates = session.scalars(select(Meeting).order_by(Meeting.number)).all()
        lines = series.move_following(
            session, actor, dates[2], on=dates[2].local_on + timedelta(days=2), at_local=time(9), place="", now=NOW
        )
        mails.tell_series_moved(session, group, [line.meeting for line in lines], now=NOW)
        (text,) = calendars(session)
    method, entries = read_by_both(text)
    assert (method, len(entries)) == ("PUBLISH", len(dates) - 2)
    assert {entry.sequence for entry in entries} == {1}
    assert {entry.status for entry in entries} == {"CONFIRMED", "CANCELLED"}


def test_a_new_member_is_sent_the_dates_once(app, session, group, mette, clock):
    factories.make_member(session, group, left_at=NOW)
    factories.make_member(session, group, joined_at=NOW - timedelta(days=8))
    session.commit()
    from supervision.jobs import transaction

    for _ in range(2):
        with app.app_context():
            meetings_tasks.send_dates(transaction, clock.at)
    (mail,) = session.scalars(select(Mail)).all()
    assert (mail.to_email, mail.kind, mail.subject) == (mette.email, "dates", "Dine datoer med Grupp Linden")
    assert mail.calendar.count("BEGIN:VEVENT") == len(session.scalars(select(Meeting)).all())
    assert len(session.scalars(select(DatesSent)).all()) == 1
    message = tasks.as_message(mail, SENDER)
    (file,) = message.iter_attachments()
    assert (file.get_filename(), file.get_content_type(), file.get_param("method")) == (
        "rundan.ics",
        "text/calendar",
        "PUBLISH",
    )
