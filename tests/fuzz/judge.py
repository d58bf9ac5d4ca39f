"""What no answer may be, whatever was asked: looked for by plain search, since fifty thousand pages are not parsed."""

import re
from dataclasses import dataclass

from werkzeug.test import TestResponse

MUST = {
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MARKUP = (
    b"<script>alert(7331)",
    b"<img src=x",
    b"<svg/onload",
    b'q7q"',
    b"q7q'",
    b"q7q<",
    b'href="javascript:',
    b'href="data:',
    b'src="javascript:',
    b'action="javascript:',
)
EVALUATED = (b"51317",)  # 7 * 7331
TOLD = (b"Traceback (most recent call last)", b"sqlalchemy.", b"werkzeug.", b"jinja2.", b"/site-packages/", b"psycopg.")
FORMULA = re.compile(rb"(?:^|[;\n])\"?[=+@](?:cmd|SUM|7331)")
KEPT = ("/static/", "/calendar/")
REFERRERS = {"same-origin", "origin", "strict-origin"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the judge has to know of a request."""

    method: str
    path: str
    is_forged: bool
    """Whether it is unsafe and without its token, or from another site: then it must be refused."""


def faults(asked: Asked, answer: TestResponse, body: bytes) -> list[str]:
    """Return what is wrong with an answer; nothing, if all is well."""
    found = _of_status(asked, answer)
    found += _of_headers(asked, answer)
    if answer.mimetype == "text/html":
        found += [f"markup came back: {mark!r}" for mark in MARKUP if mark in body]
        found += [f"evaluated: {mark!r}" for mark in EVALUATED if mark in body]
    if answer.mimetype == "text/csv" and FORMULA.search(body):
        found.append("a formula in a table file")
    if answer.mimetype.startswith(("text/", "application/json")) and not asked.path.startswith("/static/"):
        found += [f"told: {mark!r}" for mark in TOLD if mark in body]
    return found


def _of_status(asked: Asked, answer: TestResponse) -> list[str]:
    found = [f"status {answer.status_code}"] if answer.status_code >= 500 else []
    if asked.is_forged and answer.status_code < 400:
        found.append(f"a forged {asked.method} was taken ({answer.status_code})")
    if asked.method not in {"GET", "HEAD", "OPTIONS", "POST"} and answer.status_code < 400:
        found.append(f"{asked.method} was taken ({answer.status_code})")
    location = answer.headers.get("Location")
    if location is not None and not re.fullmatch(r"/(?![/\\])[^\\\s]*", location):
        found.append(f"sent to {location!r}")
    return found


def _of_headers(asked: Asked, answer: TestResponse) -> list[str]:
    heads = answer.headers
    found = [f"{name}: {heads.get(name)}" for name, value in MUST.items() if heads.get(name) != value]
    policy = heads.get("Content-Security-Policy", "")
    if "default-src 'none'" not in policy or "unsafe" in policy or "frame-ancestors 'none'" not in policy:
        found.append(f"policy: {policy}")
    if heads.get("Referrer-Policy") not in REFERRERS:
        found.append(f"Referrer-Policy: {heads.get('Referrer-Policy')}")
    if heads.get("Cache-Control") != "no-store" and not (asked.path.startswith(KEPT) and answer.status_code < 400):
        found.append(f"Cache-Control: {heads.get('Cache-Control')}")
    if "X-Injected" in heads or any("injected" in cookie for cookie in heads.getlist("Set-Cookie")):
        found.append("a header was injected")
    found += [f"cookie: {one.partition('=')[0]}" for one in heads.getlist("Set-Cookie") if not _is_safe(one)]
    if answer.status_code != 304 and any(
        "evil.example" in value for name, value in heads.items() if name != "Location"
    ):
        found.append("a foreign host came back in a header")
    return found


def _is_safe(cookie: str) -> bool:
    return all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/")) and "Domain" not in cookie
