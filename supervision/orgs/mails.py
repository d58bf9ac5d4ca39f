"""Mails about roles."""

from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.orgs.models import Organisation
from supervision.outbox.services import Letter
from supervision.people.models import Person
from supervision.web.links import outside


def role_letter(person: Person, organisation: Organisation, role: str) -> Letter:
    """Return the mail for someone with a way in of their own who was made manager or coordinator."""
    with force_locale(person.language):
        said = (
            _("%(organisation)s has made you manager in Rundan.", organisation=organisation.name)
            if role == "manager"
            else _("%(organisation)s has made you coordinator in Rundan.", organisation=organisation.name)
        )
        return Letter(
            kind="role_given",
            subject=_("You have a new role"),
            lines=(_("Hello %(name)s.", name=person.name), said, _("Sign in the way you are used to.")),
            link=outside("people.sign_in_with_password"),
            link_label=_("Sign in"),
        )
