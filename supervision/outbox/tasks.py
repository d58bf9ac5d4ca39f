"""Send what is due. One mail, one transaction; a Message-ID is made once, so a repeated mail can be recognised."""

import logging
import smtplib
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime
from uuid import UUID

from sqlalchemy.orm import Session

from supervision.outbox import queries
from supervision.outbox.models import Mail
from supervision.outbox.rules import OPENING, backoff

log = logging.getLogger(__name__)
CALENDAR_FILE = "rundan.ics"
MOST_AT_ONCE = 200
MOST_ATTEMPTS = 12
FAULT_MOST = 60  # characters; as the column has room for
UNSENDABLE = (OSError, smtplib.SMTPException, ValueError, IndexError)
"""A server that fails, and an address or subject that no header can carry: one such mail must not stop the others."""
Transaction = Callable[[], AbstractContextManager[Session]]
Send = Callable[[EmailMessage], None]


def as_message(mail: Mail, sender: str) -> EmailMessage:
    """Return a mail as it goes over the wire: text, HTML and what a calendar reads; its own Message-ID."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = mail.to_email
    message["Subject"] = mail.subject
    message["Message-ID"] = mail.message_id
    message["Date"] = format_datetime(mail.created_at)
    message["Content-Language"] = mail.language
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(mail.text)
    message.add_alternative(mail.html, subtype="html")
    if mail.calendar is None or mail.calendar_method is None:
        return message
    params = {"method": mail.calendar_method}
    if mail.calendar_method == "PUBLISH":
        message.add_attachment(mail.calendar, subtype="calendar", params=params, filename=CALENDAR_FILE)
    else:  # the last alternative, as calendars want it
        message.add_alternative(mail.calendar, subtype="calendar", params=params)
    return message


def send_due(transaction: Transaction, send: Send, *, sender: str, now: datetime, keeps_opening: bool = False) -> int:
    """Send all due mail and return how many were sent; a failure waits longer each time and is given up after 12.

    A mail is sent in no transaction, so a slow server blocks nobody; the short ones between note what became of the
    last mail and claim the next. Who is stopped between sending and noting leaves one mail that goes out once more,
    with the same Message-ID.

    What opens an account is forgotten at once, unless `keeps_opening`, as for the development mailbox.
    """
    with transaction() as session:
        due = queries.due_mail(session, now, MOST_AT_ONCE)
    sent = 0
    last: tuple[UUID, str] | None = None
    for mail_id in (*due, None):
        with transaction() as session:
            if last is not None:
                _note(session, *last, now=now, keeps_opening=keeps_opening)
            message = _claim(session, mail_id, sender=sender, now=now) if mail_id else None
        last = None
        if mail_id is None or message is None:
            continue
        try:
            send(message)
        except UNSENDABLE as fault:
            log.warning("mail %s could not be sent (%s)", mail_id, kind_of(fault))
            last = (mail_id, kind_of(fault))
        else:
            last = (mail_id, "")
            sent += 1
    return sent


def kind_of(fault: BaseException) -> str:
    """Return what went wrong for the log: its kind and the server's codes, never its words, which name the address."""
    refused: dict[str, tuple[int, bytes]] = getattr(fault, "recipients", None) or {}
    codes = {code for code, _words in refused.values()} | {
        getattr(fault, "smtp_code", None),
        getattr(fault, "errno", None),
    }
    return " ".join([type(fault).__name__, *sorted(str(code) for code in codes if code is not None)])


def _claim(session: Session, mail_id: UUID, *, sender: str, now: datetime) -> EmailMessage | None:
    """Count the try and put the next one off, so that no other process takes the mail; None when it is taken."""
    mail = queries.lock_due(session, mail_id, now)
    if mail is None:
        return None
    mail.attempts += 1
    mail.send_after_at = now + backoff(mail.attempts)
    try:
        return as_message(mail, sender)
    except UNSENDABLE as fault:
        log.warning("mail %s cannot be written (%s)", mail_id, kind_of(fault))
        mail.given_up_at = now
        mail.fault = kind_of(fault)[:FAULT_MOST]
        return None


def _note(session: Session, mail_id: UUID, fault: str, *, now: datetime, keeps_opening: bool) -> None:
    mail = session.get_one(Mail, mail_id)
    mail.fault = fault[:FAULT_MOST]
    if not fault:
        mail.sent_at = now
    elif mail.attempts >= MOST_ATTEMPTS:
        mail.given_up_at = now
    else:
        return
    if mail.kind in OPENING and not keeps_opening:
        mail.subject = mail.text = mail.html = ""
