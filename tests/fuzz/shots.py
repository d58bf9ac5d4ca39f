"""One request after another, drawn from a seed: who, where, how, and what is in it."""

import io
import random
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.fuzz import values
from tests.fuzz.arena import Arena, Form, Someone, fill, pick

METHODS = ("GET",) * 8 + ("POST",) * 10 + ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "CONNECT")
SAFE = {"GET", "HEAD", "OPTIONS"}
SLOW = (".pdf", ".xlsx", ".svg", "/poster")
HEADERS = (
    ("Host", ("evil.example", "localhost:99999", "localhost, evil.example", "[::1", "a" * 300, "local host", "")),
    ("X-Forwarded-Host", ("evil.example", "localhost, evil.example")),
    ("X-Forwarded-Proto", ("https", "javascript", "https, http")),
    ("X-Forwarded-For", ("127.0.0.1", "192.0.2.1, 10.0.0.1", "x" * 200, "::1")),
    ("X-Forwarded-Prefix", ("//evil.example", "/x")),
    ("X-Original-URL", ("/mailbox",)),
    ("Forwarded", ("for=1;host=evil.example;proto=https",)),
    ("X-HTTP-Method-Override", ("DELETE", "GET", "TRACE")),
    ("Origin", ("https://evil.example", "null", "http://localhost.evil.example", "http://localhost")),
    ("Referer", ("https://evil.example/", "javascript:alert(7331)", "http://localhost/")),
    ("Sec-Fetch-Site", ("cross-site", "same-site", "same-origin")),
    ("Accept-Language", ("da", "en;q=x", "xx-" + "y" * 300, "*", "sv, da;q=0.5, ;;;", "../../etc")),
    ("Accept", ("application/json", "*/*;q=x", "text/html, " * 50)),
    ("Accept-Encoding", ("gzip, br", "identity;q=0", "x" * 100)),
    ("Content-Type", ("application/json", "text/plain", "multipart/form-data", "multipart/form-data; boundary=",
                      "multipart/form-data; boundary=" + "b" * 300, "application/x-www-form-urlencoded; charset=utf-16",
                      "application/x-www-form-urlencoded; charset=nothing", "application/xml", "x", "")),
    ("If-None-Match", ('"x"', "*", "W/" + '"a",' * 50)),
    ("If-Modified-Since", ("Thu, 01 Jan 1970 00:00:00 GMT", "yesterday", "9" * 50)),
    ("If-Range", ('"x"', "x")),
    ("Range", ("bytes=0-10", "bytes=5-1", "bytes=-9999999999", "bytes=0-,1-,2-", "lines=1-2")),
    ("Last-Event-ID", ("0", "-1", "99999999999999999999", "x")),
    ("HX-Request", ("true",)),
    ("Expect", ("100-continue",)),
    ("Authorization", ("Basic eDp4", "Bearer x", "Bearer " + "x" * 3_000)),
    ("X-CSRFToken", ("x", "y" * 500)),
    ("User-Agent", (values.SCRIPT, "", "x" * 4_000)),
    ("X-Long", ("x" * 20_000,)),
)  # fmt: skip
COOKIES = (
    "rundan=",
    "rundan=x",
    "rundan=eyJfdXNlcl9pZCI6IngifQ.x.x",
    "remember_token=x|y",
    "rundan=\xe5; rundan=y",
    "a=b; " * 200,
    "session=x; __Host-rundan=x",
)
QUERY = ("next", "code", "lang", "part", "seq", "mark", "ask", "page", "after", "slot", "version", "month", "once")


@dataclass(slots=True)
class Shot:
    """One request; `keywords` are those of the test client."""

    role: str
    method: str
    path: str
    keywords: dict[str, Any] = field(default_factory=dict)
    is_forged: bool = False

    def told(self) -> str:
        """Return the shot in one line, so that it can be sent again by hand."""
        return f"{self.role}: {self.method} {self.path[:300]} {str(self.keywords)[:900]}"


class Gun:
    """Draws shots at an arena; the same seed draws the same shots."""

    def __init__(self, arena: Arena, seed: int) -> None:
        self.arena, self.draw = arena, random.Random(seed)
        self.paths = arena.paths()

    def next(self) -> Shot:
        """Return the next shot."""
        draw = self.draw
        someone = draw.choice(self.arena.everyone)
        forms = self.arena.forms[someone.role]
        if forms and draw.random() < 0.4:
            return self._form(someone, draw.choice(forms))
        endpoint, rule, arguments, methods = draw.choice(self.paths)
        while rule.endswith(SLOW) and draw.random() < 0.8:
            endpoint, rule, arguments, methods = draw.choice(self.paths)
        method = draw.choice(METHODS)
        if draw.random() < 0.7 and method not in methods:
            method = draw.choice(sorted(methods))
        path = self._path(rule, arguments)
        if draw.random() < 0.4:
            path += "?" + self._query()
        if endpoint == "live.stream":  # asked once, it ends
            path = path.partition("?")[0] + "?once=1"
        shot = Shot(someone.role, method, path)
        if method not in SAFE:
            self._body(shot, someone, endpoint)
        self._heads(shot, someone)
        return shot

    def _path(self, rule: str, arguments: tuple[str, ...]) -> str:
        draw = self.draw
        filled = {}
        for name in arguments:
            chance = draw.random()
            filled[name] = str(pick(self.arena.ids, name, draw.randrange(3)))
            if chance > 0.95:
                filled[name] = draw.choice(self.arena.known)
            elif chance > 0.88:
                filled[name] = draw.choice(values.PATHS)
        path = fill(rule, filled)
        chance = draw.random()
        if chance > 0.99:
            path = draw.choice(("/", "/sign-in//", "/%2e%2e/", "/./", "/static/", "/static/..%2f")) + path.lstrip("/")
        elif chance > 0.97:
            path += draw.choice(("/", "%00", ";x=y", ".json", "%20", "/.", "?", "??", "%"))
        return path

    def _query(self) -> str:
        draw = self.draw
        names = [draw.choice((*QUERY, *self.arena.names)) for _ in range(draw.choice((1, 1, 2, 4, 9)))]
        parts = [f"{quote(name)}={quote(values.hostile(draw, self.arena.known), safe='')[:1500]}" for name in names]
        return draw.choice(("&", "&", "&", ";", "&&")).join(parts)

    def _form(self, someone: Someone, form: Form) -> Shot:
        """A form as its page sends it, but for some of its fields."""
        draw = self.draw
        data: dict[str, Any] = {}
        wrong = draw.choice((0.0, 0.1, 0.3, 1.0))
        for name, (kind, usual) in form.fields.items():
            data[name] = values.of_type(draw, kind, usual)
            if draw.random() < wrong:
                data[name] = values.hostile(draw, self.arena.known)
            if draw.random() < 0.03:
                data[name] = [data[name], values.hostile(draw, self.arena.known)]
            if draw.random() < 0.05:
                del data[name]
        if draw.random() < 0.1:
            data[draw.choice(self.arena.names)] = values.hostile(draw, self.arena.known)
        data["csrf_token"] = someone.token
        shot = Shot(someone.role, "POST", form.action, {"data": data})
        if any(kind == "file" for kind, _value in form.fields.values()):
            data["file"] = self._file()
        self._maybe_forge(shot)
        self._heads(shot, someone)
        return shot

    def _body(self, shot: Shot, someone: Someone, endpoint: str) -> None:
        draw = self.draw
        chance = draw.random()
        if endpoint == "live.take_in" or chance > 0.95:
            body = values.events(draw, self.arena.known)
            shot.keywords = {
                "data": body,
                "content_type": "application/json",
                "headers": {"X-CSRFToken": someone.token},
            }
        elif chance > 0.9:
            body = draw.choice((b"", b"\xff" * 200, b"a" * 600_000, b"a&" * 2_000, b"=&=&", b"%ED%A0%80=%FF&a=%00"))
            kinds = ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain")
            shot.keywords = {"data": body, "content_type": draw.choice(kinds)}
        elif chance > 0.86:
            shot.keywords = {"data": {"csrf_token": someone.token, draw.choice(self.arena.names): self._file()}}
        else:
            names = draw.sample(self.arena.names, draw.randrange(0, 12))
            data: dict[str, Any] = {name: values.hostile(draw, self.arena.known) for name in names}
            shot.keywords = {"data": data | {"csrf_token": someone.token}}
        self._maybe_forge(shot)

    def _maybe_forge(self, shot: Shot) -> None:
        """Leave out what proves that a form is ours, now and then; then it must be refused."""
        data = shot.keywords.get("data")
        if self.draw.random() > 0.06:
            shot.is_forged = not (isinstance(data, dict) or "headers" in shot.keywords)
            return
        shot.is_forged = True
        shot.keywords.pop("headers", None)
        if isinstance(data, dict):
            data.pop("csrf_token", None)
            if self.draw.random() < 0.5:
                data["csrf_token"] = values.hostile(self.draw)

    def _file(self) -> tuple[io.BytesIO, str]:
        draw = self.draw
        rows = "\n".join(
            ";".join(values.hostile(draw)[:80].replace("\n", " ") for _ in range(4)) for _ in range(draw.randrange(6))
        )
        content = draw.choice(
            (
                b"",
                b"PK\x03\x04" + b"\0" * 100,
                b"\xff\xfe\x00",
                f"Namn;E-post;Språk;Enhet\n{rows}\nAnna;anna@example.se;sv;Norr".encode(errors="replace"),
                f"namn,e-post\n{rows}".encode(errors="replace"),
                b'"' * 3_000,
            )
        )
        name = draw.choice(
            ("list.csv", "list.xlsx", "../../x", "\r\nX-Injected: yes", values.SCRIPT, "x" * 400, "å\u202e")
        )
        return io.BytesIO(content), name

    def _heads(self, shot: Shot, someone: Someone) -> None:
        draw = self.draw
        heads: dict[str, str] = dict(shot.keywords.pop("headers", {}))
        cookie = someone.cookie
        if draw.random() < 0.03:
            cookie = draw.choice((*COOKIES, someone.cookie + draw.choice(COOKIES), someone.cookie[:-3]))
            shot.is_forged = shot.is_forged or shot.method not in SAFE
        if draw.random() < 0.25:
            for name, choices in draw.sample(HEADERS, draw.choice((1, 1, 2, 5))):
                if name == "Content-Type" and "data" in shot.keywords and isinstance(shot.keywords["data"], dict):
                    continue
                heads[name] = draw.choice(choices)
                shot.is_forged = shot.is_forged or (shot.method not in SAFE and _is_foreign(name, heads[name]))
        heads["Cookie"] = cookie
        if "Content-Type" in heads:
            shot.keywords["content_type"] = heads.pop("Content-Type")
        shot.keywords["headers"] = heads
        shot.keywords["environ_overrides"] = {"REMOTE_ADDR": f"192.0.2.{draw.randrange(256)}"}


def _is_foreign(name: str, value: str) -> bool:
    return (name == "Origin" and value != "http://localhost") or (name == "Sec-Fetch-Site" and value != "same-origin")
