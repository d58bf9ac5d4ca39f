"""Clears up a test run's folder: ends the PostgreSQL in it and removes it.

Started as a process of its own it first waits until the process that made the folder is gone, also when that one was
killed: the kernel lets go of a dead process's lock. Standard library only, so that waiting costs little.
"""

import contextlib
import fcntl
import os
import shutil
import signal
import sys
import time
from pathlib import Path

ALIVE = "alive"
ENDS_WITHIN_S = 5


def hold(folder: Path) -> int:
    """Take the folder's lock, for as long as this process lives or until the descriptor is closed."""
    descriptor = os.open(folder / ALIVE, os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    return descriptor


def clear(folder: Path) -> None:
    """End the folder's server at once (nothing in it is kept) and remove the folder."""
    note = folder / "data" / "postmaster.pid"  # PostgreSQL removes it as the last thing it does
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError, ProcessLookupError):
        os.kill(int(note.read_text().splitlines()[0]), signal.SIGQUIT)
        deadline = time.monotonic() + ENDS_WITHIN_S
        while note.exists() and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    with contextlib.suppress(FileNotFoundError):
        hold(Path(sys.argv[1]))
        clear(Path(sys.argv[1]))
