"""Forms about cases."""

from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import Length

from supervision.cases import words
from supervision.cases.models import Case
from supervision.cases.rules import follow_up
from supervision.cases.rules.follow_up import FollowUpText
from supervision.cases.rules.text import ANSWERS, MOST, CaseText
from supervision.cases.services import CaseFacts
from supervision.web.fields import SelectChoice


def tidy(value: str | None) -> str:
    """Return typed text with one kind of line end, as the counting of characters expects, and no blanks around it."""
    return (value or "").replace("\r\n", "\n").strip()


def _room(name: str) -> Length:
    return Length(max=MOST[name], message=_l("At most %(max)d characters."))


class CaseForm(FlaskForm):
    """The guided questions; a draft may leave any of them open."""

    kind = RadioField(_l("What is it?"), choices=[SelectChoice(*item) for item in words.KINDS.items()], default="case")
    title = StringField(_l("What can we call it?"), [_room("title")], filters=[tidy])
    situation = TextAreaField(_l("What happens?"), [_room("situation")], filters=[tidy])
    question = StringField(_l("My question to the group"), [_room("question")], filters=[tidy])
    wishes = SelectMultipleField(
        _l("What do you wish from the group?"), choices=[SelectChoice(*item) for item in words.WISHES.items()]
    )
    comprehensible = StringField(words.QUESTIONS["comprehensible"], [_room("comprehensible")], filters=[tidy])
    manageable = StringField(words.QUESTIONS["manageable"], [_room("manageable")], filters=[tidy])
    meaningful = StringField(words.QUESTIONS["meaningful"], [_room("meaningful")], filters=[tidy])
    tags = SelectMultipleField(_l("What is it about?"), choices=[SelectChoice(*item) for item in words.TAGS.items()])
    is_urgent = BooleanField(_l("It is urgent"))

    def text(self, let_stand: tuple[str, ...] = ()) -> CaseText:
        """Return the answers in words, with the words its writer has decided to keep."""
        return CaseText(**{name: self[name].data or "" for name in ANSWERS}, let_stand=let_stand)

    def facts(self) -> CaseFacts:
        """Return what is said besides the words."""
        return CaseFacts(
            kind=self.kind.data or "case",
            wishes=tuple(self.wishes.data or ()),
            tags=tuple(self.tags.data or ()),
            is_urgent=bool(self.is_urgent.data),
        )

    @staticmethod
    def filled(case: Case, text: CaseText) -> dict[str, Any]:
        """Return a saved case as the form's data."""
        about = {"kind": case.kind, "wishes": case.wishes, "tags": case.tags, "is_urgent": case.is_urgent}
        return {**text.answers(), **about}


def _brief(name: str) -> Length:
    return Length(max=follow_up.MOST[name], message=_l("At most %(max)d characters."))


class FollowUpForm(FlaskForm):
    """What someone who told a case will try; only the first answer is needed."""

    what = TextAreaField(_l("What will you try?"), [_brief("what")], filters=[tidy])
    who = StringField(_l("Who is in it?"), [_brief("who")], filters=[tidy])
    when = StringField(_l("When?"), [_brief("when")], filters=[tidy])
    how = StringField(_l("How will you notice that it helps?"), [_brief("how")], filters=[tidy])

    def text(self, let_stand: tuple[str, ...] = ()) -> FollowUpText:
        """Return the answers in words, with the words their writer has decided to keep."""
        return FollowUpText(**{name: self[name].data or "" for name in follow_up.MOST}, let_stand=let_stand)


class ChooseForm(FlaskForm):
    """Which coming meeting a case is chosen for."""

    meeting_id = SelectField(_l("For which meeting"), choices=[])

    def offer(self, meetings: Iterable[tuple[str, str]]) -> None:
        """Let one choose among these meetings, given as id and day."""
        self.meeting_id.choices = [SelectChoice(value, label) for value, label in meetings]
