"""One's own sign-up after it was made, and the sign-up list of supervisor and coordinator."""

import csv
import io

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from supervision.groups import forms, mails, policy, queries, rules, services, sign_up_queries
from supervision.groups.models import SignUp
from supervision.groups.sign_up_queries import Applicant
from supervision.groups.words import needs_lines, rhythm, slot_word, slot_words, weekdays
from supervision.kernel.actor import Actor
from supervision.kernel.cells import neutral
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other

bp = Blueprint("sign_ups", __name__)
STATES = {"seat": "done", "line": "clock", "waits": "open"}


@bp.route("/assignments/<uuid:assignment_id>/my-sign-up", methods=["GET", "POST"])
@guard(sign_up_queries.get_own_sign_up, policy.may_change_sign_up)
def own(actor: Actor, sign_up: SignUp) -> Response:
    """Show what one told at sign-up, and take changes."""
    form = forms.SignUpForm(obj=sign_up)
    if request.method == "POST" and "copy" in request.form:
        form.slots.data = list(rules.copy_week(form.slots.data or []))
    elif form.validate_on_submit():
        services.change_sign_up(session(), actor, sign_up, form.told(), now())
        return see_other(".own", assignment_id=sign_up.assignment_id, said=_("Saved."))
    assignment = sign_up.assignment
    return page(
        "groups/own_sign_up.html",
        form=form,
        assignment=assignment,
        has_seat=queries.seat_in_assignment(session(), actor.id, assignment.id),
        weeks=rules.weeks_begin(local_day(now(), assignment.organisation.zone)),
        slot_starts=rules.SLOT_STARTS,
        days=weekdays(),
        needs_lines=needs_lines(),
    )


@bp.route("/assignments/<uuid:assignment_id>/my-sign-up/withdraw", methods=["GET", "POST"])
@guard(sign_up_queries.get_own_sign_up, policy.may_change_sign_up)
def withdraw(actor: Actor, sign_up: SignUp) -> Response:
    """Ask once more, then delete one's sign-up and step out of every line of the assignment."""
    form = Nothing()
    if form.validate_on_submit():
        offers = attempt(form, services.withdraw_sign_up, session(), actor, sign_up, now())
        if offers is not None:
            mails.post_offers(session(), offers, now())
            return see_other("home.start", said=_("Your sign-up is deleted."))
    return page("groups/withdraw_sign_up.html", form=form, assignment=sign_up.assignment)


@bp.route("/assignments/<uuid:assignment_id>/sign-ups")
@guard(sign_up_queries.get_assignment_to_plan, policy.may_see_sign_ups)
def listing(_actor: Actor, assignment: Assignment) -> Response:
    """Show who has signed up, when they can, and where they stand; for one slot or for all."""
    everyone = sign_up_queries.applicants_of(session(), assignment.id)
    slot = request.args.get("slot", "")
    slot = slot if slot in rules.SLOTS else ""
    return page(
        "groups/sign_ups.html",
        assignment=assignment,
        groups=queries.groups_of_assignment(session(), assignment.id, is_open=True),
        everyone=everyone,
        shown=[one for one in everyone if slot in one.slots] if slot else everyone,
        slot=slot,
        slots=[(one, slot_word(one)) for one in rules.SLOTS],
        slot_words=slot_words,
        experience_words={str(choice.value): choice.label for choice in forms.EXPERIENCE},
        needs_words=forms.NEEDS,
        state_icons=STATES,
        rhythm=rhythm,
    )


@bp.route("/assignments/<uuid:assignment_id>/sign-ups.csv")
@guard(sign_up_queries.get_assignment_to_plan, policy.may_see_sign_ups)
def listing_csv(_actor: Actor, assignment: Assignment) -> Response:
    """Return the sign-up list as a table file: semicolons and a byte-order mark, cells neutralised."""
    words = {str(choice.value): str(choice.label) for choice in forms.EXPERIENCE}
    heads = [_("Name"), _("Unit"), _("Experience"), _("Times"), _("Needs"), _("State")]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";")
    writer.writerow(heads)
    for one in sign_up_queries.applicants_of(session(), assignment.id):
        needs = ", ".join(str(forms.NEEDS[need]) for need in one.needs if need in forms.NEEDS)
        cells = [one.name, one.unit, words.get(one.experience, ""), slot_words(one.slots), needs, _state(one)]
        writer.writerow([neutral(cell) for cell in cells])
    answer = Response("\ufeff" + text.getvalue(), mimetype="text/csv")
    answer.headers["Content-Disposition"] = 'attachment; filename="sign-ups.csv"'
    return answer


def _state(one: Applicant) -> str:
    if one.seat_in:
        return str(_("in %(group)s", group=one.seat_in))
    return str(_("on the waiting list of %(group)s", group=one.line_of) if one.line_of else _("waits for a group"))
