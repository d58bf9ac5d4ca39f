"""What attendance may be filled in with: the round's log, read for the record of who was there."""

import uuid
from collections.abc import Mapping

from sqlalchemy.orm import Session

from supervision.live import queries
from supervision.live.rules.presence import presence


def presence_of(session: Session, meeting_id: uuid.UUID) -> Mapping[uuid.UUID, str]:
    """Return person id -> present, late, left_early or absent; nothing without a log or once it is deleted."""
    return {uuid.UUID(person_id): kind for person_id, kind in presence(queries.log_of(session, meeting_id)).items()}
