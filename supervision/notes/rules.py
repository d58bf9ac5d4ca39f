"""What a private note is, how long it may be, and until when it is kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from supervision.cases.rules.text import Answers, check
from supervision.kernel.errors import RuleBroken

TEXT_MOST = 4000  # our choice: about a page and a half, within what is searched for names; characters
EXCERPT_MOST = 240  # our choice: four lines of a phone in the list; characters
KEEP_DAYS = 365  # PRIVACY: data at rest, private notes 12 months after the group's end


@dataclass(frozen=True)
class NoteText(Answers):
    """What a supervisor writes down for themselves."""

    MOST: ClassVar[Mapping[str, int]] = {"text": TEXT_MOST}
    text: str = ""


def check_note(text: NoteText) -> None:
    """Refuse what may not be saved. Codes: `text_too_long`, `looks_like_personal_number`, `note_empty`."""
    check(text)
    if not text.text.strip():
        raise RuleBroken("note_empty", field="text")


def gone_at(ended_at: datetime | None) -> datetime | None:
    """Return the instant at which the notes about a group go; None while the group has not ended."""
    return ended_at + timedelta(days=KEEP_DAYS) if ended_at else None


def check_kept(ended_at: datetime | None, now: datetime) -> None:
    """Refuse a new note about a group whose notes are past their time. Code: `note_too_late`."""
    until = gone_at(ended_at)
    if until is not None and until <= now:
        raise RuleBroken("note_too_late")


def excerpt(text: str) -> str:
    """Return the beginning of a note for the list, cut between two words where there is a blank."""
    if len(text) <= EXCERPT_MOST:
        return text
    cut = text[: EXCERPT_MOST - 1]
    words, _blank, rest = cut.rpartition(" ")
    return f"{(words if words.strip() and len(rest) < EXCERPT_MOST // 2 else cut).rstrip()}…"
