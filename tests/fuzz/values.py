"""Hostile values, by what they try; each that may come back in a page carries a mark the judge looks for."""

import json
import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

SCRIPT = "<script>alert(7331)</script>"
MARKUP = (
    SCRIPT,
    '"><img src=x onerror=alert(7331)>',
    "q7q'onfocus=alert(7331) x='",
    'q7q"onfocus=alert(7331) x="',
    "q7q<svg/onload=alert(7331)>",
    "</title><script>alert(7331)</script>",
    "</textarea><script>alert(7331)</script>",
    "<!--<script>alert(7331)//",
    "javascript:alert(7331)",
    "javascript://example.org/%0aalert(7331)",
    "data:text/html,<script>alert(7331)</script>",
    "&lt;script&gt;alert(7331)&lt;/script&gt;",
    "\uff1cscript\uff1ealert(7331)",
)
TEMPLATES = (
    "{{7*7331}}",
    "${7*7331}",
    "{%print(7*7331)%}",
    "#{7*7331}",
    "%(name)s %(num)d %s %n",
    "{0.__class__}",
    "%",
)
OUTSIDE = (
    "//evil.example/",
    "/\\evil.example/",
    "/\t/evil.example/",
    "/%0d%0aX-Injected: yes",
    "/\r\nX-Injected: yes",
    "\r\nSet-Cookie: injected=yes",
    "https://evil.example/",
    "https:evil.example",
    "///evil.example",
    "/.//evil.example",
    "/\uff0fevil.example",
    "/@evil.example",
    "http://localhost@evil.example/",
    "?next=//evil.example",
)
TEXTS = (
    "",
    " ",
    "\t",
    "\n",
    "a\0b",
    "\x1b[31m",
    "\u202e\ufeff\u200b\u2028",
    "😀\U0010ffff\ufdd0",
    "Å" * 60,
    "İıſß",
    "e\u0301" * 40,
    "x" * 300,
    "y" * 5_000,
    "Anna\r\nBcc: everyone@example.se",
    "'; DROP TABLE person; --",
    "' OR '1'='1",
    "%_%",
    "=cmd|'/c calc'!7331",
    "+7331+1",
    "@SUM(7331)",
    "../../../../etc/passwd",
    "..%2f..%2fetc%2fpasswd",
    "file:///etc/passwd",
    "null",
    "None",
    "undefined",
    "true",
    "on",
    "y",
    "[]",
    "{}",
    "__proto__",
    "constructor",
    "invite",
    "accept",
    "decline",
)
NUMBERS = (
    "0",
    "-0",
    "1",
    "-1",
    "2",
    "5",
    "7",
    "60",
    "1e9",
    "1e400",
    "NaN",
    "Infinity",
    "0x10",
    "1_000",
    "²",
    "١٢",
    "0.5",
    "1,5",
    "2147483647",
    "2147483648",
    "-2147483649",
    "9223372036854775807",
    "9223372036854775808",
    "9" * 400,
    "9" * 5_000,
)
TIMES = (
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "2026-11-24",
    "2027-03-28",
    "2026-10-25",
    "00:00",
    "02:30",
    "23:59",
    "24:00",
    "2026-11-24T13:00",
    "2026-W48",
    "A2-13",
    "B5-16",
    "A9-99",
)
ADDRESSES = (
    "leyla@example.se",
    "LEYLA@EXAMPLE.SE ",
    "a@b",
    "@",
    '"a b"@example.se',
    "a@example.se\nBcc: b@example.se",
    "a@[127.0.0.1]",
    "å@exämple.se",
    f"{'a' * 64}@{'b' * 180}.se",
)
UNKNOWN_ID = "00000000-0000-4000-8000-000000000000"
PATHS = (
    "%00",
    "%0d%0aX-Injected:%20yes",
    "..%2f..%2fconfig.py",
    "....//....//",
    "%ED%A0%80%FF",
    "%3Cscript%3Ealert(7331)%3C/script%3E",
    "%22%3E%3Cimg%20src=x%20onerror=alert(7331)%3E",
    "{{7*7331}}",
    UNKNOWN_ID,
    UNKNOWN_ID.upper(),
    UNKNOWN_ID + "%20",
    "1",
    "-1",
    "x" * 600,
)
GROUPS: tuple[Sequence[str], ...] = (MARKUP, TEMPLATES, OUTSIDE, TEXTS, NUMBERS, TIMES, ADDRESSES)


def hostile(draw: random.Random, known: Sequence[str] = ()) -> str:
    """Return one value: from the lists, an id of something else, or two of them in one."""
    chance = draw.random()
    if chance < 0.12 and known:
        return draw.choice(known)
    value = draw.choice(draw.choice(GROUPS))
    if chance > 0.93:
        value += draw.choice(draw.choice(GROUPS))
    if chance > 0.99:
        value = "".join(chr(draw.choice((draw.randrange(0x20, 0x3000), 0x1F600))) for _ in range(draw.randrange(1, 60)))
    return value


def of_type(draw: random.Random, kind: str, usual: str) -> str:
    """Return a value as a field of this type would send it, so that it comes past the form."""
    if kind == "date":
        return (date(2026, 11, 24) + timedelta(days=draw.randrange(-400, 800))).isoformat()
    if kind == "time":
        return f"{draw.randrange(24):02}:{draw.choice((0, 5, 30, 59)):02}"
    if kind == "number":
        return str(draw.choice((0, 1, 2, 3, 5, 7, 12, 30, 60, 90, 1440, -1)))
    if kind in {"text", "textarea", "search"}:
        return draw.choice((usual, "Anna", "Vad händer när ingen säger något?", *MARKUP[:5]))
    return usual


def structure(draw: random.Random, depth: int = 0) -> Any:
    """Return a JSON value of any shape."""
    kind = draw.randrange(9 if depth < 3 else 6)
    if kind == 0:
        return draw.choice((None, True, False))
    if kind in {1, 2}:
        return draw.choice((0, 1, -1, 2**31, 2**63, 2**64, -(2**70), 0.5, 1e308, 10**400))
    if kind in {3, 4, 5}:
        return hostile(draw)
    if kind == 6:
        return [structure(draw, depth + 1) for _ in range(draw.randrange(4))]
    return {hostile(draw)[:40]: structure(draw, depth + 1) for _ in range(draw.randrange(4))}


KINDS = (
    "start", "floor", "pass", "next", "pause", "resume", "undo", "back", "skip", "phase", "end", "correct", "arrive",
    "away", "ask", "turn", "release", "extend", "x" * 70, "", "__class__",
)  # fmt: skip


def events(draw: random.Random, known: Sequence[str]) -> bytes:
    """Return a body as the page of a round sends it, or nearly so."""
    chance = draw.random()
    if chance < 0.1:
        deep = draw.choice((50, 500, 5_000, 100_000))
        return ("[" * deep + "]" * deep).encode()
    if chance < 0.2:
        return draw.choice(
            (b"", b"{", b"null", b"[]", b'"\\ud800"', b'{"a":NaN}', b"\xff\xfe", b'{"events":' + b"9" * 5_000 + b"}")
        )
    if chance < 0.4:
        return json.dumps(structure(draw)).encode()
    sent = {
        "sent_at": draw.choice((1_000_000, 0, -1, 1e308, 2**63, "1", None)),
        "after": draw.choice((0, 0, 1, 5, 2**31 - 1, 2**31, -1, None)),
        "events": [_event(draw, known) for _ in range(draw.choice((0, 1, 1, 2, 5, 501)))],
    }
    return json.dumps(sent).encode()


def _event(draw: random.Random, known: Sequence[str]) -> Any:
    if draw.random() < 0.05:
        return structure(draw)
    event = {
        "id": draw.choice((f"e{draw.randrange(30)}", hostile(draw))),
        "kind": draw.choice(KINDS),
        "at": draw.choice((999_000, 1_000_000, 0, -1e15, 1e15)),
        "no": draw.choice((None, 0, 1, 2**31)),
        "person_id": draw.choice((None, *known[:8], hostile(draw))),
        "data": draw.choice((None, {}, {"case_no": 1}, {"phase": 10**9}, {"from": -1, "floor_s": 2**40}, {"x": "y"})),
    }
    if draw.random() < 0.15:
        event[draw.choice(tuple(event))] = structure(draw)
    return event
