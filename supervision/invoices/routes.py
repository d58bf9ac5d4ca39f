"""Pages and files of the invoice basis."""

from datetime import date

from flask import Blueprint, Response, request

from supervision.invoices import files, policy, rules, services
from supervision.invoices.queries import get_billed_assignment
from supervision.invoices.words import outcome_word
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import page

bp = Blueprint("invoices", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.route("/assignments/<uuid:assignment_id>/invoice")
@guard(get_billed_assignment, policy.may_see_basis)
def show(actor: Actor, assignment: Assignment) -> Response:
    """Show a month's dates, units and sum; no person is named."""
    month = _month(assignment)
    return page(
        "invoices/show.html",
        assignment=assignment,
        basis=services.basis_of(session(), assignment, month, now()),
        month=month,
        before=rules.month_before(month),
        after=rules.month_after(month),
        outcome_word=outcome_word,
        paid=rules.PAID,
        may_take_out=policy.may_take_basis_out(actor, assignment),
    )


@bp.route("/assignments/<uuid:assignment_id>/invoice.csv")
@guard(get_billed_assignment, policy.may_take_basis_out)
def show_csv(_actor: Actor, assignment: Assignment) -> Response:
    """Return a month's basis as a CSV."""
    return _file(files.as_csv(_rows(assignment)), "text/csv", "csv", _month(assignment))


@bp.route("/assignments/<uuid:assignment_id>/invoice.xlsx")
@guard(get_billed_assignment, policy.may_take_basis_out)
def show_xlsx(_actor: Actor, assignment: Assignment) -> Response:
    """Return a month's basis as a workbook."""
    return _file(files.as_xlsx(_rows(assignment)), XLSX, "xlsx", _month(assignment))


def _rows(assignment: Assignment) -> list[files.Row]:
    month = _month(assignment)
    return files.rows_of(assignment, services.basis_of(session(), assignment, month, now()), month)


def _month(assignment: Assignment) -> date:
    return rules.parse_month(request.args.get("month"), local_day(now(), assignment.organisation.zone))


def _file(content: bytes, mimetype: str, ending: str, month: date) -> Response:
    answer = Response(content, mimetype=mimetype)
    answer.headers["Content-Disposition"] = f'attachment; filename="invoice-basis-{month:%Y-%m}.{ending}"'
    return answer
