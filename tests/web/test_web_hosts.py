"""As it stands in production, behind one proxy (docs/running.md)."""

import re
from dataclasses import replace

import pytest
from flask import Flask
from flask_migrate import upgrade

from supervision.app import create_app
from supervision.store.database import db
from tests.conftest import make_config

HOST = "rundan.example.org"
HANDED_ON = {"X-Forwarded-Host": HOST, "X-Forwarded-Proto": "https", "X-Forwarded-For": "192.0.2.7"}


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    folder = tmp_path_factory.mktemp("production")
    base = make_config(f"sqlite:///{folder / 'rundan.sqlite'}", folder)
    app = create_app(replace(base, env="production", base_url=f"https://{HOST}", trusted_hosts=(HOST,), proxies=1))
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
