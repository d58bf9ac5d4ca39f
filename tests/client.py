"""A browser for tests: goes through real forms and checks the HTML of every page it gets."""

from collections.abc import Mapping
from typing import Any

import html5lib
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from supervision.store.database import writing

OPEN_SESSIONS: list[Session] = []


class Browser:
    """One browser with its cookies. `get` and `post` answer the page after redirects; `status` is the last one's."""

    def __init__(self, app: Flask) -> None:
        self.client: FlaskClient = app.test_client()
        self.response: TestResponse | None = None
        self.soup = BeautifulSoup("", "html.parser")

    @property
    def status(self) -> int:
        assert self.response is not None
        return self.response.status_code

    @property
    def text(self) -> str:
        """The page's words, blanks folded."""
        return " ".join(self.soup.get_text(" ").split())

    @property
    def path(self) -> str:
        assert self.response is not None
        return self.response.request.path

    def get(self, path: str, **kwargs: Any) -> "Browser":
        return self._send("get", path, **kwargs)

    def post(self, path: str, data: Mapping[str, Any] | None = None, **kwargs: Any) -> "Browser":
        """Send data with the page's token, as a form of the last page would."""
        token = self.soup.find("input", {"name": "csrf_token"})
        if token is None:
            self.get("/sign-in/password")
            token = self.soup.find("input", {"name": "csrf_token"})
        sent = {"csrf_token": token["value"] if token else "", **(data or {})}
        return self._send("post", path, data=sent, **kwargs)

    def submit(self, button: str | None = None, /, **values: Any) -> "Browser":
        """Fill the form that has these fields (and this button, by its words) and send it."""
        form = self._form(button, set(values))
        data: dict[str, Any] = {}
        for control in form.select("input[name], textarea[name], select[name]"):
            name = str(control["name"])
            if control.name == "select":
                chosen = control.select_one("option[selected]") or control.select_one("option")
                data[name] = chosen["value"] if chosen else ""
            elif control.name == "textarea":
                data[name] = control.get_text().lstrip("\n")
            elif control.get("type") in {"checkbox", "radio"}:
                if control.has_attr("checked"):
                    data.setdefault(name, [])
                    data[name] = [*data[name], control.get("value", "y")]
            elif control.get("type") != "submit":
                data[name] = control.get("value", "")
        data.update(values)
        pressed = self._button(form, button) if button else None
        if pressed is not None and pressed.get("name"):
            data[str(pressed["name"])] = pressed.get("value", "")
        action = (pressed.get("formaction") if pressed is not None else None) or form.get("action") or self._here()
        return self._send("post", str(action), data=data)

    def _here(self) -> str:
        assert self.response is not None
        request = self.response.request
        query = request.query_string.decode()
        return request.path + (f"?{query}" if query else "")

    def _button(self, form: Any, words: str) -> Any:
        return next((b for b in form.select("button") if words in " ".join(b.get_text(" ").split())), None)

    def _form(self, button: str | None, names: set[str]) -> Any:
        for form in self.soup.select("form[method=post]"):
            has = {str(c["name"]) for c in form.select("[name]")}
            if names <= has and (button is None or self._button(form, button) is not None):
                return form
        raise AssertionError(f"no form with {sorted(names)} and button {button!r} on {self.path}: {self.text[:400]}")

    def _send(self, method: str, path: str, **kwargs: Any) -> "Browser":
        for session in OPEN_SESSIONS:
            session.commit()
        response = getattr(self.client, method)(path, follow_redirects=True, **kwargs)
        writing.set(True)
        for session in OPEN_SESSIONS:
            session.expire_all()
        self.response = response
        if response.mimetype == "text/html":
            check_page(response)
            self.soup = BeautifulSoup(response.get_data(as_text=True), "html.parser")
        return self


def check_page(response: TestResponse) -> None:
    """Assert what holds for every page: valid HTML, one h1 named in the title, labels, unique ids, no inline code."""
    text = response.get_data(as_text=True)
    html5lib.HTMLParser(strict=True).parse(text)
    soup = BeautifulSoup(text, "html.parser")
    where = response.request.path
    headings = [" ".join(h.get_text(" ").split()) for h in soup.select("h1")]
    assert len(headings) == 1, f"{where}: {len(headings)} h1"
    title = " ".join(soup.title.get_text().split()) if soup.title else ""
    assert title.removesuffix(" – Rundan") == headings[0], f"{where}: title {title!r}, h1 {headings[0]!r}"
    ids = [str(e["id"]) for e in soup.select("[id]")]
    assert len(ids) == len(set(ids)), f"{where}: an id twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    labels = {str(label["for"]) for label in soup.select("label[for]")}
    for control in soup.select("input:not([type=hidden]), select, textarea"):
        named = control.get("id") in labels or control.find_parent("label") is not None or control.get("aria-label")
        assert named, f"{where}: no label for {control}"
    assert not soup.select("[style], style, script:not([src])"), f"{where}: inline style or script"
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert soup.html is not None
    assert soup.html.get("lang") in {"sv", "da", "en"}
