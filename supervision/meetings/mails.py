"""Mails about dates: moved, cancelled, added. Each goes to every member, in their own language."""

from collections.abc import Callable
from datetime import datetime

from flask import url_for
from flask_babel import force_locale
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from supervision.groups import queries as groups
from supervision.meetings import queries
from supervision.meetings.models import Meeting
from supervision.outbox.services import Letter, post
from supervision.people.models import Person
from supervision.web.dates import clock, day_of


def tell_moved(session: Session, meeting: Meeting, was_at: datetime, *, now: datetime) -> None:
    """Tell every member the new time or place."""
    _tell(session, meeting, lambda person: _moved(meeting, was_at, person), now)


def tell_cancelled(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Tell every member that a meeting is cancelled, and when the next one is."""
    following = queries.next_meeting(session, meeting.group_id, now)
    _tell(session, meeting, lambda person: _cancelled(meeting, following, person), now)


def tell_added(session: Session, meeting: Meeting, *, now: datetime) -> None:
    """Tell every member a date outside the series."""
    _tell(session, meeting, lambda person: _added(meeting, person), now)


def _tell(session: Session, meeting: Meeting, write: Callable[[Person], Letter], now: datetime) -> None:
    for seat in groups.members_of(session, meeting.group_id):
        person = seat.person
        with force_locale(person.language):
            letter = write(person)
        post(session, to=person.email, language=person.language, letter=letter, now=now)


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
        link=url_for("meetings.show_group", group_id=meeting.group_id, _external=True),
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
    return url_for("meetings.show", meeting_id=meeting.id, _external=True)
