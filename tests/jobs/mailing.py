"""Mail through a real server while the process that sends it is killed again and again."""

import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import create_engine, func, insert, select
from sqlalchemy.orm import Session

from supervision.kernel.ids import new_id
from supervision.outbox.models import Mail
from tests.jobs.processes import jobs_on, kill_often, mail_server

AT = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
LATER_S = 7 * 3600  # a mail whose sender was killed waits for its next try, six hours at most


@dataclass(frozen=True)
class Delivery:
    """What became of the mails."""

    lost: int
    delivered: int
    duplicates: int
    early: int
    kills: int
    unsettled: int
    seconds: float


def deliver(url: str, folder: Path, *, mails: int, kills: int, within_s: float) -> Delivery:
    """Put mails in the outbox, kill the sender so often, let the last one finish, and count what arrived."""
    engine = create_engine(url)
    rows = [mail_row(number) for number in range(mails)]
    with Session(engine) as session:
        session.execute(insert(Mail), rows)
        session.commit()
    began = time.monotonic()
    with mail_server() as (inbox, port), jobs_on(url, folder, port, AT) as jobs:
        kill_often(jobs, inbox, kills, mails // (kills + 1), random.Random(mails))
        early = len(inbox.took)
        jobs.start(LATER_S)
        while _unsettled(engine) and time.monotonic() - began < within_s:
            time.sleep(0.1)
        seconds = time.monotonic() - began
    left = _unsettled(engine)
    engine.dispose()
    wanted = {row["message_id"] for row in rows}
    return Delivery(
        lost=len(wanted - set(inbox.took)),
        delivered=len(wanted & set(inbox.took)),
        duplicates=inbox.duplicates,
        early=early,
        kills=kills,
        unsettled=left,
        seconds=seconds,
    )


def _unsettled(engine) -> int:
    with Session(engine) as session:
        return session.scalar(select(func.count()).select_from(Mail).where(Mail.sent_at.is_(None))) or 0


def mail_row(number: int) -> dict[str, object]:
    """Return one due mail as a row of the outbox."""
    return {
        "id": new_id(),
        "to_email": f"person{number}@example.se",
        "language": "sv",
        "kind": "test",
        "subject": "Hälsning från gruppen",
        "text": "Första raden, å ä ö.\n",
        "html": "<p>Första raden, å ä ö.</p>",
        "message_id": f"<{new_id()}@rundan>",
        "created_at": AT,
        "send_after_at": AT,
        "attempts": 0,
    }
