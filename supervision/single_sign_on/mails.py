"""The mail about a first sign-in through a provider."""

from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.outbox.services import Letter
from supervision.people.models import Person
from supervision.web.links import outside


def connected_letter(person: Person, name: str) -> Letter:
    """Return the mail that says that a provider now opens an account; `name` is what people call the provider."""
    with force_locale(person.language):
        return Letter(
            kind="provider_connected",
            subject=_("You can sign in with %(name)s", name=name),
            lines=(
                _("%(name)s was used for the first time to sign in to your account in Rundan.", name=name),
                _("If it was not you: tell those who run Rundan where you work at once, and end all sessions."),
            ),
            link=outside("factors.security"),
            link_label=_("Your sign-in"),
        )
