"""Write down who did what, in the caller's transaction."""

import uuid
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.models import AuditEvent
from supervision.kernel.actor import Actor


def record(
    session: Session,
    actor: Actor,
    action: str,
    object_kind: str,
    object_id: uuid.UUID | None,
    *,
    now: datetime,
) -> None:
    """Add one audit row: `action` and `object_kind` are codes such as "group.opened", "group"; never content."""
    session.add(
        AuditEvent(at=now, actor_id=actor.person_id, action=action, object_kind=object_kind, object_id=object_id)
    )
