"""Forms about letting people in."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length

from supervision.web.fields import SelectChoice
from supervision.web.i18n import LANGUAGES

ADDRESS = (
    InputRequired(_l("Write an e-mail address.")),
    Email(_l("The address does not look complete.")),
    Length(max=254),
)


class CoordinatorForm(FlaskForm):
    """Invite a coordinator."""

    name = StringField(_l("Name"), [InputRequired(_l("Write a name.")), Length(max=120)])
    email = EmailField(_l("E-mail"), ADDRESS)


class SupervisorForm(CoordinatorForm):
    """Invite a supervisor."""

    language = SelectField(_l("Language"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])


class AgainForm(FlaskForm):
    """Send an invitation again."""

    email = EmailField(_l("E-mail"), ADDRESS)


class SecondStepsForm(FlaskForm):
    """Take someone's second steps away."""

    email = EmailField(_l("E-mail"), ADDRESS)
    is_sure = BooleanField(
        _l("I have made sure, by another way than mail, that it is this person who asks"),
        [InputRequired(_l("Make sure first that it is this person who asks."))],
    )
