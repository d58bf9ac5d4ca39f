"""Addresses that leave the house: in mail, on posters, for calendars. Never made of what a request calls us."""

from typing import Any

from flask import current_app, has_request_context, url_for

DEVELOPMENT_ADDRESS = "http://localhost:8000"  # STACK: make run


def outside(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - the URL's parts
    """Return the whole address of a page under BASE_URL; without one, as in development, under the request's host."""
    base = current_app.config["SETTINGS"].base_url
    if base is None and has_request_context():
        return url_for(endpoint, _external=True, **values)
    return str(base or DEVELOPMENT_ADDRESS) + current_app.url_map.bind("localhost").build(endpoint, values)
