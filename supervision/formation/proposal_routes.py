"""Pages of a proposal: how far it is, what it says, moving by hand, comparing, publishing."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from flask import Response, abort, request
from flask_babel import gettext as _
from flask_babel import ngettext

from supervision.formation import forms, mails, pages, policy, publishing, queries, services
from supervision.formation.models import FormationRun
from supervision.formation.routes import bp
from supervision.formation.words import moved_why, reason, stage_word, would_help
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal
from supervision.kernel.walltime import local_day
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.fields import SelectChoice
from supervision.web.guard import guard
from supervision.web.messages import sentence
from supervision.web.page import attempt, page, see_other

AHEAD = timedelta(days=14)  # our choice: three days to answer, then time to plan


@bp.route("/formation/<uuid:run_id>")
@guard(queries.get_run, policy.may_use_run)
def show(_actor: Actor, run: FormationRun) -> Response:
    """Show a proposal, or how far it is."""
    seats = queries.seats_of(session(), run.id)
    earlier = queries.count_earlier(session(), run)
    return page(
        "formation/show.html",
        run=run,
        assignment=run.assignment,
        rings=pages.rings(run, seats, queries.supervisor_names(session(), run)),
        met=pages.met_by(run.groups),
        moves=pages.moves(seats, earlier),
        moved_why=moved_why,
        unplaced=[(one, reason(one), would_help(one)) for one in seats if one.group_no is None],
        others=_others(run),
        zone=run.assignment.organisation.zone,
        stage_word=stage_word,
    )


def _others(run: FormationRun) -> list[FormationRun]:
    found = queries.runs_of(session(), run.assignment, is_wide=run.is_wide)
    return [one for one in found if one.has_proposal and one.id != run.id]


@bp.route("/formation/<uuid:run_id>/progress")
@guard(queries.get_run, policy.may_use_run)
def progress(_actor: Actor, run: FormationRun) -> Response:
    """Answer the page that asks how far a run is; once it has ended the whole page loads again."""
    answer = page("formation/_progress.html", run=run, stage_word=stage_word)
    if not run.is_active:
        answer.headers["HX-Refresh"] = "true"
    return answer


@bp.route("/formation/<uuid:run_id>/stop", methods=["POST"])
@guard(queries.get_run, policy.may_use_run)
def stop(actor: Actor, run: FormationRun) -> Response:
    """Let a run end with the best it has."""
    services.ask_stop(session(), actor, run, now())
    return see_other(".show", run_id=run.id, said=_("It stops, and keeps the best so far."))


@bp.route("/formation/<uuid:run_id>/again", methods=["POST"])
@guard(queries.get_run, policy.may_use_run)
def again(actor: Actor, run: FormationRun) -> Response:
    """Ask for a new proposal that changes as little as possible; pinned groups stay."""
    pinned = [int(one) for one in request.form.getlist("pinned") if one.isdecimal() and len(one) < 6]
    made = services.ask_run(session(), actor, run.assignment, now(), run, pinned, is_wide=run.is_wide)
    return see_other(".show", run_id=made.id)


@bp.route("/formation/<uuid:run_id>/people/<uuid:person_id>", methods=["GET", "POST"])
@guard(queries.get_seat, policy.may_move)
def move(actor: Actor, seat: queries.SeatOfRun) -> Response:
    """Move someone by hand; the rule that refuses says so in words."""
    run = seat.run
    seats = queries.seats_of(session(), run.id)
    rings = pages.rings(run, seats, queries.supervisor_names(session(), run))
    form = forms.MoveForm(to="" if seat.group_no is None else str(seat.group_no))
    form.to.choices = [
        *(SelectChoice(str(one.number), f"{one.when}, {one.place}" if one.place else one.when) for one in rings),
        SelectChoice("", _("No group")),
    ]
    if form.validate_on_submit():
        to = int(form.to.data) if form.to.data else None
        done = attempt(form, _moved, actor, run, seat.person_id, to)
        if done:
            return see_other(".show", run_id=run.id, said=_("Moved."))
    refused = services.refusals(session(), run, seat.person_id)
    notes = {str(one.number): _note(one, seat.group_no, refused.get(one.number)) for one in rings}
    if None in refused:
        notes[""] = sentence(Refusal(refused[None]))
    return page("formation/move.html", form=form, run=run, name=seat.name, notes=notes)


def _note(ring: pages.Ring, at: int | None, refused: str | None) -> str:
    """Say of a group how many it has and whether someone could move there: the rule that refuses, in words."""
    size = ngettext("One person", "%(num)s people", len(ring.people))
    verdict = _("Here now.") if ring.number == at else sentence(Refusal(refused)) if refused else _("Possible.")
    return f"{ring.supervisor}. {size}. {verdict}"


def _moved(actor: Actor, run: FormationRun, person_id: UUID, to: int | None) -> bool:
    services.move_person(session(), actor, run, person_id, to, now())
    return True


@bp.route("/formation/<uuid:run_id>/compare")
@guard(queries.get_run, policy.may_use_run)
def compare(actor: Actor, run: FormationRun) -> Response:
    """Show two proposals of an assignment side by side."""
    others = _others(run)
    asked = request.args.get("with", "")
    other = next((one for one in others if str(one.id) == asked), None)
    if asked and other is None:
        abort(404)
    rows = []
    if other is not None:
        other = queries.get_run(session(), actor, other.id) or run
        rows = pages.differences(run, other, queries.seats_of(session(), run.id), queries.seats_of(session(), other.id))
    return page(
        "formation/compare.html",
        run=run,
        others=others,
        other=other,
        left=pages.met_by(run.groups),
        right=pages.met_by(other.groups) if other is not None else None,
        rows=rows,
        zone=run.assignment.organisation.zone,
    )


@bp.route("/formation/<uuid:run_id>/publish", methods=["GET", "POST"])
@guard(queries.get_run, policy.may_use_run)
def publish(actor: Actor, run: FormationRun) -> Response:
    """Ask for the first day, then make the groups and offer everyone their seat."""
    assignment = run.assignment
    today = local_day(now(), assignment.organisation.zone)
    form = forms.PublishForm(first_on=max(today + AHEAD, assignment.starts_on))
    if form.validate_on_submit() and form.first_on.data is not None:
        publishing_run = partial(publishing.publish, session(), actor, run, form.first_on.data, _name, now())
        offers = attempt(form, publishing_run)
        if offers is not None:
            mails.post_offers(session(), offers, now())
            said = _("The groups are there, and everyone has got an offer.")
            return see_other(".wide" if run.is_wide else ".overview", assignment_id=assignment.id, said=said)
    rings = pages.rings(run, queries.seats_of(session(), run.id), queries.supervisor_names(session(), run))
    new = sum(not one.is_seated for ring in rings for one in ring.people)
    return page("formation/publish.html", form=form, run=run, assignment=assignment, rings=rings, new=new)


def _name(number: int) -> str:
    return str(_("Group %(number)s", number=number))
