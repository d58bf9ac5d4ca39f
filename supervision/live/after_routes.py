"""The pages after a round: everything to the supervisor, to each member their own part."""

from flask import Response

from supervision.kernel.actor import Actor
from supervision.live import afterwards, policy, queries
from supervision.live.routes import bp, where_it_is
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import page, see_other
from supervision.web.texts import text_seal


@bp.route("/meetings/<uuid:meeting_id>/summary")
@guard(queries.get_meeting, policy.may_follow)
def summary(actor: Actor, meeting: Meeting) -> Response:
    """Show what the round became: everything to the supervisor, to a member only what is theirs."""
    runs_it = policy.may_run_round(actor, meeting)
    if meeting.status != "held":
        return where_it_is(meeting) if runs_it else see_other(".room", meeting_id=meeting.id)
    seal = text_seal()
    if runs_it:
        shown = afterwards.for_supervisor(session(), seal, actor, meeting, now())
        return page("live/summary.html", meeting=meeting, **shown)
    shown = afterwards.for_member(session(), seal, actor, meeting, now())
    return page("live/own_summary.html", meeting=meeting, **shown)
