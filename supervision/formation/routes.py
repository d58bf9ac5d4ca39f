"""Pages of forming groups: a supervisor's times, the pool, a proposal, moving by hand, comparing and publishing."""

from datetime import timedelta
from functools import partial
from uuid import UUID

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_babel import ngettext

from supervision.formation import forms, mails, pages, policy, publishing, queries, services
from supervision.formation.models import FormationRun
from supervision.formation.words import reason, stage_word, would_help
from supervision.groups import rules as group_rules
from supervision.groups.words import weekdays
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.fields import SelectChoice
from supervision.web.guard import guard, guard_actor
from supervision.web.page import attempt, page, see_other

bp = Blueprint("formation", __name__)
AHEAD = timedelta(days=14)  # our choice: three days to answer, then time to plan
ZONE = "Europe/Stockholm"  # where a supervisor's fortnight is counted; Copenhagen has the same days


@bp.route("/my-times", methods=["GET", "POST"])
@guard_actor(policy.may_tell_times)
def my_times(actor: Actor) -> Response:
    """Let a supervisor tell when, where and in which languages they can lead groups."""
    form = forms.TimesForm(obj=queries.times_of(session(), actor.id))
    form.offer([*queries.places_known_to(session(), actor.id)], [*queries.languages_known_to(session(), actor.id)])
    if request.method == "POST" and "copy" in request.form:
        form.slots.data = list(group_rules.copy_week(form.slots.data or []))
    elif form.validate_on_submit():
        services.save_times(session(), actor, form.told(), now())
        return see_other(".my_times", said=_("Saved."))
    return page(
        "formation/my_times.html",
        form=form,
        weeks=group_rules.weeks_begin(local_day(now(), ZONE)),
        slot_starts=group_rules.SLOT_STARTS,
        days=weekdays(),
    )


@bp.route("/assignments/<uuid:assignment_id>/formation")
@guard(orgs.get_assignment, policy.may_form_groups)
def overview(actor: Actor, assignment: Assignment) -> Response:
    """Show who waits, where groups may meet, and the proposals there are."""
    return _overview(actor, assignment, Nothing())


def _overview(actor: Actor, assignment: Assignment, form: Nothing) -> Response:
    found = queries.pool_of(session(), assignment)
    ids = [UUID(one.group_id) for one in found.standing]
    answers = queries.answers_of(session(), ids)
    return page(
        "formation/overview.html",
        form=form,
        assignment=assignment,
        waiting=len(found.waiting),
        standing=[
            (one, answers.get((group_id, "offered"), 0), answers.get((group_id, "declined"), 0))
            for one, group_id in zip(found.standing, ids, strict=True)
        ],
        seats=assignment.seats_max,
        places=found.places,
        same_unit=found.terms.same_unit,
        has_times=found.times is not None and bool(found.times.slots),
        is_supervisor=assignment.id in actor.supervises,
        runs=queries.runs_of(session(), assignment.id),
        zone=assignment.organisation.zone,
        stage_word=stage_word,
    )


@bp.route("/assignments/<uuid:assignment_id>/formation/runs", methods=["POST"])
@guard(orgs.get_assignment, policy.may_form_groups)
def ask(actor: Actor, assignment: Assignment) -> Response:
    """Ask for a proposal."""
    form = Nothing()
    if form.validate_on_submit():
        run = attempt(form, services.ask_run, session(), actor, assignment, now())
        if run is not None:
            return see_other(".show", run_id=run.id)
    return _overview(actor, assignment, form)


@bp.route("/assignments/<uuid:assignment_id>/formation/places", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_form_groups)
def frame(actor: Actor, assignment: Assignment) -> Response:
    """Take where an assignment's groups may meet, with how many rooms."""
    kept = queries.frame_of(session(), assignment.id)
    places = [
        {"name": one.name, "rooms": one.rooms, "is_step_free": one.is_step_free, "is_online": one.is_online}
        for one in queries.places_of(kept, assignment)
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


@bp.route("/formation/<uuid:run_id>")
@guard(queries.get_run, policy.may_use_run)
def show(_actor: Actor, run: FormationRun) -> Response:
    """Show a proposal, or how far it is."""
    seats = queries.seats_of(session(), run.id)
    return page(
        "formation/show.html",
        run=run,
        assignment=run.assignment,
        rings=pages.rings(run, seats),
        unplaced=[(one, reason(one), would_help(one)) for one in seats if one.group_no is None],
        others=[one for one in queries.runs_of(session(), run.assignment_id) if one.has_proposal and one.id != run.id],
        zone=run.assignment.organisation.zone,
        stage_word=stage_word,
    )


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
    made = services.ask_run(session(), actor, run.assignment, now(), run, pinned)
    return see_other(".show", run_id=made.id)


@bp.route("/formation/<uuid:run_id>/people/<uuid:person_id>", methods=["GET", "POST"])
@guard(queries.get_seat, policy.may_move)
def move(actor: Actor, seat: queries.SeatOfRun) -> Response:
    """Move someone by hand; the rule that refuses says so in words."""
    run = seat.run
    seats = queries.seats_of(session(), run.id)
    rings = pages.rings(run, seats)
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
    sizes = {str(one.number): ngettext("One person", "%(num)s people", len(one.people)) for one in rings}
    return page("formation/move.html", form=form, run=run, name=seat.name, sizes=sizes)


def _moved(actor: Actor, run: FormationRun, person_id: UUID, to: int | None) -> bool:
    services.move_person(session(), actor, run, person_id, to, now())
    return True


@bp.route("/formation/<uuid:run_id>/compare")
@guard(queries.get_run, policy.may_use_run)
def compare(actor: Actor, run: FormationRun) -> Response:
    """Show two proposals of an assignment side by side."""
    others = [one for one in queries.runs_of(session(), run.assignment_id) if one.has_proposal and one.id != run.id]
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
        left=pages.side(run),
        right=pages.side(other) if other is not None else None,
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
            return see_other(".overview", assignment_id=assignment.id, said=said)
    rings = pages.rings(run, queries.seats_of(session(), run.id))
    new = sum(not one.is_seated for ring in rings for one in ring.people)
    return page("formation/publish.html", form=form, run=run, assignment=assignment, rings=rings, new=new)


def _name(number: int) -> str:
    return str(_("Group %(number)s", number=number))
