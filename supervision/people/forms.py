"""Forms about identity: parse and bound, no rules."""

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, PasswordField, SelectField, StringField
from wtforms.validators import Email, InputRequired, Length

from supervision.web.fields import SelectChoice
from supervision.web.i18n import LANGUAGES

ADDRESS = (
    InputRequired(_l("Write your e-mail address.")),
    Email(_l("The address does not look complete. Check what stands after the @ sign.")),
    Length(max=254),
)


class AddressForm(FlaskForm):
    """Ask for a code."""

    email = EmailField(_l("E-mail"), ADDRESS)


class CodeForm(FlaskForm):
    """Type the code."""

    code = StringField(_l("Code"), [InputRequired(_l("Write the eight digits.")), Length(max=12)])
    is_own_device = BooleanField(_l("This is my own device"))


class PasswordForm(FlaskForm):
    """Sign in with a password."""

    email = EmailField(_l("E-mail"), ADDRESS)
    password = PasswordField(_l("Password"), [InputRequired(_l("Write your password.")), Length(max=128)])
    is_own_device = BooleanField(_l("This is my own device"))


class NewPasswordForm(FlaskForm):
    """Choose a password."""

    password = PasswordField(_l("New password"), [InputRequired(_l("Write a password.")), Length(max=200)])


class ChangePasswordForm(FlaskForm):
    """Change one's password."""

    present = PasswordField(_l("Present password"), [InputRequired(_l("Write your password.")), Length(max=128)])
    password = PasswordField(_l("New password"), [InputRequired(_l("Write a password.")), Length(max=200)])


class ProfileForm(FlaskForm):
    """Change one's own name and language."""

    name = StringField(_l("Name"), [InputRequired(_l("Write your name.")), Length(max=120)])
    language = SelectField(_l("Language"), choices=[SelectChoice(*pair) for pair in LANGUAGES.items()])
    wants_reminders = BooleanField(_l("Remind me before each meeting"))


class Nothing(FlaskForm):
    """A button: carries only the token against forged requests."""
