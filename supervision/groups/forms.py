"""Forms about sign-up, seats and the agreement."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length, Optional

from supervision.groups.rules import SEATS_ALLOWED, SLOTS
from supervision.people.forms import AddressForm
from supervision.web.fields import NumberRange, SelectChoice
from supervision.web.i18n import LANGUAGES

EXPERIENCE = [
    SelectChoice("under2", _l("Under 2 years")),
    SelectChoice("2to5", _l("2–5 years")),
    SelectChoice("6to15", _l("6–15 years")),
    SelectChoice("over15", _l("Over 15 years")),
]
NEEDS = {
    "hearing": _l("Hearing loop"),
    "interpreter": _l("Interpreter"),
    "step_free": _l("No stairs"),
    "remote": _l("From a distance"),
}


class JoinForm(AddressForm):
    """Sign up for an assignment."""

    name = StringField(_l("Your name"), [InputRequired(_l("Write your name.")), Length(max=120)])
    language = SelectField(_l("Language"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])
    unit = StringField(_l("Unit"), [Length(max=120)])
    slots = SelectMultipleField(_l("Which times can you come?"), choices=[SelectChoice(slot, slot) for slot in SLOTS])
    experience = RadioField(_l("How long have you worked close to people?"), [Optional()], choices=EXPERIENCE)
    needs = SelectMultipleField(
        _l("Do you need anything to take part?"), choices=[SelectChoice(*pair) for pair in NEEDS.items()]
    )
    not_with = StringField(_l("Is there someone you do not want to share a group with?"), [Length(max=200)])

    def kept(self) -> dict[str, Any]:
        """Return what was typed, to be kept sealed until the code is typed."""
        return {name: value for name, value in self.data.items() if name != "csrf_token" and value}


class ChooseGroupForm(FlaskForm):
    """Choose a group by the button beside it."""

    group_id = HiddenField(validators=[InputRequired()])


class SeatsForm(FlaskForm):
    """Change a group's number of seats."""

    seats = IntegerField(_l("Seats"), [InputRequired(), NumberRange(*SEATS_ALLOWED, _l("A group has 4 to 8 seats."))])


class AcceptForm(FlaskForm):
    """Accept a version of the agreement."""

    version = HiddenField(validators=[InputRequired()])


class AgreementForm(FlaskForm):
    """Change the agreement's text."""

    text = TextAreaField(_l("The text"), [InputRequired(_l("The agreement needs a text.")), Length(max=10_000)])
