"""Pages of the yearly evaluation: answering, the report, the group's own release, and how it is anonymous."""

import csv
import io
from datetime import timedelta
from itertools import groupby

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _

from supervision.evaluations import contents, forms, mails, paper, policy, queries, rules, services, statements
from supervision.evaluations import report as reports
from supervision.evaluations.models import Campaign
from supervision.evaluations.queries import OwnCampaign
from supervision.evaluations.sealing import KeyRing
from supervision.evaluations.words import HEADING, extent, fullness_word, heading, position, term_name
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.cells import neutral
from supervision.kernel.errors import Refusal
from supervision.kernel.walltime import local_day
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.store.database import session
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.page import attempt, page, refuse, see_other
from supervision.web.texts import text_seal

bp = Blueprint("evaluations", __name__)


@bp.route("/evaluations/<uuid:campaign_id>/answer", methods=["GET", "POST"])
@guard(queries.get_own, policy.may_answer)
def answer(actor: Actor, found: OwnCampaign) -> Response:
    """Tell who sees what, and take the answers; whoever has answered, or comes too late, is told so kindly."""
    campaign = found.campaign
    if campaign.status != "open" or now() >= campaign.closes_at:
        return _closed(found)
    questions = services.questions_of(campaign)
    form = forms.answer_form(questions, language())
    if form.validate_on_submit() and not found.is_done and forms.is_blank(form, questions):
        refuse(form, Refusal("nothing_answered"))
    elif form.validate_on_submit():
        given = forms.answers_in(form, questions)
        if attempt(form, _submitted, actor, campaign, given):
            return see_other(".thanks", campaign_id=campaign.id)
    if found.is_done:
        return page("evaluations/answered.html", form=form, found=found)
    return page(
        "evaluations/answer.html",
        form=form,
        found=found,
        low=questions.low[language()],
        high=questions.high[language()],
        areas=[
            (heading(key), [form[forms.PREFIX + one.key] for one in statements])
            for key, statements in groupby(questions.statements, key=lambda one: HEADING.get(one.area, ""))
        ],
    )


def _closed(found: OwnCampaign) -> Response:
    """Say that it has closed, the same to those who have answered and to those who have not; 409 to late answers."""
    response = page("evaluations/closed.html", found=found, is_late=request.method == "POST")
    if request.method == "POST":
        response.status_code = 409
    return response


def _submitted(actor: Actor, campaign: Campaign, given: dict[str, int | None]) -> bool:
    services.submit(session(), actor, campaign, given, now())
    return True


@bp.route("/evaluations/<uuid:campaign_id>/thanks")
@guard(queries.get_open, policy.may_answer)
def thanks(_actor: Actor, found: OwnCampaign) -> Response:
    """Say that the answers are in; nothing about them."""
    return page("evaluations/thanks.html", found=found)


@bp.route("/assignments/<uuid:assignment_id>/evaluation/new", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_open_evaluation)
def open_now(actor: Actor, assignment: Assignment) -> Response:
    """Open one more evaluation."""
    form = forms.OpenForm(closes_on=rules.closing_day(local_day(now(), assignment.organisation.zone)))
    if form.validate_on_submit():
        keys = KeyRing(current_app.config["SETTINGS"].instance / "keys")
        opened = attempt(form, services.open_now, session(), actor, assignment, keys, now(), form.closes_on.data)
        if opened is not None:
            campaign, people = opened
            mails.post_opened(session(), people, campaign, assignment.organisation.zone, now())
            return see_other(".report", assignment_id=assignment.id, said=_("The evaluation is open."))
    return page("evaluations/open_now.html", form=form, assignment=assignment)


@bp.route("/assignments/<uuid:assignment_id>/evaluation/extend", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_extend_evaluation)
def extend(actor: Actor, assignment: Assignment) -> Response:
    """Put the closing of the open evaluation off to a later day, for all; the whole roster is told the new hour."""
    zone = assignment.organisation.zone
    campaign = queries.open_campaign_of(session(), assignment.id)
    if campaign is None or now() >= campaign.closes_at:
        return see_other(".report", assignment_id=assignment.id, said=_("No evaluation is open."))
    form = forms.ExtendForm()
    if form.validate_on_submit() and form.closes_on.data:
        extended = attempt(form, services.extend, session(), actor, campaign, form.closes_on.data, now())
        if extended is not None:
            mails.post_extended(session(), extended[1], extended[0], zone, now())
            return see_other(
                ".report", assignment_id=assignment.id, said=_("The closing is put off. Everyone is told.")
            )
    last_on = local_day(campaign.opens_at, zone) + timedelta(days=rules.OPEN_DAYS_MOST)
    return page(
        "evaluations/extend.html", form=form, assignment=assignment, campaign=campaign, zone=zone, last_on=last_on
    )


@bp.route("/reports/<uuid:assignment_id>")
@guard(orgs.get_assignment, policy.may_see_report)
def report(actor: Actor, assignment: Assignment) -> Response:
    """Show the report of an assignment: dates, participation and released evaluations."""
    found = reports.of_assignment(session(), assignment, language(), now())
    may_answer = policy.may_answer_report(actor, assignment)
    return page(
        "evaluations/report.html",
        report=found,
        voices=statements.voices(session(), text_seal(), assignment.id),
        drafts=statements.drafts(session(), text_seal(), assignment.id) if may_answer else {},
        text_most=statements.TEXT_MOST,
        assignment_id=assignment.id,
        may_answer=may_answer,
        may_open=policy.may_open_evaluation(actor, assignment),
        own_groups=groups.groups_of_assignment(session(), assignment.id) if assignment.id in actor.supervises else (),
        may_extend=bool(found.open_until_at) and policy.may_extend_evaluation(actor, assignment),
        heading=heading,
        term_name=term_name,
        fullness_word=fullness_word,
        position=position,
        extent=extent,
        standing=contents.standing(found),
        unseen=[("never", who, why) for who, why in contents.unseen()],
        said_line=contents.said_line,
        answered_line=contents.answered_line,
    )


@bp.route("/reports/<uuid:assignment_id>.csv")
@guard(orgs.get_assignment, policy.may_see_report)
def report_csv(_actor: Actor, assignment: Assignment) -> Response:
    """Return the report as a table file: semicolons and a byte-order mark, as the spreadsheets of the field expect."""
    text = io.StringIO()
    lines = contents.as_lines(_sections(assignment))
    csv.writer(text, delimiter=";").writerows([neutral(cell) for cell in row] for row in lines)
    return _file("\ufeff" + text.getvalue(), "text/csv", "report.csv")


@bp.route("/reports/<uuid:assignment_id>.pdf")
@guard(orgs.get_assignment, policy.may_see_report)
def report_pdf(_actor: Actor, assignment: Assignment) -> Response:
    """Return the report as a paper: the same words as on its page, the bands drawn beside theirs."""
    made = paper.report_paper(_sections(assignment), language())
    return _file(made, "application/pdf", "report.pdf")


def _sections(assignment: Assignment) -> tuple[contents.Section, ...]:
    found = reports.of_assignment(session(), assignment, language(), now())
    return contents.sections(found, statements.voices(session(), text_seal(), assignment.id))


def _file(content: str | bytes, mimetype: str, name: str) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@bp.route("/groups/<uuid:group_id>/evaluation")
@guard(groups.get_own_group, policy.may_see_group_release)
def group_release(_actor: Actor, group: Group) -> Response:
    """Show a group the released cells it is in."""
    releases = queries.releases_of(session(), group.assignment_id)
    return page(
        "evaluations/group_release.html",
        group=group,
        table=reports.table_of(releases, language(), group.id),
        is_void=queries.is_void(session(), group.assignment_id),
        words=statements.released(session(), text_seal(), group.id),
        answers=statements.answers_to(session(), text_seal(), group),
        heading=heading,
    )


@bp.route("/anonymous")
@open_page("says to everyone, before they sign up or answer, how the evaluation is anonymous and where that ends")
def how_anonymous(_actor: Actor) -> Response:
    """Say how the evaluation is anonymous, and where that ends."""
    return page("evaluations/how_anonymous.html")
