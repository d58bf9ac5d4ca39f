"""Forms about forming groups: a supervisor's times, an assignment's places, a move by hand, publishing."""

from collections.abc import Sequence
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
)
from wtforms.validators import InputRequired, Length, Optional

from supervision.formation.rules.instance import FINE, IF_NEEDED, PREFER
from supervision.formation.rules.pool import Place
from supervision.groups.rules import SLOTS
from supervision.web.fields import NumberRange, SelectChoice, maybe_one, near_date
from supervision.web.i18n import LANGUAGES

MOST_GROUPS = 40  # our choice: more than one leads in a fortnight
MOST_ROOMS = 99
MOST_KM = 300  # our choice: nobody goes further for two hours
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


class WayRow(Form):
    """The way to one place."""

    name = HiddenField()
    km = IntegerField(_l("Kilometres"), [Optional(), NumberRange(0, MOST_KM, _l("Write a number from 0 to 300."))])


class SlotRow(Form):
    """How gladly someone comes at one of their times."""

    slot = HiddenField()
    wish = RadioField(
        choices=[
            SelectChoice(PREFER, _l("best")),
            SelectChoice(FINE, _l("fine")),
            SelectChoice(IF_NEEDED, _l("if needed")),
        ],
        coerce=int,
        default=FINE,
    )


class WishesForm(FlaskForm):
    """Which of the told times suit best, and how far it is to the places."""

    slots = FieldList(FormField(SlotRow), _l("Your times"), max_entries=len(SLOTS))
    ways = FieldList(FormField(WayRow), _l("How far is it to you?"), max_entries=30)

    def offer(self, slots: Sequence[tuple[str, str, int | None]], ways: Sequence[tuple[str, float | None]]) -> None:
        """Show these (slot, its word, wish) and (place, kilometres), whatever the browser sent of other rows."""
        self.words = {slot: word for slot, word, _wish in slots}
        self.places = {name for name, _km in ways}
        if not self.is_submitted():
            for slot, _word, wish in slots:
                self.slots.append_entry({"slot": slot, "wish": FINE if wish is None else wish})
            for name, km in ways:
                self.ways.append_entry({"name": name, "km": None if km is None else round(km)})

    def told_wishes(self) -> dict[str, int]:
        """Return the wishes that are not simply fine, for times that were asked about."""
        rows = {row.form.slot.data: row.form.wish.data for row in self.slots}
        return {slot: wish for slot, wish in rows.items() if slot in self.words and wish != FINE}

    def told_ways(self) -> dict[str, float]:
        """Return the ways that were told, to places that were asked about."""
        rows = {row.form.name.data: row.form.km.data for row in self.ways}
        return {name: float(km) for name, km in rows.items() if name in self.places and km is not None}


class MoveForm(FlaskForm):
    """Choose another group for someone; an empty choice means none."""

    to = RadioField(_l("Which group?"), [maybe_one], coerce=str)


class PublishForm(FlaskForm):
    """Publish a proposal: the groups begin on their first day on or after this one."""

    first_on = DateField(_l("First day"), [InputRequired(_l("Choose a day.")), near_date])
