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
    """Return the mail with the link to make a passkey or choose a password."""
    with force_locale(person.language):
        return Letter(
            kind="invitation",
            subject=_("You are invited to Rundan"),
            lines=(
                _("Hello %(name)s.", name=person.name),
                _("You choose how you sign in: with a passkey or a password. The link works once, for 7 days."),
            ),
            link=outside("people.accept", token=token),
            link_label=_("Choose how you sign in"),
        )


def new_password_letter(language: str, token: str) -> Letter:
    """Return the mail for someone who has forgotten their password."""
    with force_locale(language):
        return Letter(
            kind="new_password",
            subject=_("Choose a new password"),
            lines=(
                _("Someone, probably you, has asked for a new password. The link works once, for an hour."),
                _("If you did not ask, you need not do anything. Your password still works."),
            ),
            link=outside("people.accept", token=token),
            link_label=_("Choose a password"),
        )


def no_password_letter(language: str) -> Letter:
    """Return the mail for an address without a password: one mail, as for everyone else."""
    with force_locale(language):
        return Letter(
            kind="no_password",
            subject=_("You sign in with a code"),
            lines=(
                _("Someone, probably you, asked for a new password. This address has none; you sign in with a code."),
            ),
            link=outside("people.sign_in"),
            link_label=_("Sign in"),
        )


def sign_in_changed_letter(person: Person, what: str) -> Letter:
    """Return the mail that says how someone signs in has changed.

    `what` is password, authenticator, authenticator_removed, recovery_codes, recovery_code_used, passkey_added,
    passkey_removed or reset.
    """
    with force_locale(person.language):
        said = {
            "password": _("Your password for Rundan was changed."),
            "authenticator": _("An authenticator app was set up for your account in Rundan."),
            "authenticator_removed": _("The authenticator app was removed from your account in Rundan."),
            "recovery_codes": _(
                "New recovery codes were made for your account in Rundan. The old ones are worth nothing."
            ),
            "recovery_code_used": _("A recovery code was used to sign in to your account in Rundan."),
            "passkey_added": _("A passkey was added to your account in Rundan."),
            "passkey_removed": _("A passkey was removed from your account in Rundan."),
            "reset": _(
                "Those who run Rundan have removed your authenticator app, passkeys and recovery codes, as you asked. "
                "Sign in with your password and set up a new one."
            ),
        }[what]
        return Letter(
            kind="sign_in_changed",
            subject=_("How you sign in has changed"),
            lines=(
                said,
                _("If it was not you: choose a new password at once, and tell those who run Rundan where you work."),
            ),
            link=outside("factors.security"),
            link_label=_("Your sign-in"),
        )
