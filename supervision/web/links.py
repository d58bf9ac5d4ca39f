"""Addresses that stand in mail: made in a request or by a job."""

from typing import Any

from flask import current_app, has_request_context, url_for

DEVELOPMENT_ADDRESS = "http://localhost:8000"  # STACK: make run


def outside(endpoint: str, **values: Any) -> str:  # noqa: ANN401 - the URL's parts
    """Return the whole address of a page; a job, which has no request, takes BASE_URL."""
    if has_request_context():
        return url_for(endpoint, _external=True, **values)
    base = current_app.config["SETTINGS"].base_url or DEVELOPMENT_ADDRESS
    return str(base) + current_app.url_map.bind("localhost").build(endpoint, values)
