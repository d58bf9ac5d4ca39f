"""Pages of organisations and assignments."""

from datetime import timedelta
from functools import partial
from io import BytesIO

import segno
from flask import Blueprint, Response, make_response, request
from flask_babel import gettext as _

from supervision.kernel.actor import Actor
from supervision.orgs import forms, mails, policy, queries, services
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.outbox.services import post
from supervision.people.mails import invitation_letter
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.links import outside
from supervision.web.page import attempt, page, see_other
from supervision.web.typed import gives_back

bp = Blueprint("orgs", __name__)


@bp.route("/organisations/new", methods=["GET", "POST"])
@guard_actor(policy.may_open_organisations)
def open_organisation(actor: Actor) -> Response:
    """Bring a client organisation."""
    form = forms.OrganisationForm()
    if form.validate_on_submit():
        made = services.open_organisation(
            session(), actor, name=form.name.data or "", country=form.country.data, now=now()
        )
        return see_other(".show_organisation", organisation_id=made.id)
    return page("orgs/open_organisation.html", form=form)


@bp.route("/organisations/<uuid:organisation_id>")
@guard(queries.get_organisation, policy.may_see_organisation)
def show_organisation(actor: Actor, organisation: Organisation) -> Response:
    """Show an organisation: its assignments and who has a role."""
    assignments = [one for one in queries.assignments_of(session(), actor) if one.organisation_id == organisation.id]
    may_see_roles = policy.may_see_roles(actor, organisation.id)
    return page(
        "orgs/show_organisation.html",
        organisation=organisation,
        assignments=assignments,
        may_order=policy.may_order_assignment(actor, organisation),
        may_invite=policy.may_invite(actor, organisation),
        may_see_roles=may_see_roles,
        roles=queries.roles_in(session(), organisation) if may_see_roles else [],
    )


@bp.route("/organisations/<uuid:organisation_id>/roles/new", methods=["GET", "POST"])
@guard(queries.get_organisation, policy.may_invite)
def give_role(actor: Actor, organisation: Organisation) -> Response:
    """Invite a manager or coordinator."""
    form = forms.RoleForm()
    if form.validate_on_submit():
        give = partial(
            services.give_role,
            session(),
            actor,
            organisation,
            name=form.name.data or "",
            email=form.email.data or "",
            role=form.role.data,
            now=now(),
        )
        given = attempt(form, give)
        if given is not None:
            person, token = given
            new_role = partial(mails.role_letter, person, organisation, form.role.data)
            letter = invitation_letter(person, token) if token else new_role()
            post(session(), to=person.email, language=person.language, letter=letter, now=now())
            said = _("%(name)s is invited.", name=(form.name.data or "").strip())
            return see_other(".show_organisation", organisation_id=organisation.id, said=said)
    return page("orgs/give_role.html", form=form, organisation=organisation)


@bp.route("/organisations/<uuid:organisation_id>/roles/<uuid:holding_id>/take", methods=["GET", "POST"])
@guard(queries.get_holding, policy.may_take_role)
def take_role(actor: Actor, holding: RoleHolding) -> Response:
    """Say whose role it is and what follows, then take it away."""
    if request.method == "GET":
        holders = queries.roles_in(session(), holding.organisation)
        others = [one for one in holders if one.role == holding.role and one.id != holding.id]
        return page("orgs/take_role.html", holding=holding, is_last=not others)
    said = _("%(name)s does not have the role any more.", name=holding.name)
    services.take_role(session(), actor, holding, now=now())
    return see_other(".show_organisation", organisation_id=holding.organisation_id, said=said)


@bp.route("/organisations/<uuid:organisation_id>/assignments/new", methods=["GET", "POST"])
@guard(queries.get_organisation, policy.may_order_assignment)
@gives_back(forms.AssignmentForm)
def order_assignment(actor: Actor, organisation: Organisation) -> Response:
    """Write up an assignment."""
    form = forms.AssignmentForm(holidays_of=organisation.country)
    if form.validate_on_submit():
        order = partial(services.order_assignment, session(), actor, organisation, facts=form.facts(), now=now())
        made = attempt(form, order)
        if made is not None:
            return see_other("groups.show_assignment", assignment_id=made.id)
    return page("orgs/order_assignment.html", form=form, organisation=organisation)


@bp.route("/assignments/<uuid:assignment_id>/prolong", methods=["GET", "POST"])
@guard(queries.get_assignment, policy.may_run_assignment)
def prolong(actor: Actor, assignment: Assignment) -> Response:
    """Let an assignment last longer; each group then adds its next dates."""
    form = forms.ProlongForm(ends_on=assignment.ends_on + timedelta(days=364))
    if form.validate_on_submit() and form.ends_on.data:
        attempt(form, services.prolong, session(), actor, assignment, form.ends_on.data, now())
        if not form.errors:
            said = _("The assignment lasts longer. Now add each group's next dates.")
            return see_other("groups.show_assignment", assignment_id=assignment.id, said=said)
    return page("orgs/prolong.html", form=form, assignment=assignment)


@bp.route("/assignments/<uuid:assignment_id>/poster")
@guard(queries.get_assignment, policy.may_run_assignment)
def poster(_actor: Actor, assignment: Assignment) -> Response:
    """Show a poster to print, with the join link as QR code."""
    return page("orgs/poster.html", assignment=assignment, link=_join_link(assignment))


@bp.route("/assignments/<uuid:assignment_id>/join.svg")
@guard(queries.get_assignment, policy.may_run_assignment)
def join_code(_actor: Actor, assignment: Assignment) -> Response:
    """Return the QR code of the join link as a picture."""
    drawing = BytesIO()
    segno.make(_join_link(assignment), error="m").save(drawing, kind="svg", scale=8, border=4, omitsize=True)
    answer = make_response(drawing.getvalue())
    answer.mimetype = "image/svg+xml"
    return answer


def _join_link(assignment: Assignment) -> str:
    return outside("groups.join", token=assignment.join_token)
