"""Forms of the yearly evaluation: to open one more, and to answer on one page, each statement optional."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, ValidationError
from wtforms.widgets import HiddenInput

from supervision.evaluations import questionnaires
from supervision.evaluations.questionnaire import LANGUAGES, Questionnaire
from supervision.evaluations.rules import FLOOR_MOST
from supervision.evaluations.statements import TEXT_MOST
from supervision.web.fields import NumberRange, SelectChoice, near_date

PREFIX = "q_"
DONT_KNOW = "x"


class OpenForm(FlaskForm):
    """Open one more evaluation."""

    closes_on = DateField(_l("Closes on"), [InputRequired(_l("Choose the last day.")), near_date])


class ExtendForm(FlaskForm):
    """Put off the closing of an open evaluation."""

    closes_on = DateField(_l("Closes on"), [InputRequired(_l("Choose the last day.")), near_date])


class WordingForm(FlaskForm):
    """A statement in the three languages; `seen` is the version of the questionnaire on the page."""

    sv = StringField(_l("In Swedish"), [Length(max=questionnaires.TEXT_MOST)])
    da = StringField(_l("In Danish"), [Length(max=questionnaires.TEXT_MOST)])
    en = StringField(_l("In English"), [Length(max=questionnaires.TEXT_MOST)])
    seen = IntegerField(widget=HiddenInput(), default=0)

    def validate_sv(self, _field: StringField) -> None:
        """Ask for words in one language at least."""
        if not any(self.texts().values()):
            raise ValidationError(str(_l("Write the statement in one language at least.")))

    def texts(self) -> dict[str, str]:
        """Return what was typed, by language."""
        return {one: (self[one].data or "").strip() for one in LANGUAGES}


class FloorForm(FlaskForm):
    """How many answers a cell must have; `seen` is the version of the questionnaire on the page."""

    floor = IntegerField(
        _l("The fewest answers that are shown together"),
        [InputRequired(_l("Choose a number of answers.")), NumberRange(max=FLOOR_MOST, message=_l("Ten at most."))],
    )
    seen = IntegerField(widget=HiddenInput(), default=0)


class StatementForm(FlaskForm):
    """The group's own words; `seen` is the version on the page."""

    text = TextAreaField(_l("The group's own words"), [InputRequired(_l("Write a text.")), Length(max=TEXT_MOST)])
    seen = IntegerField(widget=HiddenInput(), default=0)


class ApprovalForm(FlaskForm):
    """A member approves one version, or takes the approval back."""

    statement_id = HiddenField()
    act = HiddenField()


class ManagerAnswerForm(FlaskForm):
    """What a manager changes, to be kept or sent."""

    text = TextAreaField(
        _l("This is what we change because of you"), [InputRequired(_l("Write a text.")), Length(max=TEXT_MOST)]
    )


def answer_form(questions: Questionnaire, language: str) -> FlaskForm:
    """Return a form with a row of radios per statement; an unanswered one means "don't know"."""
    scale = range(questions.lowest, questions.highest + 1)
    choices = [SelectChoice(str(n), str(n)) for n in scale] + [SelectChoice(DONT_KNOW, _l("don't know"))]
    fields: dict[str, Any] = {
        PREFIX + one.key: RadioField(one.text[language], choices=choices, validate_choice=False)
        for one in questions.statements
    }
    return type("AnswerForm", (FlaskForm,), fields)()


def is_blank(form: FlaskForm, questions: Questionnaire) -> bool:
    """Whether nothing at all was chosen, not even "don't know": a slip of the thumb rather than an answer."""
    return not any(form[PREFIX + key].data for key in questions.keys)


def answers_in(form: FlaskForm, questions: Questionnaire) -> dict[str, int | None]:
    """Return statement key -> answer on the scale, None for don't know; whatever else is sent is don't know too."""
    scale = {str(n): n for n in range(questions.lowest, questions.highest + 1)}
    return {key: scale.get(form[PREFIX + key].data or "") for key in questions.keys}
