"""Make .venv and install a lock into it when the lock has changed: `python3 .ci/venv.py run` or `... dev`.

Needs nothing but Python, and says in one line what is missing. Its syntax is that of Python 3.6, so that an old Python
is told which version is needed instead of showing a syntax error.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

OLDEST = (3, 11)  # pyproject.toml: requires-python
TOP = Path(__file__).resolve().parent.parent
VENV = TOP / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def refuse(sentence: str) -> None:
    """End with one line."""
    sys.exit("Rundan: " + sentence)


def is_ready() -> bool:
    """Whether .venv holds a Python that starts, is new enough and can install."""
    probe = f"import sys, pip; sys.exit(sys.version_info[:2] < {OLDEST!r})"
    try:
        return subprocess.call([str(PYTHON), "-c", probe], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make() -> None:
    """Make a fresh .venv with the Python that runs this file."""
    found = "{}.{}".format(*sys.version_info[:2])
    if sys.version_info[:2] < OLDEST:
        refuse("needs Python 3.11 or newer; this is " + found + ". Name another: make PYTHON=python3.12 ...")
    try:
        import ensurepip  # noqa: F401, PLC0415 - Debian ships Python without it
        import venv  # noqa: F401, PLC0415
    except ImportError:
        refuse("this Python cannot make a venv. On Debian and Ubuntu: apt-get install python3-venv")
    shutil.rmtree(str(VENV), ignore_errors=True)
    print("Making .venv with Python " + found, flush=True)
    if subprocess.call([sys.executable, "-m", "venv", str(VENV)]) != 0 or not is_ready():
        refuse("could not make .venv with " + sys.executable)


def install(kind: str) -> None:
    """Install a lock unless it is the one that was installed last; dev holds all of run."""
    if (VENV / "lock-dev").exists():
        kind = "dev"
    lock, stamp = TOP / "requirements" / (kind + ".txt"), VENV / ("lock-" + kind)
    # Line ends do not count: a checkout may turn them.
    wanted = hashlib.sha256(b"\n".join(lock.read_bytes().splitlines())).hexdigest()
    if stamp.exists() and stamp.read_text().strip() == wanted:
        return
    print("Installing requirements/" + lock.name, flush=True)
    words = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    if subprocess.call([str(PYTHON), *words]) != 0:
        refuse("could not install requirements/" + lock.name)
    stamp.write_text(wanted + "\n")


if __name__ == "__main__":
    if not is_ready():
        make()
    install(sys.argv[1])
