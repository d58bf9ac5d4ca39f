"""Mails about identity."""

from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.outbox.services import Letter
from supervision.people.models import Person
from supervision.web.links import outside


def code_letter(code: str, language: str) -> Letter:
    """Return the mail with a sign-in code."""
    with force_locale(language):
        return Letter(
            kind="code",
            subject=_("Your code for Rundan: %(code)s", code=f"{code[:4]} {code[4:]}"),
            lines=(
                _("Your code is %(code)s.", code=f"{code[:4]} {code[4:]}"),
                _("Type it in the same browser where you asked for it. It works for 10 minutes."),
                _("If you did not ask for a code, you need not do anything."),
            ),
        )


def use_password_letter(language: str) -> Letter:
    """Return the mail for someone who asked for a code but has a password: one mail, as for everyone else."""
    with force_locale(language):
        return Letter(
            kind="use_password",
            subject=_("You sign in with a password"),
            lines=(_("Someone, probably you, asked for a code. Your account has a password: use it to sign in."),),
            link=outside("people.sign_in_with_password"),
            link_label=_("Sign in with a password"),
        )


def invitation_letter(person: Person, token: str) -> Letter:
    """Return the mail with the link to choose a password."""
    with force_locale(person.language):
        return Letter(
            kind="invitation",
            subject=_("You are invited to Rundan"),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("You can choose a password and sign in. The link works once, for 7 days."),
            ),
            link=outside("people.accept", token=token),
            link_label=_("Choose a password"),
        )
