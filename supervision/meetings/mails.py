"""Mails about dates: moved, cancelled, added, or many at once. Each goes to every member, in their own language.

A mail about one date enters, changes or crosses out that date in the reader's calendar; one about many brings a file.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from email.utils import parseaddr

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.groups import queries as groups
from supervision.groups.mails import group_ended_letter
from supervision.groups.models import Group
from supervision.meetings import ical, queries
from supervision.meetings.models import Meeting
from supervision.outbox.services import CalendarPart, Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of, short_day
from supervision.web.links import outside


def tell_moved(session: Session, meeting: Meeting, was_at: datetime, *, now: datetime) -> None:
    """Tell every member the new time or place."""
    _tell_one(session, meeting, lambda person: _moved(meeting, was_at, person), now)


def tell_cancelled(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Tell every member that a meeting is cancelled, and when the next one is."""
    following = queries.next_meeting(session, meeting.group_id, now)
    _tell_one(session, meeting, lambda person: _cancelled(meeting, following, person), now)


def tell_added(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Tell every member a date outside the series."""
    _tell_one(session, meeting, lambda person: _added(meeting, person), now)


def tell_extended(session: Session, group: Group, added: Sequence[Meeting], *, now: datetime) -> None:
    """Tell every member the next dates of the series."""
    _tell(session, group, lambda person: _next_dates(group, added, person, now), now)


def tell_series_moved(session: Session, group: Group, moved: Sequence[Meeting], *, now: datetime) -> None:
    """Tell every member the new times of a series that was moved, and which dates fall away."""
    _tell(session, group, lambda person: _series_moved(group, moved, person, now), now)


def tell_ended(
    session: Session, group: Group, people: Iterable[Person], left: Sequence[Meeting], *, now: datetime
) -> None:
    """Tell those who sat in a group to its end that it has ended; the dates left are crossed out in calendars."""
    for person in people:
        with force_locale(person.language):
            letter = group_ended_letter(person, group)
            if left:
                file = ical.published([entry_of(one) for one in left], words(), organiser=_organiser(), now=now)
                letter = replace(letter, calendar=CalendarPart("PUBLISH", file))
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def _tell_one(session: Session, meeting: Meeting, write: Callable[[Person], Letter], now: datetime) -> None:
    """Post a letter about one date, with the part that a calendar reads."""

    def with_date(person: Person) -> Letter:
        method, text = ical.invitation(
            entry_of(meeting), words(), organiser=_organiser(), attendee=person.email, now=now
        )
        return replace(write(person), calendar=CalendarPart(method, text))

    _tell(session, meeting.group, with_date, now)


def _tell(session: Session, group: Group, write: Callable[[Person], Letter], now: datetime) -> None:
    for seat in groups.members_of(session, group.id):
        person = seat.person
        with force_locale(person.language):
            letter = write(person)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


def entry_of(meeting: Meeting) -> ical.Entry:
    """Return a date as calendars know it: when and where, nothing else."""
    group = meeting.group
    return ical.Entry(
        meeting_id=meeting.id,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        place=where(meeting.place, group.online_link),
        sequence=meeting.sequence,
        changed_at=meeting.changed_at or group.created_at,
        is_cancelled=meeting.status == "cancelled",
    )


def words() -> ical.Words:
    """Return the neutral words of an entry in the present language; a calendar may lie open on a table."""
    return ical.Words(summary=_("Meeting"), calendar=_("Meetings"))


def where(place: str, online_link: str) -> str:
    """Return the place of an entry; an online link stays in Rundan, since it opens the group's room."""
    return place or (_("Online") if online_link else "")


def _organiser() -> str:
    return parseaddr(current_app.config["SETTINGS"].mail_from)[1]


def dates_letter(group: Group, meetings: Sequence[Meeting], person: Person, now: datetime) -> Letter:
    """Return the mail with all dates ahead to someone who has got a seat."""
    with force_locale(person.language):
        return _many(
            "dates",
            _("Your dates with %(group)s", group=group.name),
            (
                _hello(person),
                _("You have a seat in %(group)s. These are the dates:", group=group.name),
                _list(meetings),
            ),
            group,
            meetings,
            now,
        )


def _next_dates(group: Group, added: Sequence[Meeting], person: Person, now: datetime) -> Letter:
    subject = _("The next dates of %(group)s", group=group.name)
    line = _("%(group)s goes on. These are the next dates:", group=group.name)
    return _many("extended", subject, (_hello(person), line, _list(added)), group, added, now)


def _series_moved(group: Group, moved: Sequence[Meeting], person: Person, now: datetime) -> Letter:
    stand = [one for one in moved if one.status != "cancelled"]
    gone = [one for one in moved if one.status == "cancelled"]
    lines = [_hello(person), _("%(group)s meets on other days or times. From now on:", group=group.name), _list(stand)]
    if gone:
        lines.append(_("These dates fall away: %(dates)s.", dates=_list(gone)))
    lines.append(_counted_on())
    return _many("series_moved", _("New times for %(group)s", group=group.name), tuple(lines), group, moved, now)


def _many(
    kind: str, subject: str, lines: tuple[str, ...], group: Group, meetings: Iterable[Meeting], now: datetime
) -> Letter:
    file = ical.published([entry_of(one) for one in meetings], words(), organiser=_organiser(), now=now)
    more = (
        _("The file that comes with this mail puts the dates into your calendar. It holds times and places only."),
        _("Your phone can also follow the dates by itself: open Me in Rundan and choose Dates in my calendar."),
    )
    return Letter(
        kind=kind,
        subject=subject,
        lines=lines + more,
        link=outside("meetings.show_group", group_id=group.id),
        link_label=_("See all dates"),
        calendar=CalendarPart("PUBLISH", file),
    )


def _list(meetings: Iterable[Meeting]) -> str:
    return ", ".join(f"{short_day(one.local_on)} {clock(one.starts_at, one.group.zone)}" for one in meetings)


def _moved(meeting: Meeting, was_at: datetime, person: Person) -> Letter:
    zone, at = meeting.group.zone, meeting.starts_at
    if at == was_at:
        subject = _("Another place on %(day)s", day=day_of(at, zone))
        line = _(
            "%(group)s meets in another place on %(day)s at %(time)s.",
            group=meeting.group.name,
            day=day_of(at, zone),
            time=clock(at, zone),
        )
    else:
        subject = _("The meeting is moved to %(day)s at %(time)s", day=day_of(at, zone), time=clock(at, zone))
        line = _(
            "%(group)s meets on %(day)s at %(time)s instead of %(old_day)s at %(old_time)s.",
            group=meeting.group.name,
            day=day_of(at, zone),
            time=clock(at, zone),
            old_day=day_of(was_at, zone),
            old_time=clock(was_at, zone),
        )
    lines = (_hello(person), line, _where(meeting), _counted_on())
    return Letter(kind="moved", subject=subject, lines=lines, link=_link(meeting), link_label=_("See the meeting"))


def _cancelled(meeting: Meeting, following: Meeting | None, person: Person) -> Letter:
    zone, at = meeting.group.zone, meeting.starts_at
    line = _(
        "%(group)s does not meet on %(day)s at %(time)s.",
        group=meeting.group.name,
        day=day_of(at, zone),
        time=clock(at, zone),
    )
    lines = [_hello(person), line]
    if following:
        lines.append(
            _(
                "The next meeting is on %(day)s at %(time)s.",
                day=day_of(following.starts_at, zone),
                time=clock(following.starts_at, zone),
            )
        )
    return Letter(
        kind="cancelled",
        subject=_("The meeting on %(day)s is cancelled", day=day_of(at, zone)),
        lines=tuple(lines),
        link=outside("meetings.show_group", group_id=meeting.group_id),
        link_label=_("See all dates"),
    )


def _added(meeting: Meeting, person: Person) -> Letter:
    zone, at = meeting.group.zone, meeting.starts_at
    line = _(
        "%(group)s meets on %(day)s at %(time)s too.",
        group=meeting.group.name,
        day=day_of(at, zone),
        time=clock(at, zone),
    )
    return Letter(
        kind="added",
        subject=_("One more date: %(day)s at %(time)s", day=day_of(at, zone), time=clock(at, zone)),
        lines=(_hello(person), line, _where(meeting), _counted_on()),
        link=_link(meeting),
        link_label=_("See the meeting"),
    )


def _hello(person: Person) -> str:
    return str(_("Hello %(name)s.", name=person.name))


def _where(meeting: Meeting) -> str:
    return str(_("Place: %(place)s", place=meeting.place) if meeting.place else _("We meet online."))


def _counted_on() -> str:
    return str(_("We count on you. If you can't come, one tap is enough, and you give no reason."))


def _link(meeting: Meeting) -> str:
    return outside("meetings.show", meeting_id=meeting.id)
