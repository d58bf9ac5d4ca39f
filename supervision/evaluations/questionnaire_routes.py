"""Pages of the statements an evaluation will ask: read, reworded, added and removed before it opens."""

from functools import partial
from itertools import groupby

from flask import Response, abort, request
from flask_babel import gettext as _

from supervision.evaluations import forms, policy, queries, questionnaires, rules
from supervision.evaluations.questionnaire import LANGUAGES, Questionnaire
from supervision.evaluations.routes import bp
from supervision.evaluations.wording import pointing
from supervision.evaluations.words import HEADING, heading, reason_word
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.store.database import session
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other


@bp.route("/assignments/<uuid:assignment_id>/questionnaire")
@guard(orgs.get_assignment, policy.may_see_questionnaire)
def questionnaire(actor: Actor, assignment: Assignment) -> Response:
    """Show what the next evaluation asks, and what is frozen while one is open."""
    asked = questionnaires.current(session(), assignment.id)
    is_open = queries.open_campaign_of(session(), assignment.id) is not None
    found = questionnaires.lines(asked)
    return page(
        "evaluations/questionnaire.html",
        assignment=assignment,
        asked=asked,
        least=questionnaires.floor_of(session(), assignment.id),
        areas=[
            (heading(key), list(some))
            for key, some in groupby(found, key=lambda one: HEADING.get(one.statement.area, ""))
        ],
        language=language(),
        is_frozen=is_open,
        may_change=policy.may_change_questionnaire(actor, assignment) and not is_open,
        may_add=sum(one.is_own for one in found) < questionnaires.OWN_MOST,
        own_most=questionnaires.OWN_MOST,
    )


@bp.route("/assignments/<uuid:assignment_id>/questionnaire/edit", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_change_questionnaire)
def edit_statement(actor: Actor, assignment: Assignment) -> Response:
    """Reword the statement named in the address, or add one; words that could point at people are asked about."""
    asked = questionnaires.current(session(), assignment.id)
    key = request.args.get("statement") or None
    before = questionnaires.statement_of(asked, key) if key else None
    if key and before is None:
        abort(404)
    form = forms.WordingForm(seen=asked.version, **(before.text if before else {}))
    pointed: list[str] = []
    if form.validate_on_submit():
        texts = form.texts()
        act = request.form.get("act")
        if act == "remove" and key:
            change = partial(questionnaires.remove, session(), actor, assignment, key, form.seen.data or 0, now())
        else:
            pointed = _pointed(texts, assignment) if act != "anyway" else []
            change = partial(questionnaires.put, session(), actor, assignment, key, texts, form.seen.data or 0, now())
        made = None if pointed else attempt(form, change)
        if made is not None:
            return _changed(assignment, made)
    response = page(
        "evaluations/edit_statement.html",
        form=form,
        assignment=assignment,
        before=before,
        line=next((one for one in questionnaires.lines(asked) if one.statement.key == key), None),
        texts=[form[one] for one in LANGUAGES],
        pointed=pointed,
    )
    if pointed:
        response.status_code = 422
    return response


@bp.route("/assignments/<uuid:assignment_id>/questionnaire/least", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_change_questionnaire)
def set_floor(actor: Actor, assignment: Assignment) -> Response:
    """Choose, before an evaluation opens, how many answers are shown together at least."""
    asked = questionnaires.current(session(), assignment.id)
    form = forms.FloorForm(seen=asked.version, floor=questionnaires.floor_of(session(), assignment.id))
    if form.validate_on_submit():
        floor, seen = form.floor.data or 0, form.seen.data or 0
        made = attempt(form, questionnaires.set_floor, session(), actor, assignment, floor, seen, now())
        if made is not None:
            return _changed(assignment, made)
    return page(
        "evaluations/set_floor.html", form=form, assignment=assignment, least=rules.FLOOR, most=rules.FLOOR_MOST
    )


def _changed(assignment: Assignment, made: Questionnaire) -> Response:
    said = _("Saved as version %(version)s.", version=made.version)
    return see_other(".questionnaire", assignment_id=assignment.id, said=said)


def _pointed(texts: dict[str, str], assignment: Assignment) -> list[str]:
    """Return each word that could point at people with the reason, once."""
    names = groups.names_in_assignment(session(), assignment)
    found = {(reason, words.casefold()): words for text in texts.values() for reason, words in pointing(text, names)}
    return [f"{words} ({reason_word(reason)})" for (reason, _folded), words in found.items()]


@bp.route("/groups/<uuid:group_id>/evaluation/guide")
@guard(groups.get_own_group, policy.may_see_group_release)
def guide(actor: Actor, group: Group) -> Response:
    """Show a guide for talking about the year instead of, or after, an evaluation; nothing is kept."""
    asked = questionnaires.current(session(), group.assignment_id)
    return page(
        "evaluations/guide.html",
        group=group,
        runs_group=policy.may_write_statement(actor, group),
        areas=[
            (heading(key), [one.text[language()] for one in some])
            for key, some in groupby(asked.statements, key=lambda one: HEADING.get(one.area, ""))
        ],
    )
