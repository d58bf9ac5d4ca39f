"""One designed page for everything that goes wrong."""

from functools import partial

from flask import Flask, Response, current_app, g, make_response, render_template, request
from flask_babel import lazy_gettext as _l
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError, SQLAlchemyError
from werkzeug.exceptions import BadHost, HTTPException, SecurityError

from supervision.kernel.actor import STRANGER
from supervision.kernel.errors import RuleBroken
from supervision.store.database import give_up, session
from supervision.store.sealed import CannotOpen
from supervision.web.messages import sentence

PAGES = {
    400: (_l("That could not be read"), _l("Something in the request was not as it should be. Go back and try again.")),
    403: (_l("This is not yours to change"), _l("You can see that it exists, but the step belongs to someone else.")),
    404: (_l("There is nothing here"), _l("The page does not exist, or it is not meant for you.")),
    405: (_l("That is not how this page works"), _l("Go back and use the buttons of the page.")),
    409: (_l("That was not possible"), _l("Something has changed since you opened the page.")),
    410: (
        _l("This text can't be read any more"),
        _l("Its key is lost or damaged, so nobody can open it, and nothing of it was changed. All else is as it was."),
    ),
    413: (_l("That was too much at once"), _l("The text or file is larger than we take.")),
    414: (_l("That address is too long"), _l("Go back and use the buttons of the page.")),
    429: (_l("Wait a moment"), _l("There were many tries in a short time. Wait a minute and try again.")),
    431: (
        _l("Your browser sent too much"),
        _l("Delete the cookies of this site in your browser, then open the page again."),
    ),
    500: (_l("Something broke on our side"), _l("Nothing of what you did was saved. We have noted the fault.")),
    503: (_l("Rundan is busy"), _l("Wait a few seconds and try again.")),
}

FOREIGN_HOST = """Det här är inte adressen till den här installationen.
Det her er ikke adressen til denne installation.
This installation does not answer to that host name.
"""


def _answer(code: int, text: str | None = None) -> Response:
    """Answer with a page; in plain words where the host is not ours, since no page can be made without an address."""
    if isinstance(request.routing_exception, SecurityError | BadHost):
        return Response(FOREIGN_HOST, 400, mimetype="text/plain")
    known = code if code in PAGES else (400 if code < 500 else 500)
    heading, usual = PAGES[known]
    shown = partial(render_template, "errors/error.html", code=code, heading=heading, sentence=text or usual)
    try:
        give_up() if code >= 500 else session().rollback()
        return make_response(shown(), code)
    except SQLAlchemyError:  # the database is out of reach: a page that asks it nothing
        g.actor = STRANGER
        return make_response(shown(), code)


def _broken_rule(error: RuleBroken) -> Response:
    return _answer(409, sentence(error.refusal))


def _http(error: HTTPException) -> Response:
    if error.code is None or error.code < 400:
        return make_response(error.get_response())
    return _answer(error.code)


def _lost_text(error: CannotOpen) -> Response:
    current_app.logger.warning("a text cannot be opened: %s", error.place)
    return _answer(410)


def _csrf(_error: CSRFError) -> Response:
    return _answer(400, str(_l("The page had been open for too long. Go back, load it again and send once more.")))


def _busy(error: OperationalError) -> Response:
    current_app.logger.error("database busy or out of reach", exc_info=error)
    return _answer(503)


def _fault(error: Exception) -> Response:
    current_app.logger.error("unexpected fault", exc_info=error)
    return _answer(500)


def install(app: Flask) -> None:
    """Register the pages; in tests an unexpected fault is raised instead of shown."""
    app.register_error_handler(RuleBroken, _broken_rule)
    app.register_error_handler(CannotOpen, _lost_text)
    app.register_error_handler(CSRFError, _csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    if not app.testing:
        app.register_error_handler(Exception, _fault)
