"""A process that writes without end: `python -m tests.upkeep.writing URL`. Each transaction brings a person and a mail.

It says each number it has committed, so that a test knows how far it is; it ends when its input does.
"""

import os
import select
import sys
import uuid
from datetime import UTC, datetime

from sqlalchemy import create_engine, text

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
PERSON = text(
    "INSERT INTO person (id, name, email, language, title, is_supervisor, is_operator, created_at) "
    "VALUES (:id, 'Writer', :email, 'sv', '', false, false, :now)"
)
MAIL = text(
    "INSERT INTO mail (id, to_email, language, kind, subject, text, html, message_id, created_at, send_after_at, "
    "sent_at, attempts) VALUES (:id, :email, 'sv', 'code', '', '', '', :word, :now, :now, :now, 0)"
)


def main(url: str) -> None:
    engine = create_engine(url)
    is_sqlite = url.startswith("sqlite")
    now = NOW.replace(tzinfo=None) if is_sqlite else NOW
    number = 0
    with engine.connect() as connection:
        if is_sqlite:
            connection.connection.driver_connection.execute("PRAGMA busy_timeout=15000")  # type: ignore[union-attr]
        while not select.select([sys.stdin], [], [], 0)[0]:
            number += 1
            for statement in (PERSON, MAIL):
                one = uuid.uuid4().hex
                told = {"id": one, "word": one, "email": f"writer-{number}@example.se", "now": now}
                connection.execute(statement, told)
            connection.commit()
            os.write(1, f"{number}\n".encode())


if __name__ == "__main__":
    main(sys.argv[1])
