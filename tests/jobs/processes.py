"""Real jobs processes that a test may kill: `python -m tests.jobs.processes` forks one for each line "start".

The first process imports everything once, so that a new one is there in a hundredth of a second and can be killed at
any moment of its work. It touches no database itself.
"""

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from aiosmtpd.controller import Controller

import config

ROOT = Path(__file__).parents[2]
SECRET = "a secret of the tests, long enough for all"
SOON_S = 0.03  # about as long as one mail takes
PATIENCE_S = 20


@dataclass
class Inbox:
    """A mail server that counts each Message-ID it has taken in."""

    took: Counter[str] = field(default_factory=Counter)

    async def handle_DATA(self, _server, _session, envelope) -> str:  # noqa: N802
        line = next(line for line in envelope.content.splitlines() if line.startswith(b"Message-ID:"))
        self.took[line.split()[1].decode()] += 1
        return "250 ok"

    @property
    def duplicates(self) -> int:
        return sum(self.took.values()) - len(self.took)


@contextlib.contextmanager
def mail_server() -> Iterator[tuple[Inbox, int]]:
    """Run a mail server on a free port."""
    inbox = Inbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield inbox, port
    finally:
        controller.stop()


class Jobs:
    """Starts jobs processes on a database and kills them; `at` is the instant their clock shows at the beginning."""

    def __init__(self, url: str, folder: Path, smtp_port: int, at: datetime) -> None:
        words = [sys.executable, "-m", "tests.jobs.processes", url, str(folder), str(smtp_port), at.isoformat()]
        self.log = (folder / "jobs.log").open("wb")
        self.parent = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.alive: set[int] = set()

    def start(self, later_s: float = 0) -> int:
        """Start one whose clock is `later_s` ahead of the others'; returns its process id."""
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(f"{later_s}\n")
        self.parent.stdin.flush()
        pid = int(self.parent.stdout.readline())
        self.alive.add(pid)
        return pid

    def kill(self, pid: int) -> None:
        """Kill one in the middle of whatever it does, and wait until it is gone."""
        os.kill(pid, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            while True:
                os.kill(pid, 0)
                time.sleep(0.001)
        self.alive.discard(pid)

    def close(self) -> None:
        """Kill all that are left."""
        for pid in list(self.alive):
            self.kill(pid)
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.close()
        self.parent.stdout.close()
        self.parent.wait(60)
        self.log.close()


@contextlib.contextmanager
def jobs_on(url: str, folder: Path, smtp_port: int, at: datetime) -> Iterator[Jobs]:
    """Have jobs processes for a while; none outlives the block."""
    made = Jobs(url, folder, smtp_port, at)
    try:
        yield made
    finally:
        made.close()


def kill_often(jobs: Jobs, inbox: Inbox, kills: int, most: int, rng: random.Random) -> None:
    """Start a process and kill it at a random instant after it has sent 1 to `most` mails, so often."""
    for _ in range(kills):
        pid = jobs.start()
        wanted, until = sum(inbox.took.values()) + rng.randint(1, most), time.monotonic() + PATIENCE_S
        while sum(inbox.took.values()) < wanted and time.monotonic() < until:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, SOON_S))
        jobs.kill(pid)


def settings(url: str, folder: Path, smtp_port: int) -> config.Config:
    """Return the settings of a process: its database, a folder for the leader's lock, its mail server."""
    return config.Config(
        env="development",
        secret_key=SECRET,
        text_key=SECRET,
        database_url=url,
        instance=folder,
        smtp=config.Smtp("127.0.0.1", smtp_port, None, None, tls=False),
        testing=True,
    )


def main(url: str, folder: str, smtp_port: str, at: str) -> None:
    """Fork a jobs process for each line of standard input, which says by how many seconds its clock is ahead."""
    from supervision import jobs
    from supervision.app import create_app

    shown, began = datetime.fromisoformat(at), time.monotonic()
    ahead = timedelta()
    app = create_app(
        settings(url, Path(folder), int(smtp_port)),
        clock=lambda: (shown + ahead + timedelta(seconds=time.monotonic() - began)).astimezone(UTC),
    )
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the dead are gone at once
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            sys.stdin.close()
            ahead = timedelta(seconds=float(line))
            jobs.run(app)
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
