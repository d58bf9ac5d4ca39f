"""The page behind a reminder's link, and the supervisor's decision to meet with few."""

from functools import partial

from flask import Blueprint, Response, current_app, request
from flask import session as cookie
from flask_babel import force_locale
from flask_babel import gettext as _

from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.meetings import policy as meetings_policy
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.reminders import forms, queries, rules, services
from supervision.store.database import session
from supervision.web.dates import language
from supervision.web.edge import now
from supervision.web.guard import guard, open_page
from supervision.web.page import attempt, page, see_other

bp = Blueprint("reminders", __name__)


@bp.route("/one-date/<token>", methods=["GET", "POST"])
@open_page("the link of a reminder: one date of one seat; the signed token is the key, and opening it changes nothing")
def one_date(_actor: Actor, token: str) -> Response:
    """Let a member say that they can't come, and take it back, without signing in. Shows the date and the time only."""
    date = rules.read(current_app.config["SETTINGS"].secret_key, token)
    found = queries.find_date(session(), date, now()) if date else None
    if found is None:
        raise RuleBroken("one_date_over")
    meeting, person = found
    form = forms.OneDateForm()
    if form.validate_on_submit():
        answer = partial(services.answer_by_link, session(), meeting, person, token=token, now=now())
        attempt(form, answer, is_coming=form.is_coming.data == "yes", network=f"network {request.remote_addr}")
        if not form.errors:
            return see_other(".one_date", token=token)
    own_answer = meetings.answers_for(session(), meeting.id).get(person.id)
    with force_locale(language() if "language" in cookie else person.language):
        return page("reminders/one_date.html", form=form, meeting=meeting, own_answer=own_answer)


@bp.after_request
def keep_token(response: Response) -> Response:
    """Let no browser name an address with its token to anyone; a stricter policy takes the Origin from the form too."""
    response.headers["Referrer-Policy"] = "strict-origin"
    return response


@bp.route("/meetings/<uuid:meeting_id>/run-anyway", methods=["POST"])
@guard(meetings.get_meeting, meetings_policy.may_run_meeting)
def run_anyway(actor: Actor, meeting: Meeting) -> Response:
    """Hold a meeting although fewer than three come."""
    services.run_anyway(session(), actor, meeting, now=now())
    return see_other("meetings.show", meeting_id=meeting.id, said=_("The meeting is held. We do not ask again."))
