"""Pages of the yearly evaluation: answering, the report, the group's own release, and how it is anonymous."""

import csv
import io
from itertools import groupby

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _

from supervision.evaluations import forms, mails, policy, queries, rules, services
from supervision.evaluations import report as reports
from supervision.evaluations.models import Campaign
from supervision.evaluations.queries import OwnCampaign
from supervision.evaluations.sealing import KeyRing
from supervision.evaluations.words import HEADING, band_word, extent, fullness_word, heading, position, term_name
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.errors import Refusal
from supervision.kernel.walltime import local_day
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.store.database import session
from supervision.web.dates import clock, day_of, language, long_date
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.page import attempt, page, refuse, see_other

bp = Blueprint("evaluations", __name__)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # PRIVACY: signing in, CSV cells


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
        fullness_word=fullness_word,
        position=position,
        extent=extent,
        standing=_standing(found),
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
        [_("Position"), position(is_internal=facts.is_internal)],
        [_("Extent"), extent(facts.groups, facts.length_min, facts.every_days)],
        [_("Period"), f"{long_date(facts.starts_on)} – {long_date(facts.ends_on)}"],
        [_("Order reference"), facts.order_reference],
        [],
        [_("Group"), _("Held"), _("Cancelled")],
        *([row.group_name, row.held, row.cancelled] for row in found.dates),
        [],
        [_("Term"), _("How full the seats were")],
        *_term_lines(found),
    ]
    lines.append([])
    lines += [[sentence] for sentence in _standing(found)]
    if found.table:
        heads = [f"{' + '.join(column.names)} {column.year}" for column in found.table.columns]
        lines += [[], [_("Area"), _("Statement"), *heads]]
        for area, rows in found.table.areas:
            lines += [[heading(area), row.text, *map(band_word, row.bands)] for row in rows]
    return lines


def _term_lines(found: reports.Report) -> list[list[object]]:
    return [[term_name(row.year, row.half), fullness_word(row.band)] for row in found.terms]


def _standing(found: reports.Report) -> list[str]:
    """Return what is said of evaluations without bands: destroyed, void, open, or none yet."""
    said = [
        _(
            "%(year)s: fewer than five answered, so all answers were destroyed unseen. A guided conversation in the "
            "group is a good way instead.",
            year=year,
        )
        for year in found.destroyed
    ]
    if found.is_void:
        said.append(
            _(
                "The latest evaluation is void: the key to its answers was lost, so nobody could open them, and they "
                "have been deleted."
            )
        )
    if found.open_until_at:
        until_at, zone = found.open_until_at, found.zone
        said.append(
            _(
                "An evaluation is open until %(day)s at %(time)s.",
                day=day_of(until_at, zone),
                time=clock(until_at, zone),
            )
        )
    if not said and not found.table:
        said.append(
            _("No evaluation has been released yet. It opens by itself six weeks before the groups' anniversary.")
        )
    return said


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
        is_void=queries.is_void(session(), group.assignment_id),
        heading=heading,
    )


@bp.route("/anonymous")
@open_page("says to everyone, before they sign up or answer, how the evaluation is anonymous and where that ends")
def how_anonymous(_actor: Actor) -> Response:
    """Say how the evaluation is anonymous, and where that ends."""
    return page("evaluations/how_anonymous.html")
