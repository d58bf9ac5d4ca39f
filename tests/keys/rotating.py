"""Processes that rotate and kill themselves, really, with SIGKILL: `python -m tests.keys.rotating URL`.

The first process imports everything once and forks one for each line "PERCENT MOMENT"; it answers how that one
ended. MOMENT is `between` two transactions, or `within` one, before its commit. PERCENT over 100 means: to the end.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

from sqlalchemy import Connection, event

from supervision.store.keyring import Keyring
from supervision.store.wrapping import WrappingKey

ROOT = Path(__file__).parents[2]
KEY, OLD_KEY = "the key of today, long enough for all", "the key of before, long enough for all"
BATCH = 5


class Rotations:
    """Starts rotations one after the other and says how each ended: 0, or minus the signal."""

    def __init__(self, url: str) -> None:
        words = [sys.executable, "-m", "tests.keys.rotating", url]
        self.parent = subprocess.Popen(words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __call__(self, percent: int, moment: str) -> int:
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write(f"{percent} {moment}\n")
        self.parent.stdin.flush()
        return int(self.parent.stdout.readline())

    def __enter__(self) -> "Rotations":
        return self

    def __exit__(self, *_exc: object) -> None:
        self.parent.communicate(timeout=60)


def main(url: str) -> None:
    """Fork a rotation for each line of standard input."""
    for line in sys.stdin:
        percent, moment = line.split()
        pid = os.fork()
        if pid == 0:
            rotate(url, int(percent), moment)
            os._exit(0)
        status = os.waitpid(pid, 0)[1]
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def rotate(url: str, percent: int, moment: str) -> None:
    """Rotate until a percent of all keys is done, and die there."""
    keyring = Keyring(url, WrappingKey(KEY), WrappingKey(OLD_KEY), is_durable=False)
    counts = keyring.counts()
    reached = [counts.current]

    def tell(done: int, total: int) -> None:
        reached[0] = done
        if moment == "between" and 100 * done >= percent * total:
            os.kill(os.getpid(), signal.SIGKILL)

    if moment == "within":

        @event.listens_for(keyring.engine, "commit")
        def _before_commit(_connection: Connection) -> None:
            if 100 * (reached[0] + BATCH) >= percent * counts.total:
                os.kill(os.getpid(), signal.SIGKILL)

    keyring.rewrap(tell, batch=BATCH)


if __name__ == "__main__":
    main(sys.argv[1])
