"""Every SELECT about formats."""

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.formats.rules import Format, own_id
from supervision.kernel.actor import Actor


def get_own_format(session: Session, actor: Actor, format_id: uuid.UUID) -> OwnFormat | None:
    """Return a format this supervisor has made; hidden from everyone else."""
    return session.scalar(
        select(OwnFormat).where(OwnFormat.id == format_id, OwnFormat.supervisor_id == actor.person_id)
    )


def own_formats(session: Session, actor: Actor) -> Sequence[OwnFormat]:
    """Return the formats this supervisor has made, oldest first."""
    return session.scalars(
        select(OwnFormat).where(OwnFormat.supervisor_id == actor.person_id).order_by(OwnFormat.created_at, OwnFormat.id)
    ).all()


def formats_for(session: Session, actor: Actor) -> Mapping[str, Format]:
    """Return every format this supervisor may use by its key: own ones first, then those of the product."""
    own = (one.format for one in own_formats(session, actor))
    return {one.key: one for one in own} | dict(formats())


def find_format(session: Session, key: str) -> Format | None:
    """Return the format a round was begun with, also one's own; None for one that is deleted."""
    if key in formats():
        return formats()[key]
    own = session.scalar(select(OwnFormat).where(OwnFormat.id == own_id(key)))
    return own.format if own is not None else None
