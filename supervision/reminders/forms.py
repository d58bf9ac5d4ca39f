"""What a reminder's link asks."""

from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import AnyOf


class OneDateForm(FlaskForm):
    """Whether one comes to one date; one button."""

    is_coming = StringField(validators=[AnyOf(["yes", "no"])])
