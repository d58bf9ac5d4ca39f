"""Pages of the group's own words: drafted by the supervisor, approved by each member, answered by a manager."""

import uuid
from functools import partial

from flask import Response, abort, request
from flask_babel import gettext as _

from supervision.cases.rules.deidentify import marks
from supervision.evaluations import forms, mails, policy, statements
from supervision.evaluations.routes import bp
from supervision.groups import queries as groups
from supervision.groups.models import Group
from supervision.groups.policy import is_member
from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.orgs.models import Assignment
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal
from supervision.web.typed import gives_back


@bp.route("/groups/<uuid:group_id>/statement", methods=["GET", "POST"])
@guard(groups.get_own_group, policy.may_see_group_release)
def statement(actor: Actor, group: Group) -> Response:
    """Show the group's own words as they stand; a member approves exactly this version, or takes that back."""
    form = forms.ApprovalForm()
    if form.validate_on_submit():
        if not is_member(actor, group):
            abort(403)
        said = _decided(actor, group, form)
        if said is not None:
            return see_other(".statement", group_id=group.id, said=said)
    words = statements.newest(session(), text_seal(), group.id)
    is_own = is_member(actor, group)
    return page(
        "evaluations/statement.html",
        form=form,
        group=group,
        words=words,
        before=statements.released(session(), text_seal(), group.id) if words and not words.released_on else None,
        is_member=is_own,
        may_write=policy.may_write_statement(actor, group),
        has_approved=bool(is_own and words and statements.has_approved(session(), actor, words.id)),
        answers=statements.answers_to(session(), text_seal(), group),
    )


def _decided(actor: Actor, group: Group, form: forms.ApprovalForm) -> str | None:
    """Approve or take back; returns what to say on the next page, None when it was refused."""
    try:
        statement_id = uuid.UUID(form.statement_id.data or "")
    except ValueError:
        abort(404)
    if form.act.data == "take_back":
        take_back = partial(_taken_back, actor, group, statement_id)
        return str(_("You have taken back your approval.")) if attempt(form, take_back) else None
    released = attempt(form, statements.approve, session(), actor, group, statement_id, now())
    if released is None:
        return None
    return str(_("Everyone has approved. The text is with your managers.") if released else _("You approve this text."))


def _taken_back(actor: Actor, group: Group, statement_id: uuid.UUID) -> bool:
    statements.take_back(session(), actor, group, statement_id)
    return True


@bp.route("/groups/<uuid:group_id>/statement/write", methods=["GET", "POST"])
@guard(groups.get_own_group, policy.may_write_statement)
@gives_back(forms.StatementForm)
def write_statement(actor: Actor, group: Group) -> Response:
    """Put down a new version of the group's own words; what may point at a person is marked first."""
    before = statements.newest(session(), text_seal(), group.id)
    form = forms.StatementForm(text=before.text if before else "", seen=before.version if before else 0)
    pointed: list[str] = []
    if form.validate_on_submit():
        text = (form.text.data or "").strip()
        pointed = [one.text for one in marks(text)]
        if not pointed or request.form.get("act") == "anyway":
            write = partial(statements.write, session(), text_seal(), actor, group, text, form.seen.data or 0, now())
            if attempt(form, write) is not None:
                mails.post_statement(session(), statements.members_of(session(), [group.id]), group.id, now())
                return see_other(
                    ".statement", group_id=group.id, said=_("The text is saved. Everyone in the group is asked.")
                )
    response = page("evaluations/write_statement.html", form=form, group=group, pointed=pointed)
    if pointed:
        response.status_code = 422
    return response


@bp.route("/reports/<uuid:assignment_id>/answer", methods=["GET", "POST"])
@guard(orgs.get_assignment, policy.may_answer_report)
@gives_back(forms.ManagerAnswerForm)
def answer_report(actor: Actor, assignment: Assignment) -> Response:
    """Say what changes because of a group (`group` in the address), or of all groups; kept as a draft or sent."""
    group_id = _asked_group()
    if not statements.may_be_answered(session(), assignment.id, group_id):
        abort(404)
    drafts = statements.drafts(session(), text_seal(), assignment.id)
    form = forms.ManagerAnswerForm(text=drafts.get(group_id, ""))
    if form.validate_on_submit():
        is_sent = request.form.get("act") == "send"
        text = (form.text.data or "").strip()
        save = partial(
            statements.save_answer, session(), text_seal(), actor, assignment, group_id, text, now(), send=is_sent
        )
        people = attempt(form, save)
        if people is not None:
            mails.post_answered(session(), people, now())
            said = _("The answer is sent. Everyone it is for gets a mail.") if is_sent else _("The draft is kept.")
            return see_other(".report", assignment_id=assignment.id, said=said)
    said_by = {one.group_id: one for one in statements.voices(session(), text_seal(), assignment.id).said}
    return page(
        "evaluations/answer_report.html",
        form=form,
        assignment=assignment,
        group_id=group_id,
        statement=said_by.get(group_id) if group_id else None,
    )


def _asked_group() -> uuid.UUID | None:
    asked = request.args.get("group", "")
    try:
        return uuid.UUID(asked) if asked else None
    except ValueError:
        abort(404)
