"""What of a log is asked for."""

from datetime import datetime, time, timedelta
from uuid import UUID

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, SelectField
from wtforms.validators import Optional

from supervision.audit.codes import ObjectKind
from supervision.audit.queries import Wanted
from supervision.audit.words import KINDS
from supervision.kernel.walltime import to_instant
from supervision.web.fields import SelectChoice, maybe_one, near_date


class LogForm(FlaskForm):
    """A kind of thing and a time; sent by GET."""

    class Meta:
        """Nothing is changed by it, so no token goes along."""

        csrf = False

    kind = SelectField(_l("What it is about"), [maybe_one])
    from_on = DateField(_l("From day"), [Optional(), near_date])
    to_on = DateField(_l("To day"), [Optional(), near_date])

    def offer_kinds(self) -> "LogForm":
        """Fill the list to choose from."""
        self.kind.choices = [
            SelectChoice("", str(_l("Everything"))),
            *(SelectChoice(kind.value, str(KINDS[kind])) for kind in ObjectKind),
        ]
        return self

    def wanted(self, zone: str, after: str | None) -> Wanted:
        """Return what is asked for; days are those of the zone, the last one whole."""
        first, last = self.from_on.data, self.to_on.data
        return Wanted(
            kind=self.kind.data or None,
            from_at=to_instant(first, time(), zone) if first else None,
            until_at=to_instant(last + timedelta(days=1), time(), zone) if last else None,
            after=read_place(after),
        )


def write_place(place: tuple[datetime, UUID]) -> str:
    """Write where a page ended, for an address."""
    return f"{place[0].isoformat()}_{place[1]}"


def read_place(written: str | None) -> tuple[datetime, UUID] | None:
    """Read where a page ended; None for anything else, which is the first page."""
    at, _line, event_id = (written or "").partition("_")
    try:
        read = datetime.fromisoformat(at), UUID(event_id)
        return read if read[0].tzinfo is not None and read[0].year in range(2000, 2100) else None
    except ValueError:
        return None
