"""The world that is shot at: kept in memory and put back every few hundred requests, so that nothing ends for good."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from argon2 import PasswordHasher
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session

from supervision.people import services as people
from supervision.store.base import Base
from supervision.store.database import db, writing
from tests import factories
from tests.client import Browser
from tests.house.test_house_hostile import make_world

ROOT = Path(__file__).parents[2]
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""argon2 that takes no time: fifty thousand requests are not there to compare passwords."""
NAMES = re.compile(r"(?:form|args|values|cookies?)(?:\.get\w*)?[(\[]\"(\w+)\"")


@dataclass(frozen=True, slots=True)
class Someone:
    """One role: the cookie of their browser and the token their forms carry."""

    role: str
    cookie: str
    token: str


@dataclass(frozen=True, slots=True)
class Form:
    """A form of a page: where it goes and what it sends, name -> type and value."""

    action: str
    fields: dict[str, tuple[str, str]]


class Arena:
    """An app with its world, its people, and the forms each of them is shown."""

    def __init__(self, app: Flask, session: Session, browser: Callable[[], Browser]) -> None:
        self.app = app
        self.engine = session.get_bind()
        made = make_world(session, browser)
        browsers: dict[str, Browser] = made["browsers"] | _others(session, made["ids"], browser)
        self.ids: dict[str, list[Any]] = made["ids"]
        self.known = sorted({str(one) for ids in self.ids.values() for one in ids})
        begun = browser()
        begun.get(f"/join/{self.ids['token'][0]}").submit(
            "", name="Siv", email="siv@example.se", slots=["A2-13"], experience="b"
        )
        browsers["half signed up"] = begun
        self.everyone = [_someone(role, one) for role, one in browsers.items()]
        session.commit()
        self.rows, self.keys = self._read(), _keys(app)
        self.forms = {one.role: list(self._forms_of(browsers[one.role])) for one in self.everyone}
        self.names = sorted(
            _vocabulary() | {name for forms in self.forms.values() for form in forms for name in form.fields}
        )
        self.client = app.test_client(use_cookies=False)
        self.reset()

    def paths(self) -> list[tuple[str, str, tuple[str, ...], frozenset[str]]]:
        """Every route: endpoint, its rule as text, its arguments, its methods."""
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.endpoint != "static"]
        return [
            (rule.endpoint, rule.rule, tuple(sorted(rule.arguments)), frozenset(rule.methods or ())) for rule in rules
        ]

    def reset(self) -> None:
        """Put every row back as it was."""
        writing.set(True)
        with self.app.app_context(), self.engine.begin() as connection:  # type: ignore[union-attr]
            for table in reversed(Base.metadata.sorted_tables):
                connection.execute(table.delete())
            for table in Base.metadata.sorted_tables:
                if self.rows[table.name]:
                    connection.execute(table.insert(), self.rows[table.name])
            db.session.remove()
        with _keyring(self.app).begin() as connection:
            connection.execute(text("DELETE FROM data_key"))
            if self.keys:
                columns = ", ".join(self.keys[0])
                values = ", ".join(f":{name}" for name in self.keys[0])
                connection.execute(text(f"INSERT INTO data_key ({columns}) VALUES ({values})"), self.keys)  # noqa: S608

    def _read(self) -> dict[str, list[dict[str, Any]]]:
        with self.engine.connect() as connection:  # type: ignore[union-attr]
            return {
                table.name: [dict(row) for row in connection.execute(table.select()).mappings()]
                for table in Base.metadata.sorted_tables
            }

    def _forms_of(self, someone: Browser) -> list[Form]:
        found: dict[tuple[str, frozenset[str]], Form] = {}
        for _endpoint, rule, arguments, methods in self.paths():
            if "GET" not in methods or rule.endswith(("stream", ".pdf", ".xlsx", ".svg", "/poster")):
                continue
            for number in range(max([len(self.ids.get(name, "x")) for name in arguments], default=1)):
                path = fill(rule, {name: str(pick(self.ids, name, number)) for name in arguments})
                try:
                    page = someone.client.get(path)
                except Exception:  # noqa: BLE001, S112 - the shots will meet it again and tell it
                    continue
                if page.status_code == 200 and page.mimetype == "text/html" and b"<form" in page.data:
                    for form in _forms(page.text, path):
                        found.setdefault((form.action, frozenset(form.fields)), form)
        return list(found.values())


@cache
def _keyring(app: Flask) -> Engine:
    return create_engine(app.extensions["keyring"].url, hide_parameters=True)


def _keys(app: Flask) -> list[dict[str, Any]]:
    with _keyring(app).begin() as connection:
        return [dict(row) for row in connection.execute(text("SELECT * FROM data_key")).mappings()]


def pick(ids: dict[str, list[Any]], name: str, number: int) -> Any:
    """Return the id of this name with this number, the last where there are fewer."""
    known = ids.get(name) or ["x"]
    return known[min(number, len(known) - 1)]


def fill(rule: str, values: dict[str, str]) -> str:
    """Return a rule with its arguments filled in as they are, however wrong."""
    return re.sub(r"<(?:[\w()]+:)?(\w+)>", lambda found: values[found[1]], rule)


def _forms(page: str, path: str) -> list[Form]:
    soup = BeautifulSoup(page, "html.parser")
    found = []
    for form in soup.select("form"):
        fields: dict[str, tuple[str, str]] = {}
        for control in form.select("[name]"):
            kind = str(control.get("type", "text")) if control.name == "input" else str(control.name)
            value = str(control.get("value", ""))
            if control.name == "select":
                chosen = control.select_one("option[selected]") or control.select_one("option")
                value = str(chosen["value"]) if chosen else ""
            if control.name == "textarea":
                value = control.get_text()
            if control["name"] != "csrf_token":
                fields.setdefault(str(control["name"]), (kind, value))
        found.append(Form(str(form.get("action") or path), fields))
        actions = {str(button["formaction"]) for button in form.select("[formaction]")}
        found += [Form(action.partition("#")[0], fields) for action in sorted(actions)]
    return found


def _someone(role: str, one: Browser) -> Someone:
    page = one.client.get("/sign-in/password")
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.text)
    cookie = one.client.get_cookie("rundan")
    assert token, role
    assert cookie, role
    return Someone(role, f"rundan={cookie.value}", token[1])


def _others(session: Session, ids: dict[str, list[Any]], browser: Callable[[], Browser]) -> dict[str, Browser]:
    """Sign in the roles the hostile tests do without."""
    organisation = session.get_one(_table("organisation"), UUID(str(ids["organisation_id"][0])))
    manager = factories.make_manager(session, organisation)
    operator = factories.make_manager(session, organisation, "coordinator", is_operator=True)
    half = factories.make_supervisor(session, "Halv Vägs")
    session.flush()
    token = people.start_session(session, half, is_own_device=False, now=factories.NOW + timedelta(seconds=1))
    session.commit()
    waits = browser()
    with waits.client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = token, True
    return {
        "manager": factories.sign_in(browser(), manager, session),
        "operator": factories.sign_in(browser(), operator, session),
        "half signed in": waits,
    }


def _table(name: str) -> type[Any]:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table.name == name)  # type: ignore[attr-defined]


def _vocabulary() -> set[str]:
    """Every name the code reads from a form, an address or a cookie."""
    code = "\n".join(path.read_text() for path in sorted((ROOT / "supervision").rglob("*routes.py")))
    return set(NAMES.findall(code))
