"""Dates as calendars read them (RFC 5545, RFC 5546): time and place only, never a name, a group, a title or a case.

Times are UTC instants: each date is an entry of its own and repeats nothing, so no rule about daylight saving travels
with it that a reader could apply in another way; every calendar shows it at its reader's wall time.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from icalendar import Calendar, Event, vCalAddress

Method = Literal["REQUEST", "CANCEL"]
PRODUCT = "-//Rundan//Rundan//EN"
UID_DOMAIN = "rundan"
FORM = 1  # raised when the text of the same dates becomes another, so that readers fetch it anew
READ_AGAIN = timedelta(hours=4)  # our choice: a phone sees a move the same day; mail tells at once


@dataclass(frozen=True, slots=True)
class Entry:
    """One date: who it is (the meeting's id), when, where, and which version of it this is."""

    meeting_id: uuid.UUID
    starts_at: datetime
    ends_at: datetime
    place: str
    sequence: int
    changed_at: datetime
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True)
class Words:
    """The neutral words of an entry, in the reader's language: "Träff", and what the calendar is called."""

    summary: str
    calendar: str


def feed(entries: Iterable[Entry], words: Words) -> bytes:
    """Return the text of a feed: no METHOD, so that DTSTAMP says when an entry was revised (RFC 5545, 3.8.7.2).

    The same dates are therefore the same bytes, whenever they are asked for.
    """
    calendar = _calendar()
    calendar.add("x-wr-calname", words.calendar)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", READ_AGAIN, parameters={"VALUE": "DURATION"})
    for entry in entries:
        calendar.add_component(_event(entry, words, entry.changed_at))
    return bytes(calendar.to_ical())


def published(entries: Iterable[Entry], words: Words, *, organiser: str, now: datetime) -> str:
    """Return several dates as a file to open once (METHOD:PUBLISH, RFC 5546, 3.2.1).

    A REQUEST may not hold dates with different UIDs, and a repeating entry would make every single move an exception
    to a rule; so a whole series is published, and each later change of one date is an invitation with the same UID.
    """
    calendar = _calendar("PUBLISH")
    for entry in entries:
        event = _event(entry, words, now)
        event["organizer"] = vCalAddress(f"mailto:{organiser}")
        calendar.add_component(event)
    return str(calendar.to_ical().decode())


def invitation(entry: Entry, words: Words, *, organiser: str, attendee: str, now: datetime) -> tuple[Method, str]:
    """Return the method and the text that enter, change or cross out one date in the calendar of one person.

    REQUEST for a date that stands, CANCEL for a cancelled one (RFC 5546, 3.2.2 and 3.2.5). The organiser is the
    system's address, the one attendee is the reader, who is counted on and need not answer.
    """
    method: Method = "CANCEL" if entry.is_cancelled else "REQUEST"
    calendar = _calendar(method)
    event = _event(entry, words, now)
    event["organizer"] = vCalAddress(f"mailto:{organiser}")
    reader = vCalAddress(f"mailto:{attendee}")
    reader.params["PARTSTAT"] = "ACCEPTED"
    reader.params["RSVP"] = "FALSE"
    event["attendee"] = reader
    calendar.add_component(event)
    return method, str(calendar.to_ical().decode())


def _calendar(method: str | None = None) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    if method:
        calendar.add("method", method)
    return calendar


def _event(entry: Entry, words: Words, stamp_at: datetime) -> Event:
    event = Event()
    event.add("uid", f"{entry.meeting_id}@{UID_DOMAIN}")
    event.add("dtstamp", stamp_at.replace(microsecond=0))
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("sequence", entry.sequence)
    event.add("last-modified", entry.changed_at.replace(microsecond=0))
    event.add("summary", words.summary)
    if entry.place:
        event.add("location", entry.place)
    event.add("status", "CANCELLED" if entry.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if entry.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    return event
