"""A real browser against a real server with a clock the test sets. Pictures go to $SCREENSHOTS where it is set."""

import os
import re
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import waitress.server
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session
from waitress import wasyncore

from supervision.outbox.models import Mail
from supervision.store.database import writing
from tests import factories
from tests.conftest import Clock

PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
SERIOUS = {"serious", "critical"}
PATIENCE_MS = 20_000  # a busy machine is slow; what never comes fails all the same
expect.set_options(timeout=PATIENCE_MS)


def pass_second_step(page: Page, at: datetime) -> None:
    """Set up the second step or show it, after a password. The app's code of a half minute is good once."""
    page.wait_for_url(re.compile("/sign-in/factor"))
    key = page.locator(".secret-key")
    if key.count():
        _send_code(page, factories.app_code(at, key.inner_text().replace(" ", "")))
        page.locator("main a.btn-primary").click()
        return
    for seconds in (-30, 0, 30):
        _send_code(page, factories.app_code(at + timedelta(seconds=seconds)))
        if "/sign-in/factor" not in page.url:
            return


def _send_code(page: Page, code: str) -> None:
    page.locator('[name="code"]').fill(code)
    with page.expect_navigation():
        page.locator('form:has([name="code"]) button[type="submit"]').click()


@dataclass
class Site:
    """The running app, its clock, and what the visits found."""

    url: str
    clock: Clock
    chromium: Browser
    contexts: list[BrowserContext] = field(default_factory=list)
    findings: list[str] = field(default_factory=list)
    pages_seen: int = 0

    def visitor(self, viewport: dict[str, int] | None = None, language: str = "sv-SE", **options: Any) -> Page:
        """Open a browser of someone's own; every console error and failed request is a finding."""
        context = self.chromium.new_context(
            viewport=viewport or PHONE, locale=language, base_url=self.url, reduced_motion="reduce", **options
        )
        context.set_default_timeout(PATIENCE_MS)
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: self.findings.append(f"{page.url}: {m.text}") if m.type == "error" else None)
        page.on("response", lambda r: self.findings.append(f"{r.url}: {r.status}") if r.status >= 500 else None)
        page.on("pageerror", lambda error: self.findings.append(f"{page.url}: {error}"))
        return page

    def look_again(self, page: Page, name: str) -> None:
        """Check the same page at 360 px and in the dark."""
        size = page.viewport_size
        page.set_viewport_size(NARROW)
        page.emulate_media(color_scheme="dark")
        self.look(page, f"{name}-narrow-dark")
        page.emulate_media(color_scheme="light")
        page.set_viewport_size(size or PHONE)

    def look(self, page: Page, name: str) -> None:
        """Check a page as a person would meet it: nothing serious for axe, no sideways scrolling; keep a picture."""
        self.pages_seen += 1
        page.wait_for_load_state()
        result = Axe().run(page)
        for violation in result.response["violations"]:
            if violation["impact"] in SERIOUS:
                where = [node["target"] for node in violation["nodes"]][:3]
                self.findings.append(f"{name}: axe {violation['id']} {where}")
        # the checker leaves empty style attributes behind, which are not the page's
        page.evaluate("document.querySelectorAll('[style]').forEach(e => e.removeAttribute('style'))")
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        if wide > 0:
            self.findings.append(f"{name}: scrolls sideways by {wide} px")
        folder = os.environ.get("SCREENSHOTS")
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.fixture
def site(app: Flask, clock: Clock, chromium: Browser, session: Session) -> Iterator[Site]:
    writing.set(False)  # the test's own session only looks; it must not hold the write lock against the server
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    served = waitress.server.create_server(app, host="127.0.0.1", port=port, threads=8)
    over = threading.Event()

    def serve() -> None:
        # the loop and its sockets belong to this thread: closed from another one, a socket is lost between two looks
        while not over.is_set():
            wasyncore.loop(timeout=0.2, map=served._map, use_poll=True, count=1)
        served.task_dispatcher.shutdown(timeout=5)
        wasyncore.close_all(served._map, ignore_all=True)

    thread = threading.Thread(target=serve, name="the server of the browser", daemon=True)
    thread.start()
    made = Site(f"http://127.0.0.1:{port}", clock, chromium)
    yield made
    for context in made.contexts:
        context.close()
    hub = app.extensions.get("live_hub")
    for follower in hub._everyone() if hub else []:
        follower.close()  # each holds a thread of this server, which would speak of its end otherwise
    over.set()
    thread.join(10)
    assert not thread.is_alive()


@pytest.fixture
def code_from_mail(session: Session) -> Callable[[str], str]:
    """Return the newest code that was mailed to an address."""

    def read(email: str) -> str:
        session.rollback()
        mails = session.scalars(
            select(Mail).where(Mail.to_email == email, Mail.kind == "code").order_by(Mail.created_at)
        ).all()
        found = re.search(r"(\d{4}) (\d{4})", mails[-1].text)
        session.rollback()
        assert found
        return "".join(found.groups())

    return read
