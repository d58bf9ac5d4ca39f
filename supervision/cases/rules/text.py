"""The text of a case: its questions, how long the answers may be, and what in it should be looked at again."""

import json
import re
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, ClassVar, Self, TypeVar

from supervision.cases.rules.deidentify import Mark, MarkKind, check_text, marks
from supervision.kernel.errors import RuleBroken

TITLE_MOST = 80  # one line of a list; characters
SITUATION_MOST = 1500  # PRODUCT: cases and dilemmas, the situation; characters
QUESTION_MOST = 200  # one sentence to the group; characters
PROMPT_MOST = 300  # a sentence or two for each of the three optional prompts; characters

KINDS = ("case", "dilemma")  # PRODUCT: cases and dilemmas
WISHES = ("listen", "ask", "reflect", "advise")  # PRODUCT: what I wish from the group
TAGS = (  # PRODUCT: cases and dilemmas, tags
    "relation",
    "patience",
    "hard_to_help",
    "relatives",
    "medication",
    "closeness_and_limits",
    "someones_home",
    "team",
    "loneliness",
    "new_person",
    "other",
)
MOST = {
    "title": TITLE_MOST,
    "situation": SITUATION_MOST,
    "question": QUESTION_MOST,
    "comprehensible": PROMPT_MOST,
    "manageable": PROMPT_MOST,
    "meaningful": PROMPT_MOST,
}
ANSWERS = tuple(MOST)


@dataclass(frozen=True)
class Answers:
    """Answers in words to guided questions; `MOST` names them in their order, with their characters at most.

    `let_stand` holds words that were marked and that the writer has decided to keep.
    """

    MOST: ClassVar[Mapping[str, int]] = {}
    let_stand: tuple[str, ...] = ()

    def as_json(self) -> str:
        """Return the text as it is sealed."""
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the text of what `as_json` wrote; unknown keys are left aside.

        What is said in place of a text that cannot be read (`TextSeal.read`) becomes the first answer.
        """
        if not text.startswith("{"):
            instead: dict[str, Any] = {next(iter(cls.MOST)): text}
            return cls(**instead)
        known = {field.name for field in fields(cls)}
        found = {key: value for key, value in json.loads(text).items() if key in known}
        return cls(**(found | {"let_stand": tuple(found.get("let_stand", ()))}))

    def answers(self) -> dict[str, str]:
        """Return the answers in the order of the questions."""
        return {name: getattr(self, name) for name in self.MOST}


@dataclass(frozen=True)
class CaseText(Answers):
    """Everything a writer says of a case in words; the last three are the prompts of KASAM."""

    MOST = MOST
    title: str = ""
    situation: str = ""
    question: str = ""
    comprehensible: str = ""
    manageable: str = ""
    meaningful: str = ""


Text = TypeVar("Text", bound=Answers)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of an answer as it is shown: plain, or marked with its number in the list beside it."""

    text: str
    number: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """Words to look at again: their number, kind, and how they stand."""

    number: int
    kind: MarkKind
    text: str


def check(text: Answers) -> None:
    """Refuse a text that may not be saved, in a draft neither. Codes: `text_too_long`, `looks_like_personal_number`."""
    answers = text.answers()
    for name, answer in answers.items():
        if len(answer) > text.MOST[name]:
            raise RuleBroken("text_too_long", field=name, most=text.MOST[name])
    check_text(**answers)


def check_complete(text: CaseText) -> None:
    """Refuse to show others a case without title, situation or question. Code: `case_incomplete` on that field."""
    for name in ("title", "situation", "question"):
        if not getattr(text, name).strip():
            raise RuleBroken("case_incomplete", field=name)


def marked(text: Answers) -> tuple[dict[str, tuple[Piece, ...]], tuple[Finding, ...]]:
    """Return each answer in pieces, and what to look at again, numbered from 1 through all answers.

    The same words carry the same number; words in `let_stand` are not marked.
    """
    numbers: dict[str, int] = {}
    findings: list[Finding] = []
    answers: dict[str, tuple[Piece, ...]] = {}
    for name, answer in text.answers().items():
        pieces: list[Piece] = []
        at = 0
        for mark in _open_marks(answer, text.let_stand):
            if mark.text not in numbers:
                numbers[mark.text] = len(numbers) + 1
                findings.append(Finding(numbers[mark.text], mark.kind, mark.text))
            pieces += [Piece(answer[at : mark.start]), Piece(mark.text, numbers[mark.text])]
            at = mark.end
        answers[name] = tuple(piece for piece in (*pieces, Piece(answer[at:])) if piece.text)
    return answers, tuple(findings)


def _open_marks(answer: str, let_stand: Collection[str]) -> tuple[Mark, ...]:
    return tuple(mark for mark in marks(answer) if mark.text not in let_stand)


def let_stand(text: Text, *words: str) -> Text:
    """Return the text with these words no longer marked; only words that are marked now are kept."""
    wanted = {*text.let_stand, *words}
    known = dict.fromkeys(mark.text for answer in text.answers().values() for mark in marks(answer))
    return replace(text, let_stand=tuple(found for found in known if found in wanted))


def change(text: Text, words: str, to: str) -> Text:
    """Return the text with `to` wherever `words` stand by themselves; `to` empty takes them out with their blank."""
    if not words:
        return text
    blank = "" if to else "[ ]?"
    form = re.compile(rf"{blank}(?<!\w){re.escape(words)}(?!\w)")
    changed: dict[str, Any] = {name: form.sub(lambda _match: to, answer) for name, answer in text.answers().items()}
    return replace(text, **changed)


def after_button(text: Text, sent: Mapping[str, str], replacement: str) -> Text:
    """Return the text after what a button of the list of marks asks for, if one was pressed.

    `let_stand` holds the words to keep, `change` kind and words ("name:Anna"); `replacement` stands for a name.
    """
    if sent.get("let_stand"):
        return let_stand(text, sent["let_stand"])
    kind, _colon, found = sent.get("change", "").partition(":")
    return change(text, found, replacement if kind == "name" else "")
