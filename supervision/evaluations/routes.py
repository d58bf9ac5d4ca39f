"""Pages of the yearly evaluation: answering, the report, the group's own release, and how it is anonymous."""

import csv
import io
from itertools import groupby

from flask import Blueprint, Response, abort, current_app
from flask_babel import gettext as _

from supervision.evaluations import forms, mails, policy, queries, services
from supervision.evaluations import report as reports
from supervision.evaluations.models import Campaign
from supervision.evaluations.queries import OpenCampaign
from supervision.evaluations.sealing import KeyRing
from supervision.evaluations.words import HEADING, band_word, heading, term_name
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.dates import language, long_date
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.page import attempt, page, see_other

bp = Blueprint("evaluations", __name__)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # PRIVACY: signing in, CSV cells


@bp.route("/evaluations/<uuid:campaign_id>/answer", methods=["GET", "POST"])
@guard(queries.get_open, policy.may_answer)
def answer(actor: Actor, found: OpenCampaign) -> Response:
    """Tell who sees what, and take the answers; whoever has answered is told so kindly."""
    campaign = found.campaign
    if now() >= campaign.closes_at:
        abort(404)
    questions = services.questions_of(campaign)
    form = forms.answer_form(questions, language())
    if form.validate_on_submit():
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


def _submitted(actor: Actor, campaign: Campaign, given: dict[str, int | None]) -> bool:
    services.submit(session(), actor, campaign, given, now())
    return True


@bp.route("/evaluations/<uuid:campaign_id>/thanks")
@guard(queries.get_open, policy.may_answer)
def thanks(_actor: Actor, found: OpenCampaign) -> Response:
    """Say that the answers are in; nothing about them."""
    return page("evaluations/thanks.html", found=found)


@bp.route("/assignments/<uuid:assignment_id>/evaluation/new", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_open_evaluation)
def open_now(actor: Actor, assignment: Assignment) -> Response:
    """Open one more evaluation."""
    form = Nothing()
    if form.validate_on_submit():
        keys = KeyRing(current_app.config["SETTINGS"].instance / "keys")
        opened = attempt(form, services.open_now, session(), actor, assignment, keys, now())
        if opened is not None:
            campaign, people = opened
            mails.post_opened(session(), people, campaign, assignment.organisation.zone, now())
            return see_other(".report", assignment_id=assignment.id, said=_("The evaluation is open."))
    return page("evaluations/open_now.html", form=form, assignment=assignment)


@bp.route("/reports/<uuid:assignment_id>")
@guard(orgs.get_assignment, policy.may_see_report)
def report(actor: Actor, assignment: Assignment) -> Response:
    """Show the report of an assignment: dates, participation and released evaluations."""
    found = reports.of_assignment(session(), assignment, language(), now())
    return page(
        "evaluations/report.html",
        report=found,
        assignment_id=assignment.id,
        may_open=policy.may_open_evaluation(actor, assignment),
        heading=heading,
        term_name=term_name,
    )


@bp.route("/reports/<uuid:assignment_id>.csv")
@guard(orgs.get_assignment, policy.may_see_report)
def report_csv(_actor: Actor, assignment: Assignment) -> Response:
    """Return the report as a table file: semicolons and a byte-order mark, as the spreadsheets of the field expect."""
    found = reports.of_assignment(session(), assignment, language(), now())
    text = io.StringIO()
    csv.writer(text, delimiter=";").writerows([_neutral(cell) for cell in row] for row in _lines(found))
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="report.csv"'
    return answer


def _lines(found: reports.Report) -> list[list[object]]:
    facts = found.facts
    lines: list[list[object]] = [
        [_("Assignment"), facts.title],
        [_("Client organisation"), facts.organisation],
        [_("Supervisor"), facts.supervisor],
        [_("Period"), f"{long_date(facts.starts_on)} – {long_date(facts.ends_on)}"],
        [_("Order reference"), facts.order_reference],
        [],
        [_("Group"), _("Held"), _("Cancelled")],
        *([row.group_name, row.held, row.cancelled] for row in found.dates),
        [],
        [_("Term"), _("How full the seats were")],
        *(
            [term_name(row.year, row.half), band_word(row.band) if row.band else _("shown when the term is over")]
            for row in found.terms
        ),
    ]
    if found.table:
        heads = [f"{' + '.join(column.names)} {column.year}" for column in found.table.columns]
        lines += [[], [_("Area"), _("Statement"), *heads]]
        for area, rows in found.table.areas:
            lines += [[heading(area), row.text, *map(band_word, row.bands)] for row in rows]
    return lines


def _neutral(cell: object) -> object:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA_SIGNS) else cell


@bp.route("/groups/<uuid:group_id>/evaluation")
@guard(groups.get_own_group, policy.may_see_group_release)
def group_release(_actor: Actor, group: Group) -> Response:
    """Show a group the released cells it is in."""
    releases = queries.releases_of(session(), group.assignment_id)
    return page(
        "evaluations/group_release.html",
        group=group,
        table=reports.table_of(releases, language(), group.id),
        heading=heading,
    )


@bp.route("/anonymous")
@open_page("says to everyone, before they sign up or answer, how the evaluation is anonymous and where that ends")
def how_anonymous(_actor: Actor) -> Response:
    """Say how the evaluation is anonymous, and where that ends."""
    return page("evaluations/how_anonymous.html")
