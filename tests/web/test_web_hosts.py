"""As it stands in production, behind one proxy (docs/running.md)."""

import logging
import re
import shutil
from dataclasses import replace
from html import escape
from pathlib import Path

import pytest
from flask import Flask, request
from flask_migrate import upgrade
from werkzeug import exceptions

from supervision.app import create_app
from supervision.people.mails import use_password_letter
from supervision.store.database import db
from supervision.web.errors import PAGES
from supervision.web.links import outside
from supervision.web.logs import Places
from tests.conftest import make_config

ROOT = Path(__file__).parents[2]

HOST = "rundan.example.org"
HANDED_ON = {"X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}
REMOTE = {"REMOTE_ADDR": "192.0.2.1"}


def make_production(folder: Path, proxies: int = 1) -> Flask:
    """An app as in production, but for its keyring's patience, on a database that is not there yet."""
    base = make_config(f"sqlite:///{folder / 'rundan.sqlite'}", folder)
    hosts = (HOST, "rundan.internal")
    production = replace(base, env="production", base_url=f"https://{HOST}", trusted_hosts=hosts, proxies=proxies)
    return create_app(replace(production, testing=False))


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = make_production(tmp_path_factory.mktemp("production"))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    return app


def test_another_host_name_is_refused(production: Flask) -> None:
    for path in ("/health", "/sign-in", "/nothing"):
        answer = production.test_client().get(path, base_url="http://evil.example")
        assert answer.status_code == 400
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_form_behind_the_proxy_is_taken_and_one_from_elsewhere_refused(production: Flask) -> None:
    client = production.test_client()
    inside = f"https://{HOST}"
    page = client.get("/sign-in", headers=HANDED_ON, base_url=inside)
    assert page.headers["Set-Cookie"].startswith("__Host-rundan=")
    assert "Secure" in page.headers["Set-Cookie"]
    assert "max-age" in page.headers["Strict-Transport-Security"]
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    assert token is not None
    data = {"csrf_token": token[1], "email": "siv@example.org"}
    own = {**HANDED_ON, "Origin": inside, "Referer": f"{inside}/sign-in"}
    foreign = {**own, "Origin": "https://evil.example"}
    assert client.post("/sign-in", data=data, headers=foreign, base_url=inside).status_code == 400
    assert client.post("/sign-in", data=data, headers=own, base_url=inside).status_code == 303


def test_the_mailbox_does_not_exist_in_production(production: Flask) -> None:
    assert production.test_client().get("/mailbox", headers=HANDED_ON, base_url=f"https://{HOST}").status_code == 404


def test_a_cookie_is_bound_to_host_and_https_and_the_promise_of_https_is_kept_two_years(production: Flask) -> None:
    answer = production.test_client().get("/sign-in", headers=HANDED_ON, base_url=f"https://{HOST}")
    name, *flags = answer.headers["Set-Cookie"].split("; ")
    assert name.startswith("__Host-rundan=")
    assert sorted(flags) == ["HttpOnly", "Path=/", "SameSite=Lax", "Secure"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=63072000; includeSubDomains"
    assert production.debug is False
    assert production.testing is False


@pytest.mark.parametrize(
    "heads",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Host": f"{HOST}, evil.example"},
        {"X-Forwarded-Host": f"{HOST}@evil.example"},
        {"X-Forwarded-Host": f"evil.example#{HOST}"},
        {"X-Forwarded-Host": f"{HOST}.evil.example"},
        {"X-Forwarded-Host": ""},
    ],
)
def test_behind_the_proxy_only_its_last_word_counts_and_a_foreign_one_is_refused(production: Flask, heads) -> None:
    client = production.test_client()
    for method in ("GET", "POST"):
        answer = client.open(
            "/sign-in",
            method=method,
            headers={**HANDED_ON, "Origin": "https://evil.example", **heads},
            base_url="https://evil.example",
        )
        assert answer.status_code == 400
        assert "evil" not in answer.text
        assert all(word in answer.text for word in ("adressen till", "adressen til ", "does not answer"))
        assert "evil" not in str(answer.headers)


def test_without_a_proxy_nothing_that_was_forwarded_is_believed(tmp_path) -> None:
    app = make_production(tmp_path, proxies=0)
    heads = {"X-Forwarded-Host": "evil.example", "X-Forwarded-For": "203.0.113.9", "Forwarded": "host=evil.example"}
    with app.test_request_context("/", base_url=f"https://{HOST}", headers=heads, environ_overrides=REMOTE):
        assert (request.host, request.remote_addr) == (HOST, "192.0.2.1")
    app = make_production(tmp_path, proxies=1)
    seen = {}
    app.before_request(lambda: seen.update(host=request.host, address=request.remote_addr))
    heads |= {"X-Forwarded-Host": f"evil.example, {HOST}", "X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    app.test_client().get("/health", headers=heads | {"X-Forwarded-Prefix": "/x"}, environ_overrides=REMOTE)
    assert seen == {"host": HOST, "address": "192.0.2.7"}


def test_a_mails_links_are_made_of_the_address_of_the_settings_and_never_of_the_host(production: Flask) -> None:
    for host in (HOST, "rundan.internal"):
        with production.test_request_context("/", base_url=f"http://{host}:8000"):
            assert outside("people.accept", token="t") == f"https://{HOST}/invitation/t"
            assert use_password_letter("sv").link == f"https://{HOST}/sign-in/password"
    made = [
        f"{path.name}: {line.strip()}"
        for path in (ROOT / "supervision").rglob("*.py")
        for line in path.read_text().splitlines()
        if "_external=True" in line and "if base else" not in line and path.name not in {"links.py", "cli.py"}
    ]
    assert not made


def test_a_fault_is_told_to_nobody_and_logged_by_its_place_only(tmp_path, caplog) -> None:
    app = make_production(tmp_path)
    app.view_functions["home.health"] = broken
    with caplog.at_level("ERROR"):
        answer = app.test_client().get("/health?token=hemlig", headers=HANDED_ON, base_url=f"https://{HOST}")
    assert answer.status_code == 500
    assert "Något gick sönder" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    told = Places("%(message)s").format(caplog.records[-1])
    assert "ValueError" in told
    assert "in broken" in told
    for text in (answer.text, told):
        assert "Leyla" not in text
        assert "hemlig" not in text
    assert "Traceback" not in answer.text


def broken(**_arguments: object) -> str:
    try:
        return {"": ""}["Leyla Demir"]
    except KeyError as cause:
        raise ValueError("leyla@example.se") from cause


def test_every_line_of_a_production_log_goes_through_what_keeps_words_back(tmp_path) -> None:
    before = list(logging.getLogger().handlers)
    make_production(tmp_path)
    make_production(tmp_path)
    try:
        added = [one for one in logging.getLogger().handlers if isinstance(one.formatter, Places)]
        assert len(added) == 1
    finally:
        logging.getLogger().handlers[:] = before


@pytest.mark.parametrize(("accept", "word"), [("sv", "har mycket att göra"), ("da", "har travlt"), ("en", "is busy")])
def test_without_a_database_there_is_still_a_page(tmp_path, accept, word) -> None:
    app = make_production(tmp_path / "gone")
    client = app.test_client()
    with client.session_transaction(base_url=f"https://{HOST}") as cookie:
        cookie["_user_id"] = "x" * 43
    shutil.rmtree(tmp_path / "gone")
    answer = client.get("/me", headers={**HANDED_ON, "Accept-Language": accept}, base_url=f"https://{HOST}")
    assert answer.status_code == 503
    assert word in answer.text


@pytest.mark.parametrize("code", [400, 403, 404, 405, 409, 413, 414, 415, 429, 431, 500, 503])
@pytest.mark.parametrize("language", ["sv", "da", "en"])
def test_each_refusal_is_a_page_in_three_languages(production: Flask, code: int, language: str) -> None:
    with production.test_request_context("/", base_url=f"https://{HOST}", headers={"Accept-Language": language}):
        answer = production.make_response(production.handle_user_exception(exceptions.default_exceptions[code]()))
        page = answer.get_data(as_text=True)
        heading = (PAGES.get(code) or PAGES[400])[0]
        assert f'lang="{language}"' in page
        assert f">{escape(str(heading))}</h1>" in page
        assert f'data-status="{code}"' in page
        assert (str(heading) == heading._args[0]) == (language == "en")
