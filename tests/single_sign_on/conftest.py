"""A real provider process on this machine, installed once into .cache/, and what signs in through it."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup
from flask import Flask

from config import Oidc
from supervision.kernel.clock import system_clock
from tests.browser.conftest import site  # noqa: F401 - the fixture of a real browser serves here too
from tests.conftest import Clock

SOURCE = Path(__file__).parent / "provider"
CACHE = Path(__file__).parents[2] / ".cache" / "oidc-provider"
INSTALLS_WITHIN_S = 600
STARTS_WITHIN_S = 60
NODE_AT_LEAST = 20
SECRET = "a secret between the tests and their provider"
BACK = "/sign-in/organisation/back"
ACCOUNTS = {
    "karin": {"email": "Karin@Example.se", "email_verified": True},
    "new-karin": {"email": "karin@example.se", "email_verified": True},
    "unverified": {"email": "karin@example.se", "email_verified": False},
    "silent": {"email": "karin@example.se"},
    "nobody": {"email": "nobody@example.se", "email_verified": True},
    "elin": {"email": "elin@example.se", "email_verified": True},
}
STRENGTH = {"karin": {"acr": "urn:test:two-steps", "amr": ["pwd", "otp"]}}


def node_version() -> int:
    """Return the first number of this machine's node, 0 where there is none."""
    node = shutil.which("node")
    if node is None:
        return 0
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.match(r"v(\d+)", said)
    return int(found[1]) if found else 0


@pytest.fixture(scope="session")
def provider_folder() -> Path:
    """Return where the provider is installed: once for a machine and a lock file, whoever comes first."""
    npm = shutil.which("npm")
    found = node_version()
    if found < NODE_AT_LEAST:
        said = f"this machine has {found}" if found else "this machine has none"
        pytest.skip(f"single sign-on with a real provider needs node {NODE_AT_LEAST} or newer, and {said}")
    if npm is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("REQUIRE_BROWSER is set, node is there, and npm was not found")
        pytest.skip("single sign-on with a real provider is installed with npm, and none was found")
    lock = hashlib.sha256((SOURCE / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / lock
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            for name in ("package.json", "package-lock.json"):
                shutil.copy(SOURCE / name, folder)
            words = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            done = subprocess.run(
                words, cwd=folder, capture_output=True, text=True, check=False, timeout=INSTALLS_WITHIN_S
            )
            assert done.returncode == 0, done.stderr[-2000:]
            (folder / "ready").touch()
        shutil.copy(SOURCE / "provider.mjs", folder)
    return folder


Start = Callable[..., str]


@pytest.fixture(scope="session")
def start_provider(provider_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a provider: `start_provider(redirect_uris, **environment)` answers its issuer; each ends with the run."""
    with contextlib.ExitStack() as ends:

        def start(*backs: str, **environment: str) -> str:
            clients = [
                {"client_id": name, "client_secret": SECRET, "redirect_uris": list(backs)}
                for name in ("rundan", "other")
            ]
            told = {"CLIENTS": json.dumps(clients), "ACCOUNTS": json.dumps(ACCOUNTS), "STRENGTH": json.dumps(STRENGTH)}
            said = tmp_path_factory.mktemp("provider") / "said"
            with said.open("w") as output:
                process = subprocess.Popen(
                    ["node", "provider.mjs"],
                    cwd=provider_folder,
                    env=os.environ | told | environment,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                )
            ends.callback(_end, process)
            return _issuer(process, said)

        yield start


def _issuer(process: "subprocess.Popen[bytes]", said: Path) -> str:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        if found := re.search(r"^ready (\S+)$", said.read_text(), re.MULTILINE):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(said.read_text())


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(30)


@pytest.fixture(scope="session")
def issuer(start_provider: Start) -> str:
    """The provider that most tests share."""
    return start_provider(f"http://localhost{BACK}")


@pytest.fixture
def connect(app: Flask, clock: Clock) -> Iterator[Callable[..., Oidc]]:
    """Say which provider the installation has; the clock goes with the world's, as the provider's does."""
    before = app.config["SETTINGS"]

    def use(issuer: str, **more: Any) -> Oidc:
        settings = Oidc(issuer=issuer, client_id="rundan", client_secret=SECRET, name="Norrhamns kommun")
        settings = replace(settings, **more)
        app.config["SETTINGS"] = replace(before, oidc=settings)
        app.extensions.pop("provider", None)
        clock.set(system_clock())
        return settings

    yield use
    app.config["SETTINGS"] = before


@dataclass
class Visitor:
    """Somebody's browser at the provider."""

    login: str
    answer: requests.Response | None = None

    def walk(self, address: str, *, stop: bool = False) -> str:
        """Sign in and agree at the provider, or stop; return the address it sends the browser back to."""
        with requests.Session() as browser:
            self.answer = answer = browser.get(address, allow_redirects=False, timeout=20)
            for _step in range(12):
                place = answer.headers.get("Location")
                if place and BACK in place:
                    return place
                if place:
                    answer = browser.get(urljoin(answer.url, place), allow_redirects=False, timeout=20)
                    continue
                answer = self._fill(browser, answer, stop=stop)
        raise AssertionError(answer.text[:2000])

    def _fill(self, browser: requests.Session, answer: requests.Response, *, stop: bool) -> requests.Response:
        soup = BeautifulSoup(answer.text, "html.parser")
        form = soup.select_one("form")
        assert form is not None, answer.text[:2000]
        if stop:
            way = soup.find("a", string=re.compile("Cancel"))
            assert way is not None
            return browser.get(urljoin(answer.url, str(way["href"])), allow_redirects=False, timeout=20)
        data = {str(field["name"]): str(field.get("value", "")) for field in form.select("input[name]")}
        if "login" in data:
            data |= {"login": self.login, "password": "x"}
        return browser.post(urljoin(answer.url, str(form["action"])), data, allow_redirects=False, timeout=20)
