"""What was typed is given back where a form cannot be taken: its writer is signed out, or has signed in anew since.

Nothing is kept anywhere: the words go back to the browser that sent them, in the answer to the same request. Only views
that say so (`gives_back`), only fields of their form, and only where the browser itself says that the form is ours.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import Flask, Response, current_app, g, make_response, render_template, request, url_for
from flask_wtf import CSRFProtect, FlaskForm
from flask_wtf.csrf import CSRFError, validate_csrf
from wtforms import StringField, TextAreaField, ValidationError

from supervision.web.headers import is_surely_ours

View = TypeVar("View", bound=Callable[..., object])
SHOWN = frozenset({StringField, TextAreaField})
"""Kinds of fields whose words are shown again; a password is another kind, and so is everything that is chosen."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A field as it was sent: its name, what it is called on its page, and the words."""

    name: str
    label: str
    words: str


def gives_back(form: type[FlaskForm]) -> Callable[[View], View]:
    """Say of a view that what is typed in its form is given back to those who are signed out; stands below its guard.

    The view changes nothing but behind `form.validate_on_submit()`: it is also run for a form with a token of an
    earlier sign-in, which the form refuses, so that the page comes back with everything in it.
    """

    def mark(view: View) -> View:
        cast("Any", view).gives_back = form
        return view

    return mark


def install(app: Flask) -> None:
    """Check the token of every unsafe request, but where the form itself refuses it. Goes after the check of Origin."""
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    protection = CSRFProtect(app)

    @app.before_request
    def check_token() -> None:
        try:
            protection.protect(apply_exemptions=True)
        except CSRFError:
            form = _form()
            if form is None or not _sent(form)[0] or not _is_refused_by_its_form():
                raise
            g.is_token_refused = True


def is_token_refused() -> bool:
    """Whether this request came with a wrong token and runs only to show its form again; nothing of it is saved."""
    return bool(g.get("is_token_refused"))


def give_back(endpoint: str) -> Response | None:
    """Return the page with what was typed and the way to sign in (`endpoint`); None where nothing was typed."""
    form = _form()
    shown, others = _sent(form) if form is not None else ([], [])
    if not shown:
        return None
    path = request.full_path.rstrip("?")
    way = url_for(endpoint, next=url_for("home.start"))
    text = render_template("errors/typed.html", shown=shown, others=others, path=path, way=way, endpoint=endpoint)
    return make_response(text, 403)


def _form() -> type[FlaskForm] | None:
    """Return the form of this request if what was typed in it may be shown again."""
    view = current_app.view_functions.get(request.endpoint or "")
    form = getattr(view, "gives_back", None)
    is_page = request.method == "POST" and "HX-Request" not in request.headers  # a part of a page cannot show it
    return form if form is not None and is_page and is_surely_ours() else None


def _is_refused_by_its_form() -> bool:
    try:
        validate_csrf(request.form.get("csrf_token"))
    except ValidationError:
        return True
    return False


def _sent(form: type[FlaskForm]) -> tuple[list[Typed], list[tuple[str, str]]]:
    """Return the words to show, and of the form's other fields name and value, which travel along unseen."""
    shown: list[Typed] = []
    others: list[tuple[str, str]] = []
    for field in form():
        if field.name == "csrf_token":
            continue
        values = request.form.getlist(field.name)
        if type(field) in SHOWN:
            shown += [Typed(field.name, str(field.label.text), one) for one in values[:1] if one.strip()]
        else:
            others += [(field.name, one) for one in values]
    return shown, others
