"""The start page of each role; someone with several roles sees each part."""

from flask import Blueprint, Response

from supervision.home import board
from supervision.kernel.actor import Actor
from supervision.operations import words
from supervision.operations.pages import board as installation_board
from supervision.people.policy import may_be_signed_in
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import guard_actor, open_page
from supervision.web.page import page

bp = Blueprint("home", __name__)


@bp.route("/")
@guard_actor(may_be_signed_in)
def start(actor: Actor) -> Response:
    """Show what is next and what needs the reader."""
    office = actor.manages | actor.coordinates
    return page(
        "home/start.html",
        participant=board.participant_start(session(), actor, now()),
        supervisor=board.supervisor_start(session(), actor, now()) if actor.is_supervisor else None,
        office=board.office_start(session(), actor, now()) if office else None,
        installation=installation_board() if actor.is_operator else None,
        words=words,
    )


@bp.route("/health")
@open_page("the operator's monitor asks whether the app answers; it tells nothing else")
def health(_actor: Actor) -> Response:
    """Answer "ok"."""
    return Response("ok\n", mimetype="text/plain")
