"""Real web processes that a test may kill: `python -m tests.live.web_processes URL FOLDER PORT`, one per line "start".

The first process makes the app once and holds no connection, so that a new server is there within tenths of a second.
Each child opens its own connections, binds the port anew and serves until it is killed.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import waitress.server

ROOT = Path(__file__).parents[2]


class Web:
    """Starts the web process and kills it as a power cut would: SIGKILL, no time to finish anything."""

    def __init__(self, url: str, folder: Path, port: int) -> None:
        words = [sys.executable, "-m", "tests.live.web_processes", url, str(folder), str(port)]
        self.log = (folder / "web.log").open("wb")
        self.parent = subprocess.Popen(
            words, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log, text=True
        )
        self.port, self.pid = port, 0

    def start(self) -> None:
        assert self.parent.stdin
        assert self.parent.stdout
        self.parent.stdin.write("start\n")
        self.parent.stdin.flush()
        self.pid = int(self.parent.stdout.readline())

    def kill(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            while _is_there(self.pid):  # it holds the port until it is gone
                time.sleep(0.001)
        self.pid = 0

    def end(self) -> None:
        self.kill()
        assert self.parent.stdin
        self.parent.stdin.close()
        self.parent.wait(60)
        if self.parent.stdout:
            self.parent.stdout.close()
        self.log.close()


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def main(url: str, folder: str, port: int) -> None:
    from supervision.app import create_app
    from supervision.store.database import db
    from tests.conftest import make_config

    app = create_app(make_config(url, Path(folder)))
    app.test_client().get("/sign-in")  # reads the translations and templates, which would slow each child down
    with app.app_context():
        db.engine.dispose()  # no connection may be shared with a child
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # killed children leave nothing behind
    for _line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            waitress.server.create_server(app, host="127.0.0.1", port=port, threads=4).run()
            os._exit(0)
        sys.stdout.write(f"{pid}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
