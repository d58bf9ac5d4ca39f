"""Pages of the staff list, the one upload there is: upload, look, then invite; or forget it."""

from flask import Blueprint, Response, abort, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from supervision.groups import forms, invitations, mails, policy, sign_up_queries, staff_list
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment
from supervision.outbox.services import post
from supervision.people.forms import Nothing
from supervision.store.database import session, writing
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.limits import takes
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal

bp = Blueprint("staff_lists", __name__)
LANGUAGE_OF = {"SE": "sv", "DK": "da"}
HEADS = {
    "sv": ("Namn", "E-post", "Språk", "Enhet"),
    "da": ("Navn", "E-mail", "Sprog", "Enhed"),
    "en": ("Name", "E-mail", "Language", "Unit"),
}
COLUMNS = {"name": _l("Name"), "email": _l("E-mail"), "language": _l("Language"), "unit": _l("Unit")}
FAULTS = {
    "missing": _l("is empty"),
    "too_long": _l("is too long"),
    "formula": _l("begins like a formula; write it as plain text"),
    "not_an_address": _l("is no complete address"),
    "twice": _l("stands already in row %(other)s"),
    "language": _l("is none of Swedish, Danish, English"),
}
SHOWN = 20  # our choice: enough of the good rows to see that the columns were understood


@bp.route("/assignments/<uuid:assignment_id>/staff-list", methods=["GET", "POST"])
@guard(sign_up_queries.get_assignment_to_plan, policy.may_see_sign_ups)
@takes(files=True, most_bytes=2 * staff_list.MOST_BYTES)
def upload(actor: Actor, assignment: Assignment) -> Response:
    """Take a staff list and read it; nothing is done with it yet."""
    form = forms.StaffListForm()
    if form.validate_on_submit() and attempt(form, invitations.count_upload, session(), actor, now()):
        found, assignment = _read_apart(form, actor, assignment)
        if found is not None:
            invitations.keep_list(session(), text_seal(), actor, assignment, found, now())
            return see_other(".check", assignment_id=assignment.id)
    return page("groups/staff_list.html", form=form, assignment=assignment, most=staff_list.MOST_ROWS)


def _read_apart(
    form: forms.StaffListForm, actor: Actor, assignment: Assignment
) -> tuple[staff_list.StaffRows | None, Assignment]:
    """Read the file with no transaction open, as a spreadsheet takes seconds; then ask again whose list it may be."""
    content = form.file.data.read(staff_list.MOST_BYTES + 1)
    assignment_id, speaks = assignment.id, LANGUAGE_OF[assignment.organisation.country]
    session().commit()  # the count of uploads, also when the list is refused
    found = attempt(form, staff_list.read, content, default_language=speaks)
    writing.set(True)
    again = sign_up_queries.get_assignment_to_plan(session(), actor, assignment_id)
    if again is None or not policy.may_see_sign_ups(actor, again):
        abort(404)
    return found, again


@bp.route("/assignments/<uuid:assignment_id>/staff-list/check", methods=["GET", "POST"])
@guard(sign_up_queries.get_assignment_to_plan, policy.may_see_sign_ups)
def check(actor: Actor, assignment: Assignment) -> Response:
    """Show what was read, each fault by row and column; invite the others when told to."""
    found = invitations.open_list(session(), text_seal(), actor, assignment, now())
    if found is None:
        return see_other(
            ".upload", assignment_id=assignment.id, said=_("The list is gone after an hour. Upload it again.")
        )
    form = Nothing()
    if form.validate_on_submit():
        if request.form.get("act") != "invite":
            invitations.drop_list(session(), actor, assignment)
            return see_other(
                ".upload", assignment_id=assignment.id, said=_("The list is deleted. Nobody was written to.")
            )
        count = attempt(form, _invite, actor, assignment, found)
        if count is not None:
            said = ngettext("One invitation is on its way.", "%(num)s invitations are on their way.", count)
            return see_other("groups.show_assignment", assignment_id=assignment.id, said=said)
    rows = invitations.to_invite(session(), assignment, found)
    return page(
        "groups/check_staff_list.html",
        form=form,
        assignment=assignment,
        rows=rows[:SHOWN],
        count=len(rows),
        known=len(found.rows) - len(rows),
        faults=found.faults,
        faulty_rows=len({fault.row for fault in found.faults}),
        column_words=COLUMNS,
        fault_words=FAULTS,
    )


def _invite(actor: Actor, assignment: Assignment, found: staff_list.StaffRows) -> int:
    rows = invitations.invite(session(), actor, assignment, found, now())
    for row in rows:
        letter = mails.invitation_to_sign_up(
            row.name,
            row.language,
            title=assignment.title,
            organisation=assignment.organisation.name,
            supervisor=assignment.supervisor.name,
            token=assignment.join_token,
        )
        post(session(), to=row.email, language=row.language, letter=letter, now=now())
    return len(rows)


@bp.route("/assignments/<uuid:assignment_id>/staff-list.csv")
@guard(sign_up_queries.get_assignment_to_plan, policy.may_see_sign_ups)
def template(_actor: Actor, assignment: Assignment) -> Response:
    """Return an empty list with its headings, to fill in."""
    heads = HEADS[LANGUAGE_OF[assignment.organisation.country]]
    answer = Response("\ufeff" + ";".join(heads) + "\r\n", mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="staff-list.csv"'
    return answer
