"""Forms about the second factor: parse and bound, no rules."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length


class FactorForm(FlaskForm):
    """Type the password that the authenticator app shows."""

    code = StringField(_l("Code from the app"), [InputRequired(_l("Write the six digits.")), Length(max=12)])


class SetUpForm(FactorForm):
    """The first password of a new authenticator app, and the app's signed secret."""

    secret = HiddenField()


class RecoveryForm(FlaskForm):
    """Type a recovery code."""

    code = StringField(_l("Recovery code"), [InputRequired(_l("Write one of your recovery codes.")), Length(max=40)])
