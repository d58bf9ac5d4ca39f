"""No page carries a style, a script or a handler of its own: the content policy allows files only."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).parents[2] / "templates"
PAGES = sorted(
    path
    for path in TEMPLATES.rglob("*")
    # mails are read in mail programs, where the policy does not reach and files cannot be linked
    if path.is_file() and "email" not in path.relative_to(TEMPLATES).parts
)
FORBIDDEN = {
    "style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "style element": re.compile(r"<style\b", re.IGNORECASE),
    "handler attribute": re.compile(r"<[a-z][^>]*\s(?:on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE),
    "script without a file": re.compile(r"<script\b(?![^>]*\ssrc=)", re.IGNORECASE),
    "script address": re.compile(r"javascript:", re.IGNORECASE),
    "picture in the page": re.compile(r"(?:src|href)\s*=\s*[\"']data:", re.IGNORECASE),
    "file from elsewhere": re.compile(
        r"<(?:script|link|img|iframe)\b[^>]*\s(?:src|href)=[\"']\s*(?:https?:)?//", re.IGNORECASE
    ),
}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_nothing_inline(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = [name for name, pattern in FORBIDDEN.items() if pattern.search(text)]
    assert not found


@pytest.mark.parametrize(
    "text",
    [
        '<p style="x">',
        "<style>p{}</style>",
        '<a onclick="go()">',
        '<a hx-on:click="go()">',
        "<script>go()</script>",
        '<a href="javascript:go()">',
        '<img src="data:image/png;base64,x">',
        '<script src="https://cdn.example/x.js">',
    ],
)
def test_each_breach_is_seen(text: str) -> None:
    assert any(pattern.search(text) for pattern in FORBIDDEN.values())


def test_no_style_sheet_holds_a_picture_the_content_policy_refuses() -> None:
    sheets = sorted((TEMPLATES.parent / "supervision" / "static").rglob("*.css"))
    assert sheets
    assert [str(sheet) for sheet in sheets if re.search(r"url\([\"']?data:", sheet.read_text())] == []
