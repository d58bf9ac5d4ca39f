"""The supervisor's start page on the demonstration's data, beside a bare Flask page, in the same run."""

import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from flask_migrate import upgrade

from supervision.app import create_app
from supervision.demo import seed
from supervision.factors.rules import password_of, step_of
from supervision.kernel.clock import system_clock
from supervision.store.database import db
from tests.bench import Figure, shortest_s
from tests.conftest import make_config

REQUESTS = 40


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        app = create_app(make_config(f"sqlite:///{folder}/bench.sqlite", Path(folder)))
        with app.app_context():
            upgrade()
            list(seed.run())
            db.session.remove()
        bare = Flask("bare")
        bare.add_url_rule("/", "start", lambda: "<h1>Hello</h1>")
        page, plain = _signed_in(app), bare.test_client()
        ours = shortest_s(lambda: _ask(page)) / REQUESTS
        theirs = shortest_s(lambda: _ask(plain)) / REQUESTS
        yield Figure("requests_per_s", 1 / ours, "1/s", float("inf"))
        yield Figure("bare_flask_requests_per_s", 1 / theirs, "1/s", float("inf"))
        yield Figure("times_a_bare_page", ours / theirs, "times", 400)
        with app.app_context():
            db.engine.dispose()


def _ask(client: FlaskClient) -> None:
    for _ in range(REQUESTS):
        assert client.get("/").status_code == 200


def _signed_in(app: Flask) -> FlaskClient:
    client = app.test_client()
    form = client.get("/sign-in/password").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    data = {"csrf_token": token.group(1), "email": "maria@example.org", "password": seed.PASSWORD}
    assert client.post("/sign-in/password", data=data).status_code == 303
    form = client.get("/sign-in/factor").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    code = password_of(seed.AUTHENTICATOR, step_of(system_clock()))
    assert client.post("/sign-in/factor", data={"csrf_token": token.group(1), "code": code}).status_code == 303
    return client
