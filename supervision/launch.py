"""Starts Rundan on one's own machine: `python -m supervision.launch`, which is what `make run` calls.

Makes the folder for data, brings the database up to date, seeds the demo once, then runs the web and the jobs side by
side until Ctrl-C. Knows nothing of the app itself: each step is a process, as it would be on a server.
"""

import contextlib
import errno
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

import click

import config

APP = "supervision.app"
HOST = "127.0.0.1"
NAME = "localhost"  # no passkey belongs to a bare number
FIRST_PORT = 8000  # STACK: make run
LAST_PORT = 8099
THREADS = 48  # under gunicorn an open stream holds none; under waitress up to 24 hold one (live/room_routes.py)
KEEP_ALIVE_S = 5
READY_WITHIN_S = 60
ENDS_WITHIN_S = 4  # STACK: within 5 s of Ctrl-C; the rest is for the kill that follows
LOOKS_EVERY_S = 0.1
TOP = Path(__file__).resolve().parent.parent


class Stopped(Exception):
    """The person at the keyboard, or the machine, asks for the end."""


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65535), envvar="PORT", help="The port; otherwise the next free from 8000."
)
@click.option("--no-demo", is_flag=True, help="Start with an empty database.")
def main(port: int | None, *, no_demo: bool) -> None:
    """Start Rundan with its data in instance/ and end it with Ctrl-C."""
    os.environ["RUNDAN_ENV"] = "development"
    os.chdir(TOP)
    settings = config.load()
    keep_secret(settings.instance)
    chosen = choose_port(port)
    step("db", "upgrade")
    if not no_demo:
        step("demo")
    sys.exit(run_together(chosen))


def keep_secret(instance: Path) -> None:
    """Make the folder for data, closed to others (0700), and in it the secret this machine keeps (0600)."""
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    secret = instance / config.DEVELOPMENT_SECRET_FILE
    with contextlib.suppress(FileExistsError):
        descriptor = os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))


def choose_port(wanted: int | None) -> int:
    """Return the wanted port, or the next free one from 8000; ends with a sentence where there is none."""
    if wanted is not None:
        if is_free(wanted):
            return wanted
        raise click.ClickException(f"Port {wanted} is taken. Choose another: make run PORT={wanted + 1}")
    for port in range(FIRST_PORT, LAST_PORT + 1):
        if is_free(port):
            return port
    raise click.ClickException(f"No port from {FIRST_PORT} to {LAST_PORT} is free. Choose one: make run PORT=9000")


def is_free(port: int) -> bool:
    """Whether a server can listen to the port on this machine."""
    with socket.socket() as probe:
        if os.name != "nt":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as refusal:
            if refusal.errno in {errno.EADDRINUSE, errno.EACCES}:
                return False
            raise
    return True


def step(*words: str) -> None:
    """Run one command of the app to its end; ends with its words where it fails."""
    command = [sys.executable, "-m", "flask", "--app", APP, *words]
    done = subprocess.run(command, check=False)  # noqa: S603 - words of this file
    if done.returncode != 0:
        raise click.ClickException(f"`flask {' '.join(words)}` did not succeed; its words stand above.")


def run_together(port: int) -> int:
    """Run web and jobs until one of them ends or the person does; return the exit status."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    python = [sys.executable, "-m"]
    commands = {"web": [*python, *web_words(port)], "jobs": [*python, "flask", "--app", APP, "jobs"]}
    running: dict[str, subprocess.Popen[bytes]] = {}
    try:
        for name, command in commands.items():
            # A session of its own: the terminal's Ctrl-C comes here alone, and here the two are ended in order.
            around = surroundings(port) if name == "jobs" else None
            running[name] = subprocess.Popen(command, start_new_session=True, env=around)  # noqa: S603 - words of this file
        _await_ready(port, running)
        return _watch(running)
    except Stopped:
        click.echo("\nEnding.")
        return 0
    finally:
        end(running)


def web_words(port: int) -> list[str]:
    """Return the web server's words: one process, as SQLite wants it; gunicorn, on Windows waitress."""
    if os.name == "nt":
        words = ["waitress", "--host", HOST, "--port", str(port), "--threads", str(THREADS)]
        return [*words, "--call", f"{APP}:create_app"]
    words = ["gunicorn", "--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "1"]
    words += ["--threads", str(THREADS), "--keep-alive", str(KEEP_ALIVE_S), "--worker-connections", "5000"]
    return [*words, "--graceful-timeout", "2", "--log-level", "warning", "--no-control-socket", f"{APP}:create_app()"]


def surroundings(port: int) -> dict[str, str]:
    """Return the environment of the jobs, whose mails lead to the port that was chosen."""
    return {"BASE_URL": f"http://{NAME}:{port}", **os.environ}


def end(running: dict[str, subprocess.Popen[bytes]]) -> None:
    """End the processes: ask first, and after 4 s no longer ask."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    for process in running.values():
        process.terminate()
    deadline = time.monotonic() + ENDS_WITHIN_S
    for process in running.values():
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise Stopped


def _dead(running: dict[str, subprocess.Popen[bytes]]) -> str | None:
    return next((name for name, process in running.items() if process.poll() is not None), None)


def _await_ready(port: int, running: dict[str, subprocess.Popen[bytes]]) -> None:
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline and _dead(running) is None:
        try:
            socket.create_connection((HOST, port), timeout=1).close()
        except OSError:
            time.sleep(LOOKS_EVERY_S)
        else:
            click.echo(f"\nRundan is at http://{NAME}:{port}/   End it with Ctrl-C.")
            return


def _watch(running: dict[str, subprocess.Popen[bytes]]) -> int:
    while (name := _dead(running)) is None:
        time.sleep(LOOKS_EVERY_S)
    click.echo(f"The {name} process ended by itself (status {running[name].returncode}), so all ends.", err=True)
    return 1


if __name__ == "__main__":
    main()
