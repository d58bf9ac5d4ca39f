"""The start page of each role; someone with several roles sees each part."""

from flask import Blueprint, Response

from supervision.cases import follow_up_queries as follow_ups
from supervision.cases import queries as cases
from supervision.cases.models import Case
from supervision.evaluations import queries as evaluations
from supervision.groups import queries as groups
from supervision.home import queries
from supervision.kernel.actor import Actor
from supervision.meetings import queries as meetings
from supervision.orgs import queries as orgs
from supervision.people.policy import may_be_signed_in
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard_actor, open_page
from supervision.web.page import page

bp = Blueprint("home", __name__)
OPEN_CASE = frozenset({"draft", "offered", "chosen"})


@bp.route("/")
@guard_actor(may_be_signed_in)
def start(actor: Actor) -> Response:
    """Show what is next and what needs the reader."""
    parts = {
        "supervisor": _supervisor(actor) if actor.is_supervisor else None,
        "participant": _participant(actor),
        "office": _office(actor) if actor.manages | actor.coordinates else None,
    }
    return page("home/start.html", **parts)


def _supervisor(actor: Actor) -> dict[str, object]:
    return {
        "board": queries.supervisor_start(session(), actor, now()),
        "organisations": orgs.organisations_of(session(), actor),
        "assignments": [one for one in orgs.assignments_of(session(), actor) if one.id in actor.supervises],
    }


def _participant(actor: Actor) -> dict[str, object]:
    """Return what a member sees; those without a seat may still stand in a line or have an evaluation to answer."""
    waiting: dict[str, object] = {
        "standing": groups.standing_of(session(), actor),
        "evaluations": evaluations.open_for(session(), actor, now()),
    }
    return waiting | _member(actor) if actor.member_of else waiting


def _member(actor: Actor) -> dict[str, object]:
    own = groups.my_groups(session(), actor)
    ahead = [one for one in meetings.upcoming(session(), actor, now()) if one.group_id in actor.member_of]
    nearest = ahead[0] if ahead else None
    group = nearest.group if nearest else own[0]
    return {
        "groups": own,
        "answers": meetings.answers_of(session(), actor.id, [one.id for one in ahead]),
        "nearest": nearest,
        "turn": cases.whose_turn(session(), actor, group, now()),
        "own_case": _own_open_case(actor),
        "to_follow_up": follow_ups.meeting_to_follow_up(session(), actor, now()),
        "has_accepted": groups.has_accepted(session(), actor, group),
        "group": group,
        "has_release": bool(evaluations.releases_of(session(), group.assignment_id)),
    }


def _own_open_case(actor: Actor) -> Case | None:
    """Return the newest case the reader has written that has not been told yet."""
    return next((one for one in cases.own_cases(session(), actor) if one.status in OPEN_CASE), None)


def _office(actor: Actor) -> dict[str, object]:
    return {"reports": evaluations.reports_of(session(), actor)}


@bp.route("/health")
@open_page("the operator's monitor asks whether the app answers; it tells nothing else")
def health(_actor: Actor) -> Response:
    """Answer "ok"."""
    return Response("ok\n", mimetype="text/plain")
