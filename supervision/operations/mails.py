"""The mails that go out when an operator lets somebody in."""

from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.outbox.services import Letter
from supervision.people.models import Person
from supervision.web.links import outside


def role_letter(person: Person, where: str | None) -> Letter:
    """Return the mail for someone with a way in of their own who got a role; `where` is None for a supervisor."""
    with force_locale(person.language):
        said = (
            _("You are coordinator of %(organisation)s in Rundan now.", organisation=where)
            if where
            else _("You are supervisor in Rundan now.")
        )
        return Letter(
            kind="role_given",
            subject=_("You have a new role in Rundan"),
            lines=(_("Hello %(name)s.", name=person.name), said, _("Sign in as you do otherwise.")),
            link=outside("people.sign_in_with_password"),
            link_label=_("Sign in"),
        )


def let_in_letter(reader: Person, name: str, organisation: str) -> Letter:
    """Return the mail that tells an organisation's own people whom the operator has let in."""
    with force_locale(reader.language):
        return Letter(
            kind="let_in",
            subject=_("%(organisation)s has a new coordinator in Rundan", organisation=organisation),
            lines=(
                _(
                    "Those who run Rundan have invited %(name)s as coordinator of %(organisation)s.",
                    name=name,
                    organisation=organisation,
                ),
                _("If that is not right, take the role away on the organisation's page."),
            ),
        )
