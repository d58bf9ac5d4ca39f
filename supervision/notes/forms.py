"""The form of a private note."""

import uuid
from collections.abc import Iterable

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import SelectField, TextAreaField
from wtforms.validators import Length

from supervision.cases.forms import tidy
from supervision.meetings.models import Meeting
from supervision.notes.rules import TEXT_MOST, NoteText
from supervision.web.dates import date_of
from supervision.web.fields import SelectChoice


class NoteForm(FlaskForm):
    """A text, and which meeting it is about."""

    text = TextAreaField(
        _l("Your note"), [Length(max=TEXT_MOST, message=_l("At most %(max)d characters."))], filters=[tidy]
    )
    meeting_id = SelectField(_l("What is it about?"), choices=[])

    def offer(self, meetings: Iterable[Meeting], zone: str) -> None:
        """Let one choose the group as a whole, or one of these meetings."""
        days = [(one, date_of(one.starts_at, zone)) for one in meetings]
        choices = [SelectChoice(str(one.id), _("The meeting on %(day)s", day=on)) for one, on in days]
        self.meeting_id.choices = [SelectChoice("", _("The group as a whole")), *choices]

    def words(self, let_stand: tuple[str, ...] = ()) -> NoteText:
        """Return what is written, with the words its writer has decided to keep."""
        return NoteText(text=self.text.data or "", let_stand=let_stand)

    def about(self) -> uuid.UUID | None:
        """Return which meeting was chosen; None for the group as a whole."""
        return uuid.UUID(self.meeting_id.data) if self.meeting_id.data else None
