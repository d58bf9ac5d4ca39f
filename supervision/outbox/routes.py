"""The development mailbox: what would have been sent. It exists only without a mail server and outside production."""

from flask import Blueprint, Response, abort, current_app

from supervision.kernel.actor import Actor
from supervision.outbox import queries
from supervision.store.database import session
from supervision.web.guard import open_page
from supervision.web.page import page

bp = Blueprint("outbox", __name__)


@bp.route("/mailbox")
@open_page("development only: shows how a demo user gets a sign-in code; 404 in production or with a mail server")
def mailbox(_actor: Actor) -> Response:
    """Show the newest mails."""
    settings = current_app.config["SETTINGS"]
    if settings.is_production or settings.smtp is not None:
        abort(404)
    return page("outbox/mailbox.html", mails=queries.latest_mail(session()))
