"""The words of the live screens: names, lengths, what was last done, reminders."""

from collections.abc import Iterable, Mapping, Sequence

from flask_babel import gettext, ngettext

from supervision.formats.rules import PlannedPhase
from supervision.live.rules import Participant
from supervision.live.rules.nudges import Nudge
from supervision.web.dates import language


def _(text: str, **values: object) -> str:
    """Return a text of the interface in the reader's language."""
    return str(gettext(text, **values))


def in_language(name: Mapping[str, str]) -> str:
    """Return a format's or a phase's name in the reader's language, else in Swedish."""
    return name.get(language()) or name["sv"]


def phase_name(phase: PlannedPhase) -> str:
    """Return a phase's name in the reader's language."""
    return in_language(phase.name)


def initials(name: str) -> str:
    """Return the first letters of the first and the last part of a name."""
    parts = name.split() or ["?"]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()


def short_names(people: Sequence[Participant]) -> dict[str, str]:
    """Return what each is called at the table: the first name, with a letter of the last where two share it."""
    firsts = [person.name.split()[0] for person in people]
    names = {}
    for person, first in zip(people, firsts, strict=True):
        rest = person.name.split()[1:]
        names[person.id] = f"{first} {rest[-1][0]}" if firsts.count(first) > 1 and rest else first
    return names


def listed(names: Iterable[str]) -> str:
    """Return names as a list in a sentence: "Elin, Tomasz and Leyla"."""
    names = list(names)
    if len(names) < 2:
        return "".join(names)
    return _("%(first)s and %(last)s", first=", ".join(names[:-1]), last=names[-1])


def long_length(seconds: float) -> str:
    """Return a length in words: 4 minutes 30 seconds."""
    minutes, rest = divmod(int(seconds), 60)
    parts = []
    if minutes:
        parts.append(ngettext("%(num)s minute", "%(num)s minutes", minutes))
    if rest or not minutes:
        parts.append(ngettext("%(num)s second", "%(num)s seconds", rest))
    return " ".join(parts)


def cases_line(case_no: int | None, cases: int) -> str:
    """Return where in the meeting's cases the round is."""
    if case_no is None:
        return str(ngettext("%(num)s case", "%(num)s cases", cases))
    return _("Case %(case_no)s of %(cases)s", case_no=case_no, cases=cases)


def in_a_line(text: str) -> str:
    """Return a word as it stands inside a line, without its capital."""
    return text[:1].lower() + text[1:]


def what_was_done(last: tuple[str, str | None] | None, names: Mapping[str, str]) -> str:
    """Return what an undo takes back."""
    if last is None:
        return _("Nothing to undo")
    kind, person_id = last
    name = names.get(person_id or "", "")
    return {
        "floor": _("The floor to %(name)s", name=name),
        "release": _("The floor let go"),
        "next_phase": _("The step to this phase"),
        "interpose": _("The question by %(name)s", name=name),
        "pass": _("%(name)s stands over", name=name),
        "away": _("%(name)s is away", name=name),
        "back": _("%(name)s is back", name=name),
        "presenter": _("%(name)s presents", name=name),
        "pause": _("The pause"),
        "resume": _("The clock going on"),
        "correct": _("The corrected time"),
    }.get(kind, "")


def reminders(found: Sequence[Nudge], names: Mapping[str, str]) -> list[str]:
    """Return the reminders in words, the speaker's first; people of whom the same is true share a sentence."""
    lines = [_of_speaker(one, names[one.person_id]) for one in found if one.code in {"share_nearly_used", "share_used"}]
    for code in ("not_yet", "far_above", "far_below"):
        people = [names[one.person_id] for one in found if one.code == code]
        if people:
            lines.append(_of_table(code, people))
    return lines


def _of_speaker(nudge: Nudge, name: str) -> str:
    if nudge.code == "share_used":
        return _("%(name)s has used their share.", name=name)
    return _("%(name)s has %(left)s left of their share.", name=name, left=long_length(nudge.seconds))


def _of_table(code: str, people: Sequence[str]) -> str:
    one, many = {
        "not_yet": ("%(names)s has not had the floor yet.", "%(names)s have not had the floor yet."),
        "far_above": (
            "%(names)s has had more room than expected so far.",
            "%(names)s have had more room than expected so far.",
        ),
        "far_below": (
            "%(names)s has had less room than expected so far.",
            "%(names)s have had less room than expected so far.",
        ),
    }[code]
    return str(ngettext(one, many, len(people), names=listed(people)))


def what_happens(mode: str) -> str:
    """Return what a phase asks of everyone, for the room."""
    return {
        "P": _("The one who brings the case tells. We listen."),
        "S": _("The supervisor leads."),
        "SP": _("The supervisor asks, the one who brings the case answers. We listen."),
        "Q": _("We ask, the one who brings the case answers. No advice yet."),
        "R": _("One at a time. We listen to the end before the next one begins. It is fine to stand over."),
        "G": _("The group thinks aloud. The one who brings the case listens."),
        "A": _("We talk together."),
        "I": _("Everyone writes in silence."),
    }[mode]


def state_word(state: str) -> str:
    """Return the word of a place's state (DESIGN: states of a place); nothing for those who listen."""
    return {
        "has_floor": _("Has the floor"),
        "asking": _("Asks"),
        "answering": _("Answers"),
        "resting": _("Rests"),
        "next": _("Next"),
        "not_yet": _("Not yet"),
        "done": _("Done"),
        "passed": _("Stood over"),
        "away": _("Away"),
    }.get(state, "")
