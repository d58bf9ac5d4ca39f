"""Every SELECT about mail."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.outbox.models import Mail

SHOWN = 100


def due_mail(session: Session, now: datetime, most: int) -> Sequence[uuid.UUID]:
    """Return ids of mail to be sent now, oldest first."""
    return session.scalars(
        select(Mail.id)
        .where(Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.send_after_at <= now)
        .order_by(Mail.send_after_at, Mail.id)
        .limit(most)
    ).all()


def lock_due(session: Session, mail_id: uuid.UUID, now: datetime) -> Mail | None:
    """Return a mail that is still due, locked until the transaction ends; None when another process has it."""
    return session.scalar(
        select(Mail)
        .where(Mail.id == mail_id, Mail.sent_at.is_(None), Mail.given_up_at.is_(None), Mail.send_after_at <= now)
        .with_for_update(skip_locked=True)
    )


def latest_mail(session: Session) -> Sequence[Mail]:
    """Return the newest mails, for the development mailbox."""
    return session.scalars(select(Mail).order_by(Mail.created_at.desc(), Mail.id).limit(SHOWN)).all()
