"""Forms before, during and after a round."""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.validators import InputRequired

from supervision.formats.rules import MOST_CASES, Format, fit
from supervision.live.rules import Participant, RoundState
from supervision.live.services import Setting
from supervision.live.words import in_language, phase_name, short_names
from supervision.web.dates import length
from supervision.web.fields import NumberRange, SelectChoice

MORE_TIME = 1.5  # PRODUCT: live round, a weight for hearing, interpreter, speech aid; half as much again
HOW = [
    SelectChoice("here", _l("Here")),
    SelectChoice("remote", _l("Here, remotely")),
    SelectChoice("later", _l("Comes later")),
    SelectChoice("not", _l("Not today")),
]


class Seat:
    """A seat before the round: who, in which place, and the three fields of the form that belong to it."""

    def __init__(self, person_id: str, name: str, number: int, *, is_coming: bool) -> None:
        self.id, self.name, self.number, self.is_coming = person_id, name, number, is_coming
        key = person_id.replace("-", "")
        self.how, self.place, self.more = f"how_{key}", f"place_{key}", f"more_{key}"

    def fields(self, most: int) -> dict[str, Any]:
        """Return the seat's fields by their names."""
        return {
            self.how: SelectField(self.name, choices=HOW, default="here" if self.is_coming else "not"),
            self.place: IntegerField(
                _("The place of %(name)s", name=self.name), [InputRequired(), NumberRange(1, most)], default=self.number
            ),
            self.more: BooleanField(_("More time for %(name)s", name=self.name)),
        }


class PrepareForm(FlaskForm):
    """Choose the format and set the table; the seats and cases are added by `prepare_form`."""

    format_key = RadioField(_l("How we talk today"), validators=[InputRequired(_l("Choose a format."))])


def prepare_form(
    seats: Sequence[Seat], presenters: Sequence[str], wishes: Sequence[bool], chosen: str, formats: Iterable[Format]
) -> PrepareForm:
    """Return the form of a group: a line per seat, a line per case that can be brought, and the formats to choose."""
    people = [SelectChoice("", _("Chosen in the meeting")), *(SelectChoice(seat.id, seat.name) for seat in seats)]
    fields: dict[str, Any] = {}
    for seat in seats:
        fields |= seat.fields(len(seats))
    for number in range(1, MOST_CASES + 1):
        at = number - 1
        fields[f"presenter_{number}"] = SelectField(
            _("Brings case %(case_no)s", case_no=number),
            choices=people,
            default=presenters[at] if at < len(presenters) else "",
        )
        fields[f"advice_{number}"] = BooleanField(
            _("Advice is wished in case %(case_no)s", case_no=number), default=at < len(wishes) and wishes[at]
        )
    made = cast("PrepareForm", type("PrepareGroupForm", (PrepareForm,), fields)(format_key=chosen))
    made.format_key.choices = [SelectChoice(one.key, in_language(one.name)) for one in formats]
    return made


def format_lines(formats: Iterable[Format], length_s: int) -> Mapping[str, str]:
    """Return what each format does with a case, as one line of words, and how it fits a meeting's length."""
    lines = {}
    for one in formats:
        case = ", ".join(in_language(phase.name) for phase in one.case)
        line = case if one.cases == 1 else f"{one.cases} × ({case})"
        lines[one.key] = " · ".join([line, *_fits(one, length_s)])
    return lines


def _fits(chosen: Format, length_s: int) -> list[str]:
    """Return the sentence on a format that is not as long as the meeting; none for one that is."""
    facts = {"minutes": round(chosen.total_s / 60), "most": round(length_s / 60)}
    word = fit(chosen, length_s)
    if word == "stretched":
        return [_("Planned for %(minutes)s minutes, the meeting has %(most)s: the phases grow.", **facts)]
    if word == "shortened":
        return [_("Planned for %(minutes)s minutes, the meeting has %(most)s: the phases shrink.", **facts)]
    if word == "over":
        over = math.ceil((chosen.least_s - length_s) / 60)
        return [
            ngettext(
                "Even at its shortest it runs %(num)s minute over the meeting's %(most)s.",
                "Even at its shortest it runs %(num)s minutes over the meeting's %(most)s.",
                over,
                most=facts["most"],
            )
        ]
    return []


def setting_of(form: PrepareForm, seats: Sequence[Seat]) -> Setting:
    """Return how the table is set; those who are not coming today have no place at it."""
    at_table = sorted(
        (seat for seat in seats if form[seat.how].data != "not"), key=lambda seat: (form[seat.place].data, seat.number)
    )
    participants = tuple(
        Participant(
            seat.id,
            seat.name,
            number,
            is_remote=form[seat.how].data == "remote",
            weight=MORE_TIME if form[seat.more].data else 1.0,
        )
        for number, seat in enumerate(at_table, start=1)
    )
    numbers = range(1, MOST_CASES + 1)
    return Setting(
        format_key=form.format_key.data,
        participants=participants,
        away=tuple(seat.id for seat in at_table if form[seat.how].data == "later"),
        presenters=tuple(form[f"presenter_{number}"].data or None for number in numbers),
        wishes_advice=tuple(bool(form[f"advice_{number}"].data) for number in numbers),
    )


class CorrectForm(FlaskForm):
    """Set the time someone had the floor in a phase."""

    person_id = RadioField(_l("Who"), validators=[InputRequired(_l("Choose who."))])
    phase = SelectField(_l("Phase"), coerce=int)
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(0, 240)])
    seconds = IntegerField(_l("Seconds"), [InputRequired(), NumberRange(0, 59)], default=0)


def correct_form(state: RoundState, phase: int | None) -> CorrectForm:
    """Return the form for the people at the table and a phase that was begun: the one asked for, or the present one."""
    is_begun = phase is not None and 0 <= phase < len(state.runs)
    form = CorrectForm(phase=phase if is_begun else state.run.index)
    names = short_names(state.participants)
    form.person_id.choices = [SelectChoice(person.id, names[person.id]) for person in state.participants]
    form.phase.choices = [
        SelectChoice(run.index, f"{run.index + 1}. {phase_name(state.phases[run.index])}") for run in state.runs
    ]
    return form


def times_in(state: RoundState, phase: int) -> Mapping[str, str]:
    """Return person id -> what stands in a begun phase (counted from 0) now, as words: "now 3:12"."""
    if not 0 <= phase < len(state.runs):
        return {}
    run = state.runs[phase]
    return {person.id: _("now %(time)s", time=length(run.part(person.id).floor_s)) for person in state.participants}
