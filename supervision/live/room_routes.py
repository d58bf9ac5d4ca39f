"""The round for all to see: the room's page, and the stream that keeps it as it is."""

from collections.abc import Iterable, Mapping
from functools import partial
from http.cookies import SimpleCookie
from threading import Lock
from typing import Any, cast
from uuid import UUID

from flask import Flask, Response, current_app, request
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

import config as settings
from supervision.kernel.actor import Actor
from supervision.live import policy, queries, rights, room_screen
from supervision.live.hub import Hub, Standing
from supervision.live.room_message import message_of
from supervision.live.routes import bp
from supervision.live.rules import view_at
from supervision.live.standing import standing, standings
from supervision.live.streams import PRELUDE, Follower, SocketFollower, WaitingFollower, find_socket, head, take
from supervision.meetings.models import Meeting
from supervision.store.database import db, session, writing
from supervision.web.edge import edge, now
from supervision.web.guard import current_actor, guard
from supervision.web.page import page

FOLLOWED = frozenset({"planned", "live"})
MOST_WAITING = 24  # streams where each holds one of the server's threads (launch.py: 48)
RETRY_AFTER_S = 30
RIGHTS_WATCHED = rights.WATCHED  # importing is what begins the watch
_making = Lock()


@bp.route("/meetings/<uuid:meeting_id>/room")
@guard(queries.get_meeting, policy.may_follow)
def room(actor: Actor, meeting: Meeting) -> Response:
    """Show the round to everyone at the table: the phase, the time, whose turn."""
    shown = None
    if meeting.status == "live":
        state = standing(session(), meeting.id)
        view = view_at(state, now())
        shown = room_screen.room(state, view, str(actor.id), meeting.group.zone, now()) if view else None
    return page("live/room.html", meeting=meeting, shown=shown, own_id=actor.id)


@bp.route("/meetings/<uuid:meeting_id>/live/stream")
@guard(queries.get_meeting, policy.may_follow)
def stream(actor: Actor, meeting: Meeting) -> Response:
    """Send the round as it stands and then each change, as long as the reader may follow; `once` is for asking."""
    is_over = meeting.status not in FOLLOWED
    if "once" in request.args:
        state = standing(session(), meeting.id)
        message = b'{"status":"ended"}' if is_over else message_of(state, now())
        return Response(message, mimetype="application/json")
    if is_over or request.method == "HEAD":
        return Response(b"event: ended\ndata: {}\n\n", mimetype="text/event-stream")
    return Stream(hub(), meeting.id, actor.id, request.headers.get("Last-Event-ID", type=int))


def hub() -> Hub:
    """Return the hub of this process."""
    app = cast("Flask", cast("Any", current_app)._get_current_object())  # noqa: SLF001 - a thread needs the app itself
    with _making:
        if "live_hub" not in app.extensions:
            config: settings.Config = app.config["SETTINGS"]
            app.extensions["live_hub"] = Hub(
                db.engine, partial(_load, app), partial(_may_still, app), config.most_streams
            )
        return cast("Hub", app.extensions["live_hub"])


class Stream(Response):
    """An answer that lasts: once the request is over, the hub keeps its connection and this process its place."""

    def __init__(self, through: Hub, meeting_id: UUID, person_id: UUID, seq: int | None) -> None:
        super().__init__(mimetype="text/event-stream", headers={"X-Accel-Buffering": "no"})
        self._hub, self._meeting_id, self._person_id = through, meeting_id, person_id
        self._seq = -1 if seq is None else seq

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:  # noqa: ANN401 - WSGI
        """Hand the follower to the hub; 503 where there is no place left."""
        held = find_socket(environ)
        if not self._hub.reserve(self._person_id, None if held else MOST_WAITING):
            return _full()(environ, start_response)
        who = (self._meeting_id, self._person_id, _as_it_came(environ), self._seq)
        if held is None:
            waiting = WaitingFollower(*who)
            self.response = waiting
            self._hub.adopt(waiting)
        else:
            try:
                taken, far = take(held)
            except OSError:  # too many open files; a place that is never given back would be lost until a restart
                self._hub.release(self._person_id)
                return _full()(environ, start_response)
            self._hub.adopt(SocketFollower(taken, head(self.headers) + PRELUDE, *who))
            self.call_on_close(far.close)
        return super().__call__(environ, start_response)


def _full() -> Response:
    return Response(status=503, headers={"Retry-After": str(RETRY_AFTER_S), "Cache-Control": "no-store"})


def _as_it_came(environ: Mapping[str, Any]) -> dict[str, Any]:
    """Keep of a request what says who asks: the host as the app sees it, and our own cookie."""
    cookie_name = current_app.config["SESSION_COOKIE_NAME"]
    cookie = SimpleCookie(environ.get("HTTP_COOKIE", "")).get(cookie_name)
    kept = [("Cookie", f"{cookie_name}={cookie.value}")] if cookie else []
    return EnvironBuilder("/", base_url=request.host_url, headers=Headers(kept)).get_environ()


def _load(app: Flask, meeting_ids: Iterable[UUID]) -> dict[UUID, Standing]:
    """Read the rounds that have changed and make the message of each."""
    writing.set(False)
    with app.app_context():
        at = edge().clock()
        found = standings(session(), list(meeting_ids))
        return {
            key: Standing(one.state.last_seq, one.state.status == "ended", message_of(one.state, at))
            for key, one in found.items()
        }


def _may_still(app: Flask, follower: Follower) -> bool:
    """Ask as the guard would: the session, the relations, the meeting, the policy; all read anew."""
    writing.set(False)
    with app.request_context(dict(follower.environ)):
        actor = current_actor()
        meeting = queries.get_meeting(session(), actor, follower.meeting_id) if actor.is_signed_in else None
        may = meeting is not None and meeting.status in FOLLOWED and policy.may_follow(actor, meeting)
        session().rollback()
        if may:  # who watches a round uses the session
            writing.set(True)
            if edge().keep_alive():
                session().commit()
            writing.set(False)
        return may
