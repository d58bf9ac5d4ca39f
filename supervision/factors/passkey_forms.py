"""Forms about passkeys: what the browser made travels in a hidden field."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired, Length

from supervision.factors.passkey_rules import CREDENTIAL_MOST, NAME_MOST


class UseForm(FlaskForm):
    """Sign in with a passkey."""

    credential = HiddenField("", [Length(max=CREDENTIAL_MOST)])


class NameForm(FlaskForm):
    """Name a passkey."""

    name = StringField(_l("Name of the device"), [InputRequired(_l("Write a name.")), Length(max=NAME_MOST)])


class NewForm(NameForm):
    """Make a passkey."""

    credential = HiddenField("", [Length(max=CREDENTIAL_MOST)])
