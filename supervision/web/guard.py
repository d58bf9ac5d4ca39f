"""One guard before every page: load, ask the policy, run the view, then commit or roll back. Nothing else commits."""

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, NoReturn, TypeVar, cast

from flask import Flask, Response, abort, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from supervision.kernel.actor import Actor
from supervision.store.database import session, writing
from supervision.web.edge import edge, now
from supervision.web.typed import give_back, is_token_refused

T = TypeVar("T")
View = Callable[..., ResponseReturnValue]
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class Unguarded(RuntimeError):
    """A route has neither a policy nor a place among the open pages; the app does not start."""


def current_actor() -> Actor:
    """Return who is asking, with every relation the session has earned, read once in this request."""
    if "actor" not in g:
        found = edge().identity(session(), now())
        if found.person_id is not None:
            found = replace(found, **edge().relations_of(session(), found.person_id))
        g.actor = found.as_admitted()
    return cast("Actor", g.actor)


def guard(load: Callable[..., T | None], may: Callable[[Actor, T], bool]) -> Callable[[View], View]:
    """Let a view run for a thing: `load(session, actor, **url)` or 404, then `may(actor, thing)` or 403.

    A loader returns None for what is missing *and* for what this actor may not know of. The view gets `(actor, thing)`.
    """

    def ask(**url: Any) -> tuple[Any, ...]:  # noqa: ANN401 - the URL's parts are typed by their converters
        actor = _someone()
        thing = load(session(), actor, **url)
        if thing is None:
            abort(404)
        if not may(actor, thing):
            abort(403)
        return (actor, thing)

    return _guarded(ask, f"{load.__module__}.{load.__name__}, {may.__module__}.{may.__name__}")


def guard_actor(may: Callable[[Actor], bool], *, is_before_factor: bool = False) -> Callable[[View], View]:
    """Let a view run that belongs to no single thing: signed in, and `may(actor)` or 403. The view gets `(actor)`.

    `is_before_factor` is for the pages on which a second factor is shown or made.
    """

    def ask(**_url: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as above
        actor = _someone(is_before_factor=is_before_factor)
        if not may(actor):
            abort(403)
        return (actor,)

    return _guarded(ask, f"{may.__module__}.{may.__name__}", keep_url=True)


def open_page(reason: str) -> Callable[[View], View]:
    """Let a view run for everyone, with the reason why. The view gets `(actor)`, who may be a stranger."""

    def ask(**_url: Any) -> tuple[Any, ...]:  # noqa: ANN401 - as above
        return (current_actor(),)

    return _guarded(ask, f"open: {reason}", keep_url=True)


def _guarded(ask: Callable[..., tuple[Any, ...]], policy: str, *, keep_url: bool = False) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        @wraps(view)
        def run(**url: Any) -> Response:  # noqa: ANN401 - as above
            asked = ask(**url)
            response = make_response(view(*asked, **(url if keep_url else {})))
            if request.method in SAFE_METHODS or response.status_code >= 400:
                session().rollback()
            elif is_token_refused():  # a view that did something all the same
                abort(400)
            else:
                session().commit()
            _keep_alive()  # apart: a row of who was here must not share a ballot's transaction number
            return response

        cast("Any", run).policy = policy
        return run

    return decorate


def _keep_alive() -> None:
    writing.set(True)
    if edge().keep_alive():
        session().commit()


def _someone(*, is_before_factor: bool = False) -> Actor:
    """Return who is signed in, wholly; others are sent to sign in or to show their second factor."""
    actor = current_actor()
    if not actor.is_signed_in:
        _send_to("people.sign_in")
    if actor.needs_factor and not is_before_factor:
        _send_to("factors.ask")
    return actor


def _send_to(endpoint: str) -> NoReturn:
    if request.headers.get("HX-Request"):  # a part of a page cannot show the page; the whole page goes there
        abort(make_response("", 204, {"HX-Redirect": url_for(endpoint)}))
    if (typed := give_back(endpoint)) is not None:
        abort(typed)
    wanted = request.full_path if request.method in SAFE_METHODS else url_for("home.start")
    abort(redirect(url_for(endpoint, next=wanted.rstrip("?")), 303))


def decide_writing() -> None:
    """Say before the first statement whether this request's transaction will write (docs/decisions.md 4)."""
    writing.set(request.method not in SAFE_METHODS)


def check_every_route(app: Flask) -> None:
    """Refuse to start with a route that has no policy; raises `Unguarded` naming them."""
    bare = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and not hasattr(app.view_functions[rule.endpoint], "policy")
    ]
    if bare:
        raise Unguarded("routes without a policy: " + ", ".join(sorted(bare)))
