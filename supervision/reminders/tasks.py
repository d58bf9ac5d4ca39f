"""What is sent by itself before a meeting. Each sweep can run twice; one meeting, one transaction."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.outbox.services import post
from supervision.reminders import mails, queries, services

Transaction = Callable[[], AbstractContextManager[Session]]


def remind(transaction: Transaction, now: datetime) -> int:
    """Remind the members of the meetings that are near; returns how many mails were written.

    Mail and note are written under the meeting's lock, so who is stopped half-way has done nothing.
    """
    with transaction() as session:
        due = queries.due_meetings(session, now)
    reminded = 0
    for meeting_id in due:
        with transaction() as session:
            meeting = queries.lock_meeting(session, meeting_id)
            if meeting is None:
                continue
            for membership in queries.to_remind(session, meeting_id):
                services.note_sent(session, meeting, membership.person, "coming", now=now)
                letter = mails.reminder_letter(meeting, membership)
                person = membership.person
                post(session, to=person.email, language=person.language, letter=letter, now=now)
                reminded += 1
    return reminded


def ask_about_few(transaction: Transaction, now: datetime) -> int:
    """Ask the supervisors of meetings with fewer than three coming whether they are held; returns how many."""
    with transaction() as session:
        due = queries.thin_meetings(session, now)
    asked = 0
    for meeting_id in due:
        with transaction() as session:
            meeting = queries.lock_meeting(session, meeting_id)
            if meeting is None or meeting_id not in queries.thin_meetings(session, now):
                continue
            supervisor = meeting.group.assignment.supervisor
            services.note_sent(session, meeting, supervisor, "few", now=now)
            letter = mails.few_letter(meeting, supervisor)
            post(session, to=supervisor.email, language=supervisor.language, letter=letter, now=now)
            asked += 1
    return asked
