"""What the pages after a round show: all of it to the supervisor, to a member their own part."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervision.cases import follow_up_queries as follow_ups
from supervision.cases import queries as cases
from supervision.cases.follow_up_services import open_all, open_follow_up
from supervision.formats.queries import formats_for
from supervision.formats.words import in_language
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.live import queries, screens
from supervision.live.plan_screen import rows
from supervision.live.rules import spoken_s, view_at
from supervision.live.tasks import KEEP_LOG
from supervision.live.words import short_names
from supervision.meetings.models import Meeting
from supervision.store.sealed import TextSeal


def for_supervisor(session: Session, seal: TextSeal, actor: Actor, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """Return phases planned and real, everyone's time, the balance, the follow-ups, and what comes next.

    Times of people go with the log after 30 days; the group's balance stays. A meeting that was held without the live
    page has neither.
    """
    state = queries.state_of(session, meeting)
    view = view_at(state, now)
    names = short_names(state.participants)
    spoken = spoken_s(state)
    chosen = formats_for(session, actor).get(meeting.format_key or "")
    return {
        "kept": queries.summary_of(session, meeting.id),
        "format_name": in_language(chosen.name) if chosen else "",
        "rows": rows(view.plan, meeting.group.zone) if view else [],
        "minutes": screens.minutes(view, names) if view else [],
        "spoken": [(names[person.id], spoken[person.id]) for person in state.participants],
        "deleted_on": _deleted_on(meeting),
        "noted": open_all(seal, actor, follow_ups.follow_ups_of_meeting(session, meeting)),
        "turn": cases.whose_turn(session, actor, meeting.group, now),
    }


def for_member(session: Session, seal: TextSeal, actor: Actor, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """Return the member's own time, their own follow-up or that they may note one, and what comes next."""
    state = queries.state_of(session, meeting)
    own = follow_ups.own_follow_up(session, actor, meeting.id)
    return {
        "own_s": spoken_s(state).get(str(actor.id)) if state.runs else None,
        "deleted_on": _deleted_on(meeting),
        "own_text": open_follow_up(seal, own) if own else None,
        "may_note": follow_ups.get_told_meeting(session, actor, meeting.id) is not None,
        "turn": cases.whose_turn(session, actor, meeting.group, now),
    }


def _deleted_on(meeting: Meeting) -> date:
    """Return the first local day on which the minutes are surely gone: the sweep runs within the hour."""
    return local_day(meeting.ends_at + KEEP_LOG + timedelta(hours=1), meeting.group.zone)
