"""Forms about a group's dates, answers and attendance."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectMultipleField,
    StringField,
    TimeField,
    URLField,
)
from wtforms.validators import URL, AnyOf, InputRequired, Length, Optional

from supervision.meetings.models import Meeting
from supervision.people.models import Person
from supervision.web.dates import clock, sentence_case, short_day
from supervision.web.fields import NumberRange, SelectChoice, near_date

KINDS = {
    "present": _l("Was there"),
    "late": _l("Came late"),
    "left_early": _l("Left early"),
    "absent": _l("Was not there"),
}


class GroupForm(FlaskForm):
    """A new group: its name, when it meets the first time, and where."""

    name = StringField(_l("Name of the group"), [InputRequired(_l("Write a name.")), Length(max=60)])
    first_on = DateField(_l("First date"), [InputRequired(_l("Choose the first date.")), near_date])
    at_local = TimeField(_l("Time"), [InputRequired(_l("Choose a time."))])
    seats = IntegerField(
        _l("Seats"), [InputRequired(_l("Write a number.")), NumberRange(4, 8, _l("A group has 4 to 8 seats."))]
    )
    place = StringField(_l("Place"), [Length(max=160)])
    online_link = URLField(
        _l("Online link"), [Optional(), URL(message=_l("The link does not look complete.")), Length(max=300)]
    )

    def facts(self) -> dict[str, Any]:
        """Return what a group is opened with."""
        return {
            "name": (self.name.data or "").strip(),
            "first_on": self.first_on.data,
            "at_local": self.at_local.data,
            "seats": self.seats.data,
            "place": (self.place.data or "").strip(),
            "online_link": (self.online_link.data or "").strip(),
        }


class DateForm(FlaskForm):
    """One new date. `seen` holds what the supervisor has been shown before confirming."""

    on = DateField(_l("Date"), [InputRequired(_l("Choose a date.")), near_date])
    at_local = TimeField(_l("Time"), [InputRequired(_l("Choose a time."))])
    place = StringField(_l("Place"), [Length(max=160)])
    seen = HiddenField()

    def facts(self) -> dict[str, Any]:
        """Return the date, the wall time and the place."""
        return {"on": self.on.data, "at_local": self.at_local.data, "place": (self.place.data or "").strip()}

    def shown(self) -> str:
        """Return what a preview of these values would show; a confirmation counts for exactly that."""
        return " ".join(str(value) for value in self.facts().values())

    @property
    def is_confirmed(self) -> bool:
        """Whether these very values were shown before, and the button below them was pressed."""
        return request.form.get("step") == "confirm" and self.seen.data == self.shown()


class MoveForm(DateForm):
    """Where a meeting is moved to, alone or with all that follow."""

    scope = RadioField(
        _l("What is moved"),
        choices=[
            SelectChoice("this", _l("This date only")),
            SelectChoice("following", _l("This and all following dates")),
        ],
        default="this",
    )

    def shown(self) -> str:
        """Return what a preview of these values would show."""
        return f"{super().shown()} {self.scope.data}"

    @property
    def moves_all(self) -> bool:
        """Whether the dates after this one move too."""
        return bool(self.scope.data == "following")


class ExtendForm(FlaskForm):
    """Until when the series gets its next dates."""

    until_on = DateField(_l("Last day"), [InputRequired(_l("Choose the last day.")), near_date])


class CancelForm(FlaskForm):
    """Who cancels a meeting; it decides what the invoice says. No reason is asked."""

    who = RadioField(
        _l("Who cancels"),
        choices=[SelectChoice("supervisor", _l("I do")), SelectChoice("organisation", _l("The client organisation"))],
        default="supervisor",
    )


class AnswerForm(FlaskForm):
    """Whether one comes to one date; one tap."""

    is_coming = StringField(validators=[AnyOf(["yes", "no"])])
    next = HiddenField()


class AnswersForm(FlaskForm):
    """The dates to which a member can't come; the others count on them."""

    away_from = SelectMultipleField(_l("I come, except"))

    def offer(self, meetings: Iterable[Meeting]) -> None:
        """Offer these dates to tick."""
        self.away_from.choices = [SelectChoice(str(one.id), _when(one)) for one in meetings]

    def away(self) -> frozenset[uuid.UUID]:
        """Return the ids of the ticked dates."""
        return frozenset(uuid.UUID(one) for one in self.away_from.data or ())


def _when(meeting: Meeting) -> str:
    return f"{sentence_case(short_day(meeting.local_on))} {clock(meeting.starts_at, meeting.group.zone)}"


def attendance_form(
    people: Iterable[Person],
    known: Mapping[uuid.UUID, str],
    seen: Mapping[uuid.UUID, str],
    away: Collection[uuid.UUID],
) -> FlaskForm:
    """Return a form with one row of four kinds per member, filled in.

    What was recorded stands; else what the round saw; else someone who said they can't come is absent and everyone
    else present.
    """
    rows: dict[str, Any] = {}
    for person in people:
        usual = "absent" if person.id in away else "present"
        rows[f"kind_{person.id.hex}"] = RadioField(
            person.name,
            [InputRequired(_("Choose one."))],
            choices=[SelectChoice(kind, word) for kind, word in KINDS.items()],
            default=known.get(person.id, seen.get(person.id, usual)),
        )
    return cast("FlaskForm", type("AttendanceForm", (FlaskForm,), rows)())


def kinds_of(form: FlaskForm) -> dict[uuid.UUID, str]:
    """Return person id -> kind, as an attendance form was sent."""
    return {
        uuid.UUID(name.removeprefix("kind_")): str(value)
        for name, value in form.data.items()
        if name.startswith("kind_")
    }
