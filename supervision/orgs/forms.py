"""Forms about organisations and assignments."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    URLField,
)
from wtforms.validators import URL, Email, InputRequired, Length, Optional

from supervision.web.fields import NumberRange, SelectChoice, near_date

COUNTRIES = [SelectChoice("SE", _l("Sweden")), SelectChoice("DK", _l("Denmark"))]


class OrganisationForm(FlaskForm):
    """A client organisation."""

    name = StringField(_l("Name"), [InputRequired(_l("Write the organisation's name.")), Length(max=120)])
    country = RadioField(_l("Country"), choices=COUNTRIES, default="SE")


class AssignmentForm(FlaskForm):
    """An assignment, with the field's usual values filled in."""

    title = StringField(_l("Name of the assignment"), [InputRequired(_l("Write a name.")), Length(max=120)])
    starts_on = DateField(_l("From"), [InputRequired(_l("Choose the first day.")), near_date])
    ends_on = DateField(_l("Until"), [InputRequired(_l("Choose the last day.")), near_date])
    seats_min = IntegerField(_l("At least"), [InputRequired(), NumberRange(4, 8)], default=5)
    seats_max = IntegerField(_l("At most"), [InputRequired(), NumberRange(4, 8)], default=7)
    length_min = IntegerField(_l("Minutes per meeting"), [InputRequired(), NumberRange(30, 240)], default=90)
    every_days = SelectField(
        _l("How often"),
        coerce=int,
        choices=[SelectChoice(14, _l("Every second week")), SelectChoice(7, _l("Every week"))],
        default=14,
    )
    holidays_of = RadioField(_l("Skip public holidays of"), choices=COUNTRIES, default="SE")
    break_weeks = StringField(_l("Break weeks"), [Length(max=80)], default="26-32, 51-1")
    place = StringField(_l("Place"), [Length(max=160)])
    online_link = URLField(_l("Online link"), [Optional(), URL(), Length(max=300)])
    aims = TextAreaField(_l("What the supervision is for"), [Length(max=2000)])
    working_time_rule = StringField(_l("Working time"), [Length(max=300)])
    price = IntegerField(_l("Price per unit"), [Optional(), NumberRange(0, 1_000_000)])
    unit_min = SelectField(
        _l("Length of a unit"), coerce=int, choices=[SelectChoice(n, f"{n} min") for n in (45, 60, 90)], default=45
    )
    late_cancel_days = IntegerField(_l("Late cancellation, days"), [InputRequired(), NumberRange(0, 60)], default=5)
    order_reference = StringField(_l("Order reference"), [Length(max=60)])
    is_internal = BooleanField(_l("I am employed by this organisation"))

    def facts(self) -> dict[str, Any]:
        """Return the fields as columns of an assignment."""
        left_out = {"csrf_token"}
        return {name: value for name, value in self.data.items() if name not in left_out and value is not None}


class ProlongForm(FlaskForm):
    """Let an assignment last longer."""

    ends_on = DateField(_l("New last day"), [InputRequired(_l("Choose the last day.")), near_date])


class RoleForm(FlaskForm):
    """Invite a manager or coordinator."""

    name = StringField(_l("Name"), [InputRequired(_l("Write a name.")), Length(max=120)])
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_l("Write an e-mail address.")), Email(_l("The address does not look complete."))],
    )
    role = RadioField(
        _l("Role"),
        choices=[
            SelectChoice("manager", _l("Manager: sees released evaluations")),
            SelectChoice("coordinator", _l("Coordinator: plans")),
        ],
        default="manager",
    )
