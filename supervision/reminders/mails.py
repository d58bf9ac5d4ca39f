"""The reminder, and the question to the supervisor whether a meeting with few is held."""

from flask import current_app
from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.groups.models import Membership
from supervision.meetings.models import Meeting
from supervision.outbox.services import Letter
from supervision.people.models import Person
from supervision.reminders.rules import OneDate, sign
from supervision.web.dates import clock, day_of
from supervision.web.links import outside


def reminder_letter(meeting: Meeting, membership: Membership) -> Letter:
    """Return the reminder to a member. It assumes that they come; the link is for saying that they can't."""
    group, person = meeting.group, membership.person
    date = OneDate(meeting.id, membership.id, meeting.starts_at)
    token = sign(current_app.config["SETTINGS"].secret_key, date)
    with force_locale(person.language):
        when = {"day": day_of(meeting.starts_at, group.zone), "time": clock(meeting.starts_at, group.zone)}
        return Letter(
            kind="reminder",
            subject=_("We meet on %(day)s at %(time)s", **when),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("%(group)s meets on %(day)s at %(time)s.", group=group.name, **when),
                _("Place: %(place)s", place=meeting.place) if meeting.place else _("We meet online."),
                _("We count on you. You need not answer."),
                _("The link below is for this date and for you alone, so do not pass the mail on."),
                _("You can turn reminders off in Rundan, under Me."),
            ),
            link=outside("reminders.one_date", token=token),
            link_label=_("If you can't come"),
        )


def few_letter(meeting: Meeting, supervisor: Person) -> Letter:
    """Return the question to the supervisor; it names nobody and says no number but the limit."""
    group = meeting.group
    with force_locale(supervisor.language):
        when = {"day": day_of(meeting.starts_at, group.zone), "time": clock(meeting.starts_at, group.zone)}
        return Letter(
            kind="few",
            subject=_("Few come on %(day)s", day=when["day"]),
            lines=(
                _("Hello %(name)s.", name=supervisor.name),
                _("Fewer than three come to %(group)s on %(day)s at %(time)s.", group=group.name, **when),
                _("You decide: hold it anyway, move it or cancel it. We ask once."),
            ),
            link=outside("meetings.show", meeting_id=meeting.id),
            link_label=_("See who comes and decide"),
        )
