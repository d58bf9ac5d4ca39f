"""Reads whatever the app gives out as text: pages, tables, papers, calendars, mails. Finds the canaries in it."""

import io
import json
import zipfile
from typing import Any

from pypdf import PdfReader
from werkzeug.test import TestResponse

from tests.access.world import CANARY


def words_in(text: str) -> set[str]:
    """Return the canaries of a text, however they are written."""
    return set(CANARY.findall(text.lower()))


def text_of(response: TestResponse) -> str:
    """Return headers and body as text."""
    body = response.get_data()
    kind = response.mimetype or ""
    parts = [f"{name}: {value}" for name, value in response.headers.items()]
    parts.append(_read(kind, body))
    return "\n".join(parts)


def _read(kind: str, body: bytes) -> str:
    if kind == "application/pdf":
        return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(body)).pages)
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as pack:
            return "\n".join(pack.read(name).decode(errors="replace") for name in pack.namelist())
    text = body.decode(errors="replace")
    if kind == "application/json":
        return text + json.dumps(json.loads(text), ensure_ascii=False)
    return text.replace("\r\n ", "").replace("\n ", "") if kind == "text/calendar" else text


def mail_text(mail: Any) -> str:
    """Return a mail as its reader has it."""
    calendar = (mail.calendar or "").replace("\r\n ", "").replace("\n ", "")
    return "\n".join((mail.to_email, mail.subject, mail.text, mail.html, calendar))
