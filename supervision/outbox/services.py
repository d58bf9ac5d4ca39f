"""Put a mail in the outbox, in the caller's transaction."""

from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Literal

from sqlalchemy.orm import Session

from supervision.kernel.ids import new_id
from supervision.outbox.models import Mail

SUBJECT_MOST = 200  # characters, as the outbox's column has room for


@dataclass(frozen=True, slots=True)
class CalendarPart:
    """What a mail does to the reader's calendar: an iCalendar text whose METHOD says the same (RFC 6047).

    REQUEST and CANCEL are about one date and travel beside the text; PUBLISH holds many and is a file to open.
    """

    method: Literal["REQUEST", "CANCEL", "PUBLISH"]
    text: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: paragraphs and at most one link, already in the reader's language.

    A letter about a date may bring a calendar part; calendars then take the date in, change it or cross it out.
    """

    kind: str
    subject: str
    lines: tuple[str, ...]
    link: str | None = None
    link_label: str = ""
    calendar: CalendarPart | None = None


def as_text(letter: Letter) -> str:
    """Return the plain text of a mail."""
    parts = [*letter.lines]
    if letter.link:
        parts.append(f"{letter.link_label}:\n{letter.link}")
    return "\n\n".join(parts) + "\n\n-- \nRundan\n"


def as_html(letter: Letter, language: str) -> str:
    """Return the HTML of a mail: plain paragraphs, no picture, nothing loaded from elsewhere."""
    parts = [f"<p>{escape(line)}</p>" for line in letter.lines]
    if letter.link:
        parts.append(f'<p><a href="{escape(letter.link)}">{escape(letter.link_label)}</a></p>')
    head = f'<html lang="{language}"><head><meta charset="utf-8"><title>{escape(letter.subject)}</title></head>'
    return f"<!doctype html>{head}<body>{''.join(parts)}<p>Rundan</p></body></html>"


def one_line(subject: str) -> str:
    """Return a subject as a mail's header can carry it: no line ends, and at most 200 characters."""
    return " ".join(subject.split())[:SUBJECT_MOST]


def post(
    session: Session, *, to: str, language: str, letter: Letter, now: datetime, not_before: datetime | None = None
) -> None:
    """Put a mail in the outbox; it is sent by the jobs process once the caller's transaction has committed."""
    session.add(
        Mail(
            to_email=to,
            language=language,
            kind=letter.kind,
            subject=one_line(letter.subject),
            text=as_text(letter),
            html=as_html(letter, language),
            calendar=letter.calendar.text if letter.calendar else None,
            calendar_method=letter.calendar.method if letter.calendar else None,
            message_id=f"<{new_id()}@rundan>",
            created_at=now,
            send_after_at=max(now, not_before or now),
        )
    )
