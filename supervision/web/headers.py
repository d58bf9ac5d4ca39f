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
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


KEPT_BY_READERS = frozenset({"static", "calendar.feed"})
"""What says itself how long it may be kept; nothing else is kept by any browser."""
NO_TEXT = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
"""Control characters but tab and line ends: nobody types them, and PostgreSQL keeps no NUL."""


def install(app: Flask) -> None:
    """Set the headers on every answer, check where unsafe requests come from, and take text only."""

    @app.before_request
    def text_only() -> None:
        sent = [request.path, *request.values.keys()]
        sent += [value for values in request.values.listvalues() for value in values]
        if any(NO_TEXT.search(value) for value in sent):
            abort(400)

    @app.before_request
    def same_origin() -> None:
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return
        origin = request.headers.get("Origin")
        if origin is not None and origin != request.host_url.rstrip("/"):
            abort(400)

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CONTENT_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers["Permissions-Policy"] = "camera=(), geolocation=(), microphone=()"
        response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if request.endpoint not in KEPT_BY_READERS or response.status_code >= 400:
            response.headers["Cache-Control"] = "no-store"
        if request.endpoint == "people.sign_out" and response.status_code < 400:
            # A round kept for want of a connection goes too; but no other site may delete it by a form that is refused.
            response.headers["Clear-Site-Data"] = '"storage"'
        if request.is_secure:
            response.headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
        return response
