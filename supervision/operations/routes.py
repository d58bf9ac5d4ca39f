"""The operator's pages: how the installation stands, and who is let in to its offices; never what is in it."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, Response
from flask_babel import gettext as _

from supervision.factors.fresh import fresh_or_ask
from supervision.kernel.actor import Actor
from supervision.operations import forms, mails, policy, queries, services, words
from supervision.operations.models import Installation
from supervision.operations.pages import board
from supervision.orgs.models import Organisation, RoleHolding
from supervision.outbox.services import post
from supervision.people.mails import invitation_letter, sign_in_changed_letter
from supervision.people.models import Person
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other

bp = Blueprint("operations", __name__)


@bp.route("/installation")
@guard(queries.get_installation, policy.may_keep_running)
def show(_actor: Actor, _installation: Installation) -> Response:
    """Show how the installation stands: what is wrong, worst first, then database, jobs, mail, keys and counts."""
    return page("operations/show.html", board=board(), words=words)


@bp.route("/installation/coordinators")
@guard(queries.get_installation, policy.may_keep_running)
def coordinators(_actor: Actor, _installation: Installation) -> Response:
    """Show the organisations and who coordinates them; managers and participants are none of the operator's."""
    return page("operations/coordinators.html", offices=queries.offices(session()))


@bp.route("/installation/supervisors/new", methods=["GET", "POST"])
@guard(queries.get_installation, policy.may_keep_running)
def invite_supervisor(actor: Actor, _installation: Installation) -> Response:
    """Invite a supervisor."""
    if (way := fresh_or_ask()) is not None:
        return way
    form = forms.SupervisorForm()
    if form.validate_on_submit():
        let_in = partial(services.let_supervisor_in, name=form.name.data or "", language=form.language.data)
        given = attempt(form, let_in, session(), actor, email=form.email.data or "", now=now())
        if given is not None:
            _write_to(*given, None)
            return see_other(".show", said=_("An invitation is on its way to %(email)s.", email=given[0].email))
    return page("operations/invite_supervisor.html", form=form)


@bp.route("/installation/organisations/<uuid:organisation_id>/coordinators/new", methods=["GET", "POST"])
@guard(queries.get_organisation, policy.may_let_in)
def invite_coordinator(actor: Actor, organisation: Organisation) -> Response:
    """Invite a coordinator; the organisation's own people are told."""
    if (way := fresh_or_ask()) is not None:
        return way
    form = forms.CoordinatorForm()
    if form.validate_on_submit():
        told = queries.people_of_office(session(), organisation.id)
        let_in = partial(services.let_coordinator_in, name=form.name.data or "", email=form.email.data or "")
        given = attempt(form, let_in, session(), actor, organisation, now=now())
        if given is not None:
            return _let_in(*given, (form.name.data or "").strip(), organisation, told)
    return page("operations/invite_coordinator.html", form=form, organisation=organisation)


@bp.route("/installation/coordinators/<uuid:holding_id>", methods=["GET", "POST"])
@guard(queries.get_coordinator, policy.may_invite_again)
def invite_again(actor: Actor, holding: RoleHolding) -> Response:
    """Send a coordinator who has not come in the invitation again, also to another address."""
    if (way := fresh_or_ask()) is not None:
        return way
    person, organisation, holding_name = holding.person, holding.organisation, holding.name
    form = forms.AgainForm(email=person.email)
    if form.validate_on_submit():
        told = queries.people_of_office(session(), organisation.id)
        email = form.email.data or ""
        given = attempt(form, services.invite_again, session(), actor, holding, email=email, now=now())
        if given is not None:
            return _let_in(*given, holding_name, organisation, [one for one in told if one.id != person.id])
    return page(
        "operations/invite_again.html",
        form=form,
        name=holding_name,
        organisation=organisation,
        has_come=queries.has_come(session(), person.id),
    )


@bp.route("/installation/second-steps", methods=["GET", "POST"])
@guard(queries.get_installation, policy.may_keep_running)
def take_second_steps(actor: Actor, _installation: Installation) -> Response:
    """Take the second steps of someone who has lost them away; what is answered does not tell who has an account."""
    if (way := fresh_or_ask()) is not None:
        return way
    form = forms.SecondStepsForm()
    if form.validate_on_submit():
        person = attempt(form, services.take_second_steps, session(), actor, form.email.data or "", now=now())
        if not form.errors and not form.form_errors:
            if person is not None:
                letter = sign_in_changed_letter(person, "reset")
                post(session(), to=person.email, language=person.language, letter=letter, now=now())
            said = _("If this address has an account with second steps, they are gone, and a mail says so.")
            return see_other(".take_second_steps", said=said)
    return page("operations/take_second_steps.html", form=form)


def _let_in(
    person: Person, token: str | None, name: str, organisation: Organisation, told: Sequence[Person]
) -> Response:
    """Write to who was let in and to the organisation's own people, and go back to the list.

    They read the `name` of the invitation: the person's own would tell that the address was known.
    """
    _write_to(person, token, organisation.name)
    for reader in told:
        if reader.id != person.id and reader.email:
            letter = mails.let_in_letter(reader, name, organisation.name)
            post(session(), to=reader.email, language=reader.language, letter=letter, now=now())
    return see_other(".coordinators", said=_("An invitation is on its way to %(email)s.", email=person.email))


def _write_to(person: Person, token: str | None, where: str | None) -> None:
    """Write an invitation to who has no way in yet, and to the others that they have a role."""
    letter = invitation_letter(person, token) if token else mails.role_letter(person, where)
    post(session(), to=person.email, language=person.language, letter=letter, now=now())
