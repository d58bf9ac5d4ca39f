"""Answers a view can give: a page, a way on, a refusal beside its field."""

import re
from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask_wtf import FlaskForm

from supervision.kernel.errors import Refusal, RuleBroken
from supervision.web.messages import sentence

P = ParamSpec("P")
R = TypeVar("R")


def page(template: str, *, form: FlaskForm | None = None, **context: Any) -> Response:  # noqa: ANN401 - templates take what they need
    """Render a page; 422 when its form was sent and refused."""
    refused = form is not None and bool(form.errors)
    return make_response(render_template(template, form=form, **context), 422 if refused else 200)


def see_other(endpoint: str, /, *, said: str | None = None, **values: Any) -> Response:  # noqa: ANN401 - URL parts
    """Send the browser on with 303 after something was done; `said` is one line shown on the next page."""
    if said:
        flash(said)
    return make_response(redirect(url_for(endpoint, **values), 303))


def go_on(path: str) -> Response:
    """Send the browser on with 303 to a path of this site; see `relative_only`."""
    return make_response(redirect(path, 303))


def attempt(form: FlaskForm, do: Callable[P, R], /, *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Run a service for a form; a broken rule becomes a sentence beside its field and the answer is None.

    The guard rolls back, since the page then answers 422; nothing typed is lost.
    """
    try:
        return do(*args, **kwargs)
    except RuleBroken as broken:
        refuse(form, broken.refusal)
        return None


def refuse(form: FlaskForm, refusal: Refusal) -> None:
    """Put a refusal beside the field it belongs to, or above the form when it has none."""
    field = form[refusal.field] if refusal.field and refusal.field in form else None
    text = sentence(refusal)
    if field is None:
        form.form_errors.append(text)
    else:
        field.errors = [*field.errors, text]


OWN_PATH = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")
"""A path of this site: one slash, and nothing that a browser drops or turns into a slash."""


def relative_only(target: str | None, fallback: str) -> str:
    """Return `target` if it is a path of this site, else `fallback` (PRIVACY: signing in, `next` relative only)."""
    return target if target and OWN_PATH.fullmatch(target) else fallback
