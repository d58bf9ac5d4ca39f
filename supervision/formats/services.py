"""What a supervisor does with formats of their own."""

from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.formats.models import OwnFormat
from supervision.formats.rules import Format, check_format
from supervision.kernel.actor import Actor
from supervision.kernel.ids import new_id


def make_format(session: Session, actor: Actor, chosen: Format, length_s: int, *, now: datetime) -> OwnFormat:
    """Keep a format as the supervisor's own; it must sum to `length_s`. Codes: those of `check_format`."""
    check_format(chosen, length_s)
    own = OwnFormat(id=new_id(), supervisor_id=actor.id, data=chosen.to_data(), created_at=now, changed_at=now)
    session.add(own)
    session.flush()
    record(session, actor, Action.FORMAT_MADE, ObjectKind.OWN_FORMAT, own.id, now=now)
    return own


def change_format(
    session: Session, actor: Actor, own: OwnFormat, chosen: Format, length_s: int, *, now: datetime
) -> OwnFormat:
    """Replace an own format; meetings that have begun keep theirs. Codes: those of `check_format`."""
    check_format(chosen, length_s)
    own.data = chosen.to_data()
    own.changed_at = now
    record(session, actor, Action.FORMAT_CHANGED, ObjectKind.OWN_FORMAT, own.id, now=now)
    return own


def delete_format(session: Session, actor: Actor, own: OwnFormat, *, now: datetime) -> None:
    """Delete an own format; meetings that have begun keep their phases."""
    record(session, actor, Action.FORMAT_DELETED, ObjectKind.OWN_FORMAT, own.id, now=now)
    session.delete(own)
    session.flush()
