"""Pages of the pool that groups are formed from: of one assignment, and of all the organisation's."""

from uuid import UUID

from flask import Blueprint, Response
from flask_babel import gettext as _

from supervision.formation import forms, policy, pool_queries, queries, services
from supervision.formation.words import stage_word
from supervision.groups.sign_up_queries import get_assignment_to_plan
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other

bp = Blueprint("formation", __name__)


@bp.route("/assignments/<uuid:assignment_id>/formation")
@guard(get_assignment_to_plan, policy.may_form_groups)
def overview(actor: Actor, assignment: Assignment) -> Response:
    """Show who waits, where groups may meet, and the proposals there are."""
    return _overview(actor, assignment, Nothing(), is_wide=False)


@bp.route("/assignments/<uuid:assignment_id>/formation/organisation")
@guard(pool_queries.get_assignment_to_form_widely, policy.may_form_widely)
def wide(actor: Actor, assignment: Assignment) -> Response:
    """Show the same for all assignments of the organisation like this one, with their supervisors."""
    return _overview(actor, assignment, Nothing(), is_wide=True)


def _overview(actor: Actor, assignment: Assignment, form: Nothing, *, is_wide: bool) -> Response:
    today = local_day(now(), assignment.organisation.zone)
    found = pool_queries.pool_of(session(), assignment, today if is_wide else None)
    ids = [UUID(one.group_id) for one in found.standing]
    answers = queries.answers_of(session(), ids)
    runs = queries.runs_of(session(), assignment, is_wide=is_wide)
    names = {str(one.supervisor_id): one.supervisor.name for one in found.assignments}
    return page(
        "formation/overview.html",
        form=form,
        assignment=assignment,
        is_wide=is_wide,
        pool=found,
        leaders=[(names[one.person_id], bool(one.slots), found.more_groups(one)) for one in found.leaders],
        standing=sorted(
            (
                (one, names[one.supervisor_id], *(answers.get((who, answer), 0) for answer in ("offered", "declined")))
                for one, who in zip(found.standing, ids, strict=True)
            ),
            key=lambda row: (row[1], row[0].name),
        ),
        seats=assignment.seats_max,
        is_supervisor=assignment.id in actor.supervises,
        may_form_widely=policy.may_form_widely(actor, assignment),
        runs=runs,
        published=next((one for one in runs if one.published_at is not None), None),
        zone=assignment.organisation.zone,
        stage_word=stage_word,
    )


@bp.route("/assignments/<uuid:assignment_id>/formation/runs", methods=["POST"])
@guard(get_assignment_to_plan, policy.may_form_groups)
def ask(actor: Actor, assignment: Assignment) -> Response:
    """Ask for a proposal."""
    return _ask(actor, assignment, is_wide=False)


@bp.route("/assignments/<uuid:assignment_id>/formation/organisation/runs", methods=["POST"])
@guard(pool_queries.get_assignment_to_form_widely, policy.may_form_widely)
def ask_wide(actor: Actor, assignment: Assignment) -> Response:
    """Ask for a proposal for all supervisors of the organisation."""
    return _ask(actor, assignment, is_wide=True)


def _ask(actor: Actor, assignment: Assignment, *, is_wide: bool) -> Response:
    form = Nothing()
    if form.validate_on_submit():
        run = attempt(form, services.ask_run, session(), actor, assignment, now(), is_wide=is_wide)
        if run is not None:
            return see_other(".show", run_id=run.id)
    return _overview(actor, assignment, form, is_wide=is_wide)


@bp.route("/assignments/<uuid:assignment_id>/formation/places", methods=["GET", "POST"])
@guard(get_assignment_to_plan, policy.may_form_groups)
def frame(actor: Actor, assignment: Assignment) -> Response:
    """Take where an assignment's groups may meet, with how many rooms."""
    kept = queries.frame_of(session(), assignment.id)
    places = [
        {"name": one.name, "rooms": one.rooms, "is_step_free": one.is_step_free, "is_online": one.is_online}
        for one in pool_queries.places_of(kept, assignment)
    ]
    blank: list[dict[str, object]] = [{} for _row in range(forms.BLANK_ROWS)]
    start = {"places": [*places, *blank], "same_unit": kept.same_unit if kept is not None else 2}
    form = forms.FrameForm(data=start)
    if form.validate_on_submit():
        done = attempt(form, _save_frame, actor, assignment, form)
        if done:
            return see_other(".overview", assignment_id=assignment.id, said=_("Saved."))
    return page("formation/frame.html", form=form, assignment=assignment)


def _save_frame(actor: Actor, assignment: Assignment, form: forms.FrameForm) -> bool:
    services.save_frame(session(), actor, assignment, form.told(), form.same_unit.data, now())
    return True
