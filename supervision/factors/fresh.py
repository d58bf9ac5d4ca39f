"""Changing how one signs in wants the second factor shown lately."""

from flask import Response, request, url_for

from supervision.people import identity
from supervision.web.page import see_other


def fresh_or_ask() -> Response | None:
    """Return None if this session has shown its factor in the last 15 minutes, else the way to show it again."""
    if identity.is_fresh():
        return None
    back = request.path if request.method in {"GET", "HEAD"} else url_for("factors.security")
    return see_other("factors.ask", next=back)
