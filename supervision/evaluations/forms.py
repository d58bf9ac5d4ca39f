"""Forms of the yearly evaluation: to open one more, and to answer on one page, each statement optional."""

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, RadioField
from wtforms.validators import InputRequired

from supervision.evaluations.questionnaire import Questionnaire
from supervision.web.fields import SelectChoice, near_date

PREFIX = "q_"
DONT_KNOW = "x"


class OpenForm(FlaskForm):
    """Open one more evaluation."""

    closes_on = DateField(_l("Closes on"), [InputRequired(_l("Choose the last day.")), near_date])


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
