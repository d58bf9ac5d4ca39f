"""Pages of follow-ups: what someone who told will try, and what the group has noted."""

from functools import partial

from flask import Response, request
from flask_babel import gettext as _

from supervision.cases import follow_up_queries as queries
from supervision.cases import follow_up_services as services
from supervision.cases import forms, policy, words
from supervision.cases.queries import get_group
from supervision.cases.routes import bp
from supervision.cases.rules import text as texts
from supervision.cases.rules.follow_up import KEEP_DAYS, FollowUpText
from supervision.groups.models import Group
from supervision.groups.policy import may_see_group
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import attempt, page, see_other
from supervision.web.texts import text_seal
from supervision.web.typed import gives_back


@bp.route("/groups/<uuid:group_id>/follow-ups")
@guard(get_group, may_see_group)
def follow_ups(actor: Actor, group: Group) -> Response:
    """Show what those who told have noted that they will try."""
    rows = queries.follow_ups_of_group(session(), group.id)
    return page(
        "cases/follow_ups.html", group=group, noted=services.open_all(text_seal(), actor, rows), keep_days=KEEP_DAYS
    )


@bp.route("/meetings/<uuid:meeting_id>/follow-up", methods=["GET", "POST"])
@guard(queries.get_told_meeting, policy.may_note_follow_up)
@gives_back(forms.FollowUpForm)
def follow_up(actor: Actor, meeting: Meeting) -> Response:
    """Note, or change, what the reader will try after a meeting at which they told."""
    found = queries.own_follow_up(session(), actor, meeting.id)
    saved = services.open_follow_up(text_seal(), found) if found else FollowUpText()
    form = forms.FollowUpForm(data=saved.answers())
    text = _typed(form, saved)
    if form.validate_on_submit():
        note = partial(services.note_follow_up, session(), text_seal(), actor, meeting, text, now=now())
        if attempt(form, note):
            if texts.marked(text)[1]:
                return see_other(".follow_up", meeting_id=meeting.id, said=_("It is saved."))
            return see_other(".follow_ups", group_id=meeting.group_id, said=_("It is saved."))
    pieces, marks = texts.marked(text)
    return page(
        "cases/follow_up.html",
        form=form,
        meeting=meeting,
        is_saved=found is not None,
        pieces=pieces,
        found=marks,
        keep_days=KEEP_DAYS,
        words=words,
    )


@bp.route("/meetings/<uuid:meeting_id>/follow-up/delete", methods=["POST"])
@guard(queries.get_told_meeting, policy.may_note_follow_up)
def delete_follow_up(actor: Actor, meeting: Meeting) -> Response:
    """Delete the reader's own follow-up."""
    services.delete_follow_up(session(), actor, meeting, now=now())
    return see_other(".follow_ups", group_id=meeting.group_id, said=_("It is deleted."))


def _typed(form: forms.FollowUpForm, saved: FollowUpText) -> FollowUpText:
    """Return the answers as typed, after what a button of the list of marks asks for."""
    return texts.after_button(form.text(saved.let_stand), request.form, str(words.REPLACEMENT))
