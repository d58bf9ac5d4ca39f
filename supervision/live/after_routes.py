"""The pages after a round: everything to the supervisor, to each member their own part."""

from flask import Response

from supervision.formats.catalogue import formats
from supervision.kernel.actor import Actor
from supervision.live import policy, queries, screens
from supervision.live.plan_screen import rows
from supervision.live.routes import bp, where_it_is
from supervision.live.rules import spoken_s, view_at
from supervision.live.words import in_language, short_names
from supervision.meetings.models import Meeting
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard
from supervision.web.page import page, see_other


@bp.route("/meetings/<uuid:meeting_id>/summary")
@guard(queries.get_meeting, policy.may_follow)
def summary(actor: Actor, meeting: Meeting) -> Response:
    """Show what the round became: everything to the supervisor, to a member only their own minutes."""
    if meeting.status != "held":
        return (
            where_it_is(meeting) if policy.may_run_round(actor, meeting) else see_other(".room", meeting_id=meeting.id)
        )
    state = queries.state_of(session(), meeting)
    view = view_at(state, now())
    if not policy.may_run_round(actor, meeting):
        own_s = spoken_s(state).get(str(actor.id)) if view else None
        return page("live/own_summary.html", meeting=meeting, own_s=own_s)
    kept = queries.summary_of(session(), meeting.id)
    chosen = formats().get(meeting.format_key or "")
    spoken = spoken_s(state)
    names = short_names(state.participants)
    return page(
        "live/summary.html",
        meeting=meeting,
        kept=kept,
        format_name=in_language(chosen.name) if chosen else "",
        rows=rows(view.plan, meeting.group.zone) if view else [],
        minutes=screens.minutes(view, names) if view else [],
        spoken=[(names[person.id], spoken[person.id]) for person in state.participants],
    )
