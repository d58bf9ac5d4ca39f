"""What every answer carries, and what no browser may keep."""

import re
from pathlib import Path

import pytest

from supervision.web.headers import CONTENT_POLICY
from tests import factories

STATIC = Path(__file__).parents[2] / "supervision" / "static"
ANSWERS = [
    ("GET", "/sign-in", 200),
    ("HEAD", "/sign-in", 200),
    ("OPTIONS", "/sign-in", 200),
    ("GET", "/", 303),
    ("GET", "/nothing", 404),
    ("POST", "/sign-in", 400),
    ("PUT", "/sign-in", 405),
    ("TRACE", "/sign-in", 405),
    ("FOO", "/sign-in", 405),
    ("GET", "/health", 200),
    ("GET", "/sw.js", 200),
    ("GET", "/static/css/base.css", 200),
    ("GET", "/static/css/nothing.css", 404),
    ("GET", "/static/../config.py", 404),
    ("GET", "/static/%2e%2e/app.py", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), ANSWERS)
def test_each_kind_of_answer_carries_every_header(browser, method, path, status) -> None:
    answer = browser().client.open(path, method=method, buffered=True)
    assert answer.status_code == status
    told = answer.headers
    assert told["Content-Security-Policy"] == CONTENT_POLICY
    assert told["X-Content-Type-Options"] == "nosniff"
    assert told["Referrer-Policy"] == "same-origin"
    assert told["Cross-Origin-Opener-Policy"] == told["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in told["Permissions-Policy"]
    is_ours = path.startswith("/static/css/base")
    assert told["Cache-Control"] == ("no-cache" if is_ours else "no-store")
    assert "Strict-Transport-Security" not in told, "a promise that plain http on one's own machine cannot keep"
    assert "Access-Control-Allow-Origin" not in told


def test_the_policy_takes_nothing_inline_and_nothing_from_elsewhere() -> None:
    rules = dict(rule.split(" ", 1) for rule in CONTENT_POLICY.split("; "))
    assert rules.pop("default-src") == "'none'"
    assert {rules.pop(name) for name in ("base-uri", "object-src", "frame-ancestors")} == {"'none'"}
    assert set(rules.values()) == {"'self'"}
    assert {"script-src", "style-src", "form-action", "connect-src"} <= rules.keys()


def test_no_script_of_ours_makes_markup_or_code_from_text() -> None:
    """What a policy on trusted types would forbid, and cannot: htmx needs it."""
    made = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
    assert not [str(path) for path in (STATIC / "js").rglob("*.js") if made.search(path.read_text())]


def test_a_file_of_ours_is_asked_for_and_sent_once(browser) -> None:
    first = browser().client.get("/static/css/base.css", buffered=True)
    again = browser().client.get(
        "/static/css/base.css", headers={"If-None-Match": first.headers["ETag"]}, buffered=True
    )
    assert (again.status_code, again.data) == (304, b"")
    assert "Set-Cookie" not in first.headers


def test_nothing_of_someone_signed_in_is_kept_by_a_browser(app, browser, session) -> None:
    """Every page without arguments, as a supervisor; the others are looked at by the fuzz."""
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session)
    looked = 0
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and not rule.arguments:
            answer = maria.client.get(rule.rule)
            assert answer.headers["Cache-Control"] == "no-store", rule
            looked += answer.status_code == 200
    assert looked > 10


@pytest.mark.parametrize("method", ["DELETE", "PUT", "PATCH"])
def test_no_header_and_no_field_makes_another_method_of_one(browser, session, method) -> None:
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session).get("/me")
    token = maria.soup.find("input", {"name": "csrf_token"})["value"]
    heads = {"X-HTTP-Method-Override": "POST", "X-HTTP-Method": "POST", "X-Method-Override": "POST"}
    answer = maria.client.open("/sign-out", method=method, data={"csrf_token": token, "_method": "POST"}, headers=heads)
    assert answer.status_code == 405
    assert maria.get("/me").path == "/me"


@pytest.mark.parametrize(
    "heads",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost.evil.example"},
        {"Origin": "http://localhost:8001"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_every_form_is_refused_from_elsewhere_even_with_its_token(app, browser, session, heads) -> None:
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session).get("/me")
    token = maria.soup.find("input", {"name": "csrf_token"})["value"]
    for path in posts(app):
        assert maria.client.post(path, data={"csrf_token": token}, headers=heads).status_code == 400, path


def test_every_form_is_refused_without_its_token(app, browser, session) -> None:
    maria = factories.sign_in(browser(), factories.make_supervisor(session), session)
    paths = posts(app)
    assert len(paths) > 60
    for path in paths:
        assert maria.client.post(path, data={"csrf_token": "x"}).status_code == 400, path


def posts(app) -> list[str]:
    """Every address that takes a form, with an id that nothing has."""
    nobody = "00000000-0000-4000-8000-000000000000"
    return [
        rule.build(dict.fromkeys(rule.arguments, nobody))[1]
        for rule in app.url_map.iter_rules()
        if "POST" in (rule.methods or ())
    ]
