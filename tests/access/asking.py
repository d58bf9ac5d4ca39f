"""Asks for a page as someone of the matrix, and says in its words what came of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import event
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from supervision.store.database import db, writing
from tests.access.matrix import NOBODY, Use
from tests.access.world import World

RAW_TOKEN = "a token for every browser of the tests"
SAFE = {"GET", "HEAD", "OPTIONS"}


@dataclass
class Answered:
    """What came back: in the matrix's words, and whole."""

    said: str
    response: TestResponse
    has_written: bool


@dataclass
class House:
    """The app, its world, and a browser for each who asks."""

    app: Flask
    world: World
    restore: Callable[[Sequence[str]], None]
    clients: dict[str, FlaskClient] = field(default_factory=dict)
    csrf: dict[str, str] = field(default_factory=dict)
    requests: int = 0
    statements: list[str] = field(default_factory=list)
    before_put_back: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        with self.app.app_context():
            event.listen(db.engine, "before_cursor_execute", self._note)
        self.rules: dict[tuple[str, str], Rule] = {
            (rule.endpoint, method): rule
            for rule in self.app.url_map.iter_rules()
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
            if rule.endpoint != "static"
        }

    def _note(self, _c: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.lstrip()[:6].upper() in {"INSERT", "UPDATE", "DELETE"}:
            self.statements.append(statement)

    def put_back(self) -> None:
        """Bring the world back to where it was before the statements noted."""
        self.restore(self.statements)
        self.statements.clear()

    def close(self) -> None:
        with self.app.app_context():
            event.remove(db.engine, "before_cursor_execute", self._note)

    def client(self, who: str) -> FlaskClient:
        """Return the browser of a column; it is signed in through a session row of its own."""
        if who not in self.clients:
            client = self.app.test_client()
            if who != NOBODY:
                with client.session_transaction() as cookie:
                    cookie["_user_id"] = self.world.tokens[who]
                    cookie["_fresh"] = True
            self.clients[who] = client
        return self.clients[who]

    def token(self, who: str) -> str:
        """Return the token a form of this browser would send, without asking for a page."""
        if who not in self.csrf:
            with self.client(who).session_transaction() as cookie:
                cookie["csrf_token"] = RAW_TOKEN
            self.csrf[who] = URLSafeTimedSerializer(str(self.app.secret_key), salt="wtf-csrf-token").dumps(RAW_TOKEN)
        return self.csrf[who]

    def path(self, endpoint: str, method: str, things: dict[str, str], query: str = "") -> str:
        rule = self.rules[endpoint, method]
        with self.app.test_request_context():
            values = {name: rule._converters[name].to_python(things[name]) for name in rule.arguments}
            return rule.build(values)[1] + query  # type: ignore[index]

    def ask(self, who: str, use: Use) -> Answered:
        """Send one request; the world is put back when it has changed it."""
        path = self.path(use.endpoint, use.method, {k: self.named(v) for k, v in use.things.items()}, use.query)
        return self.send(who, use.method, path, {k: self.sent(v) for k, v in use.send.items()})

    def send(self, who: str, method: str, path: str, data: dict[str, Any] | None = None) -> Answered:
        client = self.client(who)
        token = self.token(who) if method not in SAFE else ""
        sent = None if method in SAFE else {"csrf_token": token, **(data or {})}
        self.statements.clear()
        self.requests += 1
        with self.app.app_context():
            db.session.remove()
        try:
            response = client.open(path, method=method, data=sent)
            response.get_data()
        finally:
            changed = bool(self.statements)
            writing.set(False)
            if changed:
                self.before_put_back()
                self.put_back()
        if method not in SAFE and response.headers.get("Set-Cookie"):
            self.forget(who)
        return Answered(word_of(response), response, changed)

    def forget(self, who: str) -> None:
        """Throw away a cookie that a request may have changed: the world it belongs to is gone."""
        self.clients.pop(who, None)
        self.csrf.pop(who, None)

    def named(self, thing: str) -> str:
        """Return the id of a thing or a person."""
        return self.world.things.get(thing) or self.world.people[thing]

    def sent(self, value: Any) -> Any:
        """Return what a form sends: "$thing" is its id."""
        if isinstance(value, list):
            return [self.sent(one) for one in value]
        return self.named(value[1:]) if isinstance(value, str) and value.startswith("$") else value


def word_of(response: TestResponse) -> str:
    """Return an answer in the matrix's words: yes, 404, 403, sign-in, factor; anything else as its number."""
    code = response.status_code
    if code in {301, 302, 303, 307, 308} or response.headers.get("HX-Redirect"):
        place = urlsplit(response.headers.get("Location") or response.headers["HX-Redirect"]).path
        if place == "/sign-in":
            return "sign-in"
        return "factor" if place == "/sign-in/factor" else "yes"
    if code in {403, 404}:
        return str(code)
    return "yes" if code in {200, 204, 409, 422} else str(code)
