"""The demonstration: a recorded meeting at the round table, played by the page itself. Only outside production."""

from typing import Any

from flask import Blueprint, Response, abort, current_app
from flask.typing import ResponseReturnValue

from supervision.demo import recorded, rttm
from supervision.demo.seed import AUTHENTICATOR, has_demo_people
from supervision.factors.rules import password_of, step_of
from supervision.kernel.actor import Actor
from supervision.live import screens
from supervision.live.patterns import patterns
from supervision.live.rules import fold, view_at
from supervision.store.database import session
from supervision.web.edge import now
from supervision.web.guard import open_page
from supervision.web.page import page

bp = Blueprint("demo", __name__)

SPEEDS = (10, 30, 60, 120)  # times as fast as the meeting was
SPEED = 30  # 86 minutes in three


@bp.route("/demo")
@open_page("development only: shows the round table with a recorded meeting of strangers; 404 in production")
def show(_actor: Actor) -> Response:
    """Show the table as it was before the first word; the page goes on by itself."""
    _only_in_development()
    state = fold(recorded.log(()))
    view = view_at(state, recorded.STARTS_AT)
    return page(
        "demo/show.html",
        shown=screens.supervisors(state, view, recorded.ZONE, recorded.STARTS_AT) if view else None,
        patterns=patterns(""),
        zone=recorded.ZONE,
        speeds=SPEEDS,
        speed=SPEED,
        length_s=rttm.ends_ms(rttm.recording(recorded.NAME)) // rttm.MS,
    )


@bp.route("/demo/timeline")
@open_page("development only: the recorded meeting of the demonstration page; 404 in production")
def timeline(_actor: Actor) -> ResponseReturnValue:
    """Answer with the start event and, for each tap: milliseconds from the start, kind, who."""
    _only_in_development()
    return _timeline()


def _timeline() -> dict[str, Any]:
    (start,) = recorded.log(())
    return {"start": start.to_data(), "taps": [[tap.at_ms, tap.kind, tap.speaker] for tap in recorded.taps()]}


def _only_in_development() -> None:
    if current_app.config["SETTINGS"].is_production:
        abort(404)


@bp.app_template_global("demo_codes")
def demo_codes() -> list[str]:
    """Return the codes that the demo's authenticator app shows in this half minute and the next, for /mailbox.

    None in production, where that page does not exist either, and none where nobody has the demo's app.
    """
    if current_app.config["SETTINGS"].is_production or not has_demo_people(session()):
        return []
    step = step_of(now())
    return [password_of(AUTHENTICATOR, step + later) for later in (0, 1)]
