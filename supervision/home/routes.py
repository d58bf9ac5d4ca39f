"""The start page of each role."""

from flask import Blueprint, Response

from supervision.kernel.actor import Actor
from supervision.orgs import queries as orgs
from supervision.people.policy import may_be_signed_in
from supervision.store.database import session
from supervision.web.guard import guard_actor, open_page
from supervision.web.page import page

bp = Blueprint("home", __name__)


@bp.route("/")
@guard_actor(may_be_signed_in)
def start(actor: Actor) -> Response:
    """Show what is next and what needs the reader."""
    return page("home/start.html", assignments=orgs.assignments_of(session(), actor))


@bp.route("/health")
@open_page("the operator's monitor asks whether the app answers; it tells nothing else")
def health(_actor: Actor) -> Response:
    """Answer "ok"."""
    return Response("ok\n", mimetype="text/plain")
