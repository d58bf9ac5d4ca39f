"""Headers of every answer (PRIVACY: signing in)."""

import re

from flask import Flask, Response, abort, request

CONTENT_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
PERMISSIONS = ", ".join(
    f"{name}=()"
    for name in (
        "accelerometer",
        "browsing-topics",
        "camera",
        "display-capture",
        "geolocation",
        "gyroscope",
        "magnetometer",
        "microphone",
        "midi",
        "payment",
        "usb",
    )
)
"""What no page asks of a device. The round keeps its screen awake, so `screen-wake-lock` is not among them."""
KEPT_BY_READERS = frozenset({"static", "calendar.feed"})
"""What says itself how long it may be kept; nothing else is kept by any browser."""
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters but tab and line ends: nobody types them, and PostgreSQL keeps no NUL."""


def install(app: Flask) -> None:
    """Set the headers on every answer, check where unsafe requests come from, and take text only."""
    is_production = app.config["SETTINGS"].is_production
    app.before_request(_text_only)
    app.before_request(_same_origin)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Permissions-Policy"] = PERMISSIONS
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if request.endpoint not in KEPT_BY_READERS or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint == "people.sign_out" and response.status_code < 400:
            # A round kept for want of a connection goes too; but no other site may delete it by a form that is refused.
            response.headers["Clear-Site-Data"] = '"storage"'
        if is_production:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response


def _text_only() -> None:
    sent = [request.path, *request.values.keys()]
    sent += [value for values in request.values.listvalues() for value in values]
    if any(NO_TEXT.search(value) for value in sent):
        abort(400)


def is_surely_ours() -> bool:
    """Whether the browser says that a page of ours made this request; one that says nothing is not enough here."""
    return request.headers.get("Origin") == request.host_url.rstrip("/") or (
        request.headers.get("Sec-Fetch-Site") == "same-origin"
    )


def _same_origin() -> None:
    """Refuse an unsafe request that another site made; a browser says so by one of two headers."""
    if request.method in {"GET", "HEAD", "OPTIONS"}:
        return
    origin = request.headers.get("Origin")
    if origin is not None and origin != request.host_url.rstrip("/"):
        abort(400)
    if request.headers.get("Sec-Fetch-Site", "none") not in {"same-origin", "none"}:
        abort(400)
