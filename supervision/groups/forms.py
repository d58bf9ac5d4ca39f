"""Forms about sign-up, seats and the agreement."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired, Length

from supervision.groups.rules import SEATS_ALLOWED, SLOTS
from supervision.groups.services import NOT_TOLD
from supervision.people.forms import AddressForm
from supervision.web.fields import NumberRange, SelectChoice, maybe_one
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


def once(values: list[str] | None) -> list[str] | None:
    """Return each chosen value once: a browser sends it once, and a thousand times is nothing to keep or to show."""
    return None if values is None else list(dict.fromkeys(values))


class SignUpForm(FlaskForm):
    """What one tells at sign-up, and may change later."""

    unit = StringField(_l("Unit"), [Length(max=120)])
    slots = SelectMultipleField(
        _l("Which times can you come?"), choices=[SelectChoice(slot, slot) for slot in SLOTS], filters=[once]
    )
    experience = RadioField(_l("How long have you worked close to people?"), [maybe_one], choices=EXPERIENCE)
    needs = SelectMultipleField(
        _l("Do you need anything to take part?"),
        choices=[SelectChoice(*pair) for pair in NEEDS.items()],
        filters=[once],
    )
    not_with = StringField(_l("Is there someone you do not want to share a group with?"), [Length(max=200)])

    def told(self) -> dict[str, Any]:
        """Return the answers as columns of a sign-up."""
        return {name: self.data[name] or empty for name, empty in NOT_TOLD.items()}


class JoinForm(SignUpForm, AddressForm):
    """Sign up for an assignment."""

    name = StringField(_l("Your name"), [InputRequired(_l("Write your name.")), Length(max=120)])
    language = SelectField(_l("Language"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])

    def kept(self) -> dict[str, Any]:
        """Return what was typed, to be kept sealed until the code is typed."""
        return {name: value for name, value in self.data.items() if name != "csrf_token" and value}


class ChooseGroupForm(FlaskForm):
    """Choose a group by the button beside it."""

    group_id = HiddenField(validators=[InputRequired()])


class SeatsForm(FlaskForm):
    """Change a group's number of seats."""

    seats = IntegerField(_l("Seats"), [InputRequired(), NumberRange(*SEATS_ALLOWED, _l("A group has 4 to 8 seats."))])


class MergeForm(FlaskForm):
    """Choose the group another moves into."""

    into = RadioField(_l("Which group do they move to?"), [InputRequired(_l("Choose a group."))], coerce=str)


class ContactForm(FlaskForm):
    """Choose a group's contact person; an empty choice means nobody."""

    person_id = RadioField(_l("Contact person"), [maybe_one], coerce=str)


class StaffListForm(FlaskForm):
    """Choose a staff list to read."""

    file = FileField(_l("Staff list"), [FileRequired(_l("Choose a file."))])


class AcceptForm(FlaskForm):
    """Accept a version of the agreement."""

    version = HiddenField(validators=[InputRequired()])


class AgreementForm(FlaskForm):
    """Change the agreement's text."""

    text = TextAreaField(_l("The text"), [InputRequired(_l("The agreement needs a text.")), Length(max=10_000)])
