"""What has changed between two versions of an agreement: paragraph by paragraph, then word by word. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed"]
Pieces = tuple["Piece", ...]
ALIKE = 0.5  # our choice: paragraphs less alike than this are read more easily as one removed and one added


@dataclass(frozen=True, slots=True)
class Piece:
    """Some words that stand in both versions, only in the new one, or only in the old one."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that has changed; its pieces, in reading order, hold the old text and the new."""

    pieces: Pieces


def changes(old: str, new: str) -> tuple[Paragraph, ...]:
    """Return the paragraphs that differ between two texts, in reading order; nothing for equal texts.

    Paragraphs are divided by an empty line, as `agreement_text.blocks` reads them.
    """
    return tuple(Paragraph(words(before, after)) for before, after in aligned(old, new) if before != after)


def aligned(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Yield each paragraph as (old, new), empty where one version has none."""
    before, after = _paragraphs(old), _paragraphs(new)
    for tag, from_a, to_a, from_b, to_b in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            yield from zip(before[from_a:to_a], after[from_b:to_b], strict=True)
        else:
            yield from _paired(before[from_a:to_a], after[from_b:to_b])


def words(before: str, after: str) -> Pieces:
    """Return one paragraph's old and new words as pieces; a change goes on over a mere blank between two changes."""
    old, new = re.findall(r"\s+|[^\s]+", before), re.findall(r"\s+|[^\s]+", after)
    found: list[Piece] = []
    gone = come = ""
    for tag, from_a, to_a, from_b, to_b in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        was, now = "".join(old[from_a:to_a]), "".join(new[from_b:to_b])
        is_in_change = bool(gone or come) and was.isspace() and to_a < len(old) and to_b < len(new)
        if tag != "equal" or is_in_change:
            gone, come = gone + was, come + now
        else:
            found += [*_change(gone, come), Piece("same", was)]
            gone = come = ""
    return (*found, *_change(gone, come))


def _change(gone: str, come: str) -> Iterator[Piece]:
    if gone:
        yield Piece("removed", gone)
    if come:
        yield Piece("added", come)


def _paired(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Pair the paragraphs of a stretch that differs: each new one with the next old one that is like it."""
    rest = list(before)
    for text in after:
        index = next((n for n, old in enumerate(rest) if _are_alike(old, text)), None)
        if index is None:
            yield "", text
            continue
        yield from ((old, "") for old in rest[:index])
        yield rest[index], text
        rest = rest[index + 1 :]
    yield from ((old, "") for old in rest)


def _are_alike(old: str, new: str) -> bool:
    has_heading = "\n" in old and "\n" in new
    if has_heading and old.partition("\n")[0] == new.partition("\n")[0]:
        return True
    return SequenceMatcher(None, old.split(), new.split(), autojunk=False).ratio() >= ALIKE


def _paragraphs(text: str) -> list[str]:
    return [part.strip() for part in text.split("\n\n") if part.strip()]
