"""Let the files of the database follow when a person has been erased; the rows alone are not the whole of it."""

from flask import current_app
from sqlalchemy import event
from sqlalchemy.orm import Session

from supervision.evaluations import wiping
from supervision.evaluations.sealing import KeyRing


def wipe_after(session: Session) -> None:
    """On SQLite cut the write-ahead log once this transaction is committed; the next sweep writes the file anew.

    PostgreSQL does both in its own time (docs/privacy.md, limits).
    """
    keys = KeyRing(current_app.config["SETTINGS"].instance / "keys")
    event.listen(session, "after_commit", lambda _session: keys.mark(), once=True)
    wiping.cut_after(session)
