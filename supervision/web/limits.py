"""How much a request may bring, checked before anything reads it (docs/security.md)."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from flask import Flask, abort, current_app, request
from flask.json.provider import DefaultJSONProvider

from supervision.web.headers import NO_TEXT

View = TypeVar("View", bound=Callable[..., object])
MOST_BYTES = 512 * 1024  # our choice: 500 taps of a device take 150 kB, the longest form some 60 kB
MOST_FIELDS = 1000  # our choice, as Flask's own for multipart; the longest form has some 120
MOST_ADDRESS = 4000  # bytes of path and query; gunicorn takes 4,094
MOST_HEADERS = 16 * 1024  # bytes of all; our cookie takes less than 1,000
FORM, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"


def takes(*, json: bool = False, files: bool = False, most_bytes: int = MOST_BYTES) -> Callable[[View], View]:
    """Say of a view that it takes JSON or files, which no other does, or larger bodies; stands below its guard."""

    def mark(view: View) -> View:
        marked = cast("Any", view)
        marked.takes_json, marked.takes_files, marked.most_bytes = json, files, most_bytes
        return view

    return mark


def install(app: Flask) -> None:
    """Refuse what is too long (413, 414, 431) or of a kind no page takes (415). Goes before whatever reads a form."""
    app.json = Json(app)
    app.config["MAX_FORM_PARTS"] = MOST_FIELDS
    app.url_map.merge_slashes = False  # it would send on to whatever host the request names

    @app.before_request
    def within_limits() -> None:
        environ = request.environ
        if not request.host:  # none, or one that is no host, such as localhost:99999
            abort(400)
        if len(environ.get("PATH_INFO", "")) + len(environ.get("QUERY_STRING", "")) > MOST_ADDRESS:
            abort(414)
        if sum(len(str(value)) for name, value in environ.items() if name.startswith("HTTP_")) > MOST_HEADERS:
            abort(431)
        view = current_app.view_functions.get(request.endpoint or "")
        request.max_content_length = getattr(view, "most_bytes", MOST_BYTES)
        if request.is_json and not getattr(view, "takes_json", False):
            abort(415)
        if request.mimetype == MULTIPART and not getattr(view, "takes_files", False):
            abort(415)  # a form would find a file where it expects a text
        if request.is_json:
            request.get_data()  # whole, before the guard: who sends slowly must not hold a round's lock meanwhile
        if request.mimetype == FORM and request.get_data().count(b"&") >= MOST_FIELDS:
            abort(413)


class Json(DefaultJSONProvider):
    """JSON as Flask reads it, where everything that is no plain text or nested without end is simply broken."""

    def loads(self, s: str | bytes, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever was sent
        """Return what was sent; raises `ValueError`."""
        try:
            found = super().loads(s, **kwargs)
            _check(found)
        except RecursionError:
            raise ValueError("nested too deep") from None
        return found


def _check(found: object) -> None:
    if isinstance(found, str):
        if NO_TEXT.search(found) or any("\ud800" <= sign <= "\udfff" for sign in found):
            raise ValueError("no text")
    elif isinstance(found, dict):
        for name, value in found.items():
            _check(name)
            _check(value)
    elif isinstance(found, list):
        for value in found:
            _check(value)
