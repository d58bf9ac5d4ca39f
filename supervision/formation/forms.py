"""Forms about forming groups: a supervisor's times, an assignment's places, a move by hand, publishing."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from supervision.formation.rules.pool import Place
from supervision.groups.rules import SLOTS
from supervision.web.fields import NumberRange, SelectChoice, near_date
from supervision.web.i18n import LANGUAGES

MOST_GROUPS = 40  # our choice: more than one leads in a fortnight
MOST_ROOMS = 99
BLANK_ROWS = 2  # empty rows for places below those there are
SAME_UNIT = (1, 2, 3, 4)


class TimesForm(FlaskForm):
    """When a supervisor can lead groups."""

    slots = SelectMultipleField(_l("When can you lead a group?"), choices=[SelectChoice(slot, slot) for slot in SLOTS])
    most_groups = IntegerField(
        _l("How many groups at most?"),
        [InputRequired(), NumberRange(0, MOST_GROUPS, _l("Write a number from 0 to 40."))],
        default=4,
    )
    places = SelectMultipleField(_l("Where?"))
    languages = SelectMultipleField(_l("In which languages?"))

    def offer(self, places: list[str], languages: list[str]) -> None:
        """Let the supervisor choose among these; what was chosen before stays a choice."""
        names = dict.fromkeys([*places, *(self.places.data or [])])
        self.places.choices = [SelectChoice(one, one) for one in names]
        known = dict.fromkeys([*languages, *(self.languages.data or [])])
        self.languages.choices = [SelectChoice(one, LANGUAGES.get(one, one)) for one in known]

    def told(self) -> dict[str, Any]:
        """Return the answers as columns of the supervisor's times."""
        return {
            "slots": self.slots.data or [],
            "places": self.places.data or [],
            "languages": self.languages.data or [],
            "most_groups": self.most_groups.data or 0,
        }


class PlaceRow(Form):
    """One place; a row without a name is none."""

    name = StringField(_l("Name"), [Length(max=160)])
    rooms = IntegerField(_l("Rooms at one time"), [Optional(), NumberRange(0, MOST_ROOMS, _l("Write a number."))])
    is_step_free = BooleanField(_l("No stairs"))
    is_online = BooleanField(_l("By a link"))


class FrameForm(FlaskForm):
    """Where an assignment's groups may meet."""

    places = FieldList(FormField(PlaceRow), _l("Places"), max_entries=30)
    same_unit = SelectField(
        _l("How many from one unit in a group?"),
        coerce=int,
        choices=[SelectChoice(0, _l("any number")), *(SelectChoice(one, str(one)) for one in SAME_UNIT)],
    )

    def told(self) -> list[Place]:
        """Return the rows that have a name."""
        rows = [row.form for row in self.places]
        return [
            Place(
                (row.name.data or "").strip(),
                row.rooms.data,
                is_step_free=bool(row.is_step_free.data),
                is_online=bool(row.is_online.data),
            )
            for row in rows
            if (row.name.data or "").strip()
        ]


class MoveForm(FlaskForm):
    """Choose another group for someone; an empty choice means none."""

    to = RadioField(_l("Which group?"), [Optional()], coerce=str)


class PublishForm(FlaskForm):
    """Publish a proposal: the groups begin on their first day on or after this one."""

    first_on = DateField(_l("First day"), [InputRequired(_l("Choose a day.")), near_date])
