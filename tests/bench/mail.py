"""2,000 mails through a real mail server on each database, their sender killed 50 times."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

from flask_migrate import upgrade

from supervision.app import create_app
from supervision.store.database import db
from tests import servers
from tests.bench import Figure
from tests.conftest import make_config
from tests.jobs.mailing import deliver

MAILS, KILLS = 2_000, 50
WITHIN_S = 600


def figures() -> Iterator[Figure]:
    with tempfile.TemporaryDirectory() as folder:
        yield from _figures("sqlite", f"sqlite:///{folder}/bench.sqlite", Path(folder))
    server = servers.start_postgres()
    if server is None:
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            yield from _figures("postgres", server.create_database("bench_mail"), Path(folder))
    finally:
        server.drop_database("bench_mail")
        server.stop()


def _figures(name: str, url: str, folder: Path) -> Iterator[Figure]:
    app = create_app(make_config(url, folder))
    with app.app_context():
        upgrade()
        db.engine.dispose()
    done = deliver(url, folder, mails=MAILS, kills=KILLS, within_s=WITHIN_S)
    yield Figure(f"{name}_lost", done.lost + done.unsettled, "mails", 0)
    yield Figure(f"{name}_twice", done.duplicates, "mails", KILLS)
    yield Figure(f"{name}_before_the_last_start", done.early, "mails", MAILS)
    yield Figure(f"{name}_seconds", done.seconds, "s", WITHIN_S)
