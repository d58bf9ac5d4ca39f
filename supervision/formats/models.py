"""The table of supervisors' own formats."""

import uuid
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from supervision.formats.rules import Format, own_key
from supervision.store.base import Base, WithId


class OwnFormat(WithId, Base):
    """A format a supervisor has made, mostly from a copy. Always one that can be run; a draft is not kept.

    A meeting keeps its own snapshot of the phases, so a change or a deletion here touches no meeting that has begun.
    """

    __tablename__ = "own_format"

    supervisor_id: Mapped[uuid.UUID] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    @property
    def format(self) -> Format:
        """The format, under the key by which a meeting names it."""
        return Format.from_data({**self.data, "key": own_key(self.id)})
