"""Pages of cover: a member's own request for one date, and the planner's list."""

from functools import partial

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from supervision.cover import mails, policy, queries, rules, services
from supervision.cover.models import CoverRequest
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting
from supervision.people.forms import Nothing
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard, guard_actor
from supervision.web.page import attempt, page, see_other

bp = Blueprint("cover", __name__)


@bp.route("/meetings/<uuid:meeting_id>/cover", methods=["GET", "POST"])
@guard(queries.get_meeting, policy.may_ask)
def ask(actor: Actor, meeting: Meeting) -> Response:
    """Ask the planner for cover for one date, and see what became of it."""
    form = Nothing()
    if form.validate_on_submit():
        for over in services.end_own_over(session(), actor, meeting):
            mails.tell_ended(session(), over, now=now())
        asked = attempt(form, partial(services.ask, session(), actor, meeting, now=now()))
        if asked is not None:
            made, is_new = asked
            if is_new:
                mails.tell_asked(session(), made, now=now())
            return see_other(".ask", meeting_id=meeting.id, said=_("The planner is asked. You get the answer by mail."))
    return page(
        "cover/ask.html",
        form=form,
        meeting=meeting,
        group=meeting.group,
        cover=queries.own_for(session(), actor.id, meeting),
        has_planner=queries.has_planner(session(), meeting.group.assignment.organisation_id),
        can_ask=rules.can_ask(meeting.status, meeting.starts_at, now()),
    )


@bp.route("/cover/<uuid:cover_id>/withdraw", methods=["POST"])
@guard(queries.get_own, policy.may_withdraw)
def withdraw(actor: Actor, cover: CoverRequest) -> Response:
    """Take one's own request back."""
    services.withdraw(session(), actor, cover, now=now())
    mails.tell_withdrawn(session(), cover, now=now())
    return see_other(
        ".ask", meeting_id=cover.meeting_id, said=_("Your request is taken back, and the planner is told.")
    )


@bp.route("/cover")
@guard_actor(policy.may_plan)
def asked(actor: Actor) -> Response:
    """Show the planner what is asked for, soonest first."""
    found = queries.asked_of(session(), actor, now())
    return page(
        "cover/asked.html",
        waiting=[one for one in found if one.status == "open"],
        answered=[one for one in found if one.status != "open"],
    )


@bp.route("/cover/<uuid:cover_id>/answer", methods=["POST"])
@guard(queries.get_asked, policy.may_answer)
def answer(actor: Actor, cover: CoverRequest) -> Response:
    """Note the planner's answer and write to whoever asked."""
    is_arranged = request.form.get("answer") == "arranged"
    if services.answer(session(), actor, cover, is_arranged=is_arranged, now=now()):
        mails.tell_answered(session(), cover, now=now())
    return see_other(".asked", said=_("%(name)s is told by mail.", name=cover.person.name))
