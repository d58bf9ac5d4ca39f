"""Forms about one's own data."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length


class EraseForm(FlaskForm):
    """Confirm by writing one's own address."""

    email = StringField(
        _l("Write your e-mail address"), [InputRequired(_l("Write your e-mail address.")), Length(max=254)]
    )
