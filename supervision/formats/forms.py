"""The form in which a supervisor makes a format."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    FieldList,
    Form,
    FormField,
    HiddenField,
    IntegerField,
    SelectField,
    StringField,
)
from wtforms.validators import AnyOf, InputRequired, Length, ValidationError

from supervision.formats import words
from supervision.formats.catalogue import formats
from supervision.formats.rules import BLOCKS, MOST_CASES, MOST_PHASES, Block, Format, Phase, moved, names_in
from supervision.formats.words import in_language
from supervision.web.dates import language
from supervision.web.fields import NumberRange, SelectChoice

LENGTHS_MIN = (30, 240)  # as an assignment's length, in minutes
NAME_MOST = 80  # one line of a list; characters


def _tidy(value: str | None) -> str:
    return " ".join((value or "").split())


class PhaseForm(Form):
    """One phase: its name, who speaks, its minutes and the least it keeps."""

    block = HiddenField(validators=[AnyOf(BLOCKS)])
    name = StringField(
        _l("Name"), [InputRequired(_l("Give the phase a name.")), Length(max=NAME_MOST)], filters=[_tidy]
    )
    mode = SelectField(_l("Who speaks"), choices=[SelectChoice(*item) for item in words.MODES.items()])
    minutes = IntegerField(_l("Minutes"), [InputRequired(), NumberRange(1, LENGTHS_MIN[1])])
    least = IntegerField(_l("At least"), [InputRequired(), NumberRange(0, LENGTHS_MIN[1])])
    if_wished = BooleanField(_l("Only if the one who brings the case wishes for it"))

    def validate_least(self, field: Any) -> None:  # noqa: ANN401 - the library's fields are not generic
        """Refuse a minimum above the phase's own minutes."""
        if isinstance(field.data, int) and isinstance(self.minutes.data, int) and field.data > self.minutes.data:
            raise ValidationError(_("The least time of a phase is more than its time."))


class FormatForm(FlaskForm):
    """A format: its name, the length of the meeting it is meant for, how many cases, and the phases in their order."""

    name = StringField(
        _l("What do you call it?"),
        [InputRequired(_l("Give the format a name.")), Length(max=NAME_MOST)],
        filters=[_tidy],
    )
    length_min = IntegerField(_l("The meeting's minutes"), [InputRequired(), NumberRange(*LENGTHS_MIN)])
    cases = IntegerField(_l("Cases"), [InputRequired(), NumberRange(1, MOST_CASES)])
    phases = FieldList(FormField(PhaseForm), _l("Phases"), max_entries=MOST_PHASES)

    @staticmethod
    def filled(chosen: Format) -> dict[str, Any]:
        """Return a format as the form's data, names in the reader's language, whole minutes."""
        return {
            "name": in_language(chosen.name),
            "length_min": chosen.total_s // 60,
            "cases": chosen.cases,
            "phases": [_line(phase) for phase in chosen.phases],
        }

    @property
    def total_min(self) -> int:
        """The minutes of all phases as typed, the case block counted once per case."""
        cases = max(0, self.cases.data or 0)
        return sum((line["minutes"] or 0) * (cases if line["block"] == "case" else 1) for line in self.phases.data)

    def to_format(self, before: Format | None) -> Format:
        """Return what was typed. A name that is known in the reader's language keeps its other languages."""
        known = [before.name] if before else []
        known_phases = [phase for one in ([before] if before else []) for phase in one.phases]
        known_phases += [phase for one in formats().values() for phase in one.phases]
        blocks: dict[Block, list[Phase]] = {block: [] for block in BLOCKS}
        keys: set[str] = set()
        for line in self.phases.data:
            phase = _phase(line, known_phases, keys)
            keys.add(phase.key)
            blocks[phase.block].append(phase)
        return Format(
            key="own",
            name=names_in(self.name.data or "", language(), known),
            source=before.source if before else "",
            cases=self.cases.data or 0,
            opening=tuple(blocks["opening"]),
            case=tuple(blocks["case"]),
            closing=tuple(blocks["closing"]),
        )

    def changed(self, what: str) -> "FormatForm":
        """Return the form after a button that changes the phases: `up:2`, `down:2`, `remove:2`, `add:case`."""
        kind, _colon, which = what.partition(":")
        lines = _in_order(self.phases.data)
        if kind == "add" and which in BLOCKS and len(lines) < MOST_PHASES:
            lines = _in_order([*lines, {"block": which, "name": "", "mode": "A", "minutes": 5, "least": 2}])
        index = int(which) if which.isascii() and which.isdigit() and len(which) < 3 else len(lines)
        if index < len(lines):
            if kind == "remove":
                del lines[index]
            elif kind in {"up", "down"}:
                order, after = moved([line["block"] for line in lines], index, -1 if kind == "up" else 1)
                lines = [lines[old] | {"block": block} for old, block in zip(order, after, strict=True)]
        data = {"name": self.name.data, "length_min": self.length_min.data, "cases": self.cases.data, "phases": lines}
        return FormatForm(formdata=None, data=data)


def _line(phase: Phase) -> dict[str, Any]:
    return {
        "block": phase.block,
        "name": in_language(phase.name),
        "mode": phase.mode,
        "minutes": phase.planned_s // 60,
        "least": phase.min_s // 60,
        "if_wished": phase.if_wished,
    }


def _phase(line: Mapping[str, Any], known: Iterable[Phase], taken: set[str]) -> Phase:
    here = language()
    match = next((phase for phase in known if phase.name.get(here) == line["name"]), None)
    stem = match.key if match else "own"
    key = next(key for key in (stem, *(f"{stem}_{n}" for n in range(2, MOST_PHASES + 2))) if key not in taken)
    return Phase(
        key=key,
        mode=line["mode"],
        planned_s=60 * line["minutes"],
        min_s=60 * line["least"],
        name=names_in(line["name"], here, [match.name] if match else []),
        block=cast("Block", line["block"]),
        if_wished=bool(line["if_wished"]) and line["block"] == "case",
    )


def _in_order(lines: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    known = (line for line in lines if line["block"] in BLOCKS)
    return sorted(known, key=lambda line: BLOCKS.index(line["block"]))
