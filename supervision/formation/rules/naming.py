"""Whom a wish to be apart names: read from free text, compared with the names of those who wait.

`read_names` looks at the text alone, so that its writer can be told what was understood and learns nothing about who
has signed up.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

MOST_WORDS = 4  # our choice: a name has no more words; a longer row of small words is a sentence
ADDRESS = re.compile(r"[^\s@,;<>()]+@[^\s@,;<>()]+\.[^\s@,;<>().]+")
BREAKS = re.compile(r"[,;/\n()!?:\"&+]|\s[-–—]\s")
# Small words around a name, in Swedish, Danish and English; they end a name and are none.
_SMALL = """
jag vill inte sitta med helst ej aldrig ihop samma grupp som och eller min mitt mina chef kollega kollegan från på tack
ingen någon nej hos vid är har den det en ett för att av du vi han hon gärna snälla
jeg ikke sidde sammen samme gruppe og mit mine leder fra tak ingen nogen ved er et at af hun gerne
i do not don't dont want to sit share a group with and or my boss manager colleague from please nobody none no
the is has an of we he she her him preferably rather never same together
"""
SMALL = frozenset(_SMALL.split())


class Someone(Protocol):
    """Who may be named, or writes a wish."""

    @property
    def person_id(self) -> str:
        """Who."""

    @property
    def name(self) -> str:
        """Their name."""

    @property
    def email(self) -> str:
        """Their address."""

    @property
    def not_with(self) -> str:
        """Whom they do not want to sit with, as they wrote it."""


@dataclass(frozen=True, slots=True)
class Named:
    """A name as it stands in a wish: an address, a name of several words (initials too), or a single word."""

    text: str
    kind: Literal["address", "full", "single"]


def read_names(text: str) -> list[Named]:
    """Return the names a text holds, in its order, without asking whether anybody is called so."""
    found = [Named(one, "address") for one in ADDRESS.findall(text)]
    for piece in BREAKS.split(ADDRESS.sub(",", text)):
        found += [Named(" ".join(run), "full" if len(run) > 1 else "single") for run in _runs(piece.split())]
    return list(dict.fromkeys(found))


def pairs_apart(people: Sequence[Someone]) -> frozenset[tuple[str, str]]:
    """Return the pairs that a wish keeps apart, each pair in order of ids.

    An address names one person. A name names everyone it fits: all its words are theirs, or initials of theirs. A
    single word names somebody only if it fits one person besides the writer.
    """
    found = set()
    for one in people:
        if not one.not_with.strip():
            continue
        for other in _meant(one, [other for other in people if other.person_id != one.person_id]):
            first, second = sorted((one.person_id, other))
            found.add((first, second))
    return frozenset(found)


def _runs(words: Sequence[str]) -> list[list[str]]:
    """Return the rows of words that may be names: those with capitals if there are any, else what is no small word."""
    words = [word.strip(".'’") for word in words]
    rows: list[list[str]] = [[]]
    for word in words:
        if not word or (word.casefold() in SMALL and not (len(word) == 1 and word.isupper() and rows[-1])):
            rows.append([])
        else:
            rows[-1].append(word)
    if any(word[:1].isupper() for row in rows for word in row):
        split: list[list[str]] = []
        for row in rows:
            split.append([])
            for word in row:
                if word[:1].isupper():
                    split[-1].append(word)
                else:
                    split.append([])
        rows = split
    return [row for row in rows if row and len(row) <= MOST_WORDS]


def _meant(one: Someone, others: Sequence[Someone]) -> set[str]:
    found = _written_out(one.not_with, others)
    for named in read_names(one.not_with):
        if named.kind == "address":
            found |= {other.person_id for other in others if other.email.casefold() == named.text.casefold()}
            continue
        for plain in (False, True):
            words = _words(named.text, plain=plain)
            fitting = [other for other in others if _fits(words, _words(other.name, plain=plain))]
            if fitting:
                break
        if len(fitting) == 1 or len(words) > 1:
            found |= {other.person_id for other in fitting}
    return found


def _written_out(text: str, others: Sequence[Someone]) -> set[str]:
    """Return those whose whole name stands in a text, or whose first name only they have, in any sentence."""
    written = re.findall(r"[\w-]+|[^\w\s]", text)
    folded = [word.casefold() for word in written]
    firsts: dict[str, list[Someone]] = {}
    found = set()
    for other in others:
        parts = other.name.casefold().split()
        if not parts:
            continue
        firsts.setdefault(parts[0], []).append(other)
        if any(folded[at : at + len(parts)] == parts for at in range(len(folded))):
            found.add(other.person_id)
    for at, word in enumerate(folded):
        after = written[at + 1] if at + 1 < len(written) else ""
        if len(firsts.get(word, ())) == 1 and not after[:1].isupper():  # "Anna Berg" names another Anna than Anna Ek
            found.add(firsts[word][0].person_id)
    return found


def _words(text: str, *, plain: bool) -> list[str]:
    """Return a name's words in small letters, hyphens opened; `plain` without accents ("Åsa" is "asa")."""
    text = unicodedata.normalize("NFC", text).casefold()
    if plain:
        text = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
        text = text.replace("ø", "o").replace("æ", "ae")
    return text.replace("-", " ").replace(".", " ").split()


def _fits(words: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether each word is another part of a name, or its initial; initials alone fit nobody."""
    if all(len(word) == 1 for word in words):
        return False
    left = list(parts)
    for word in sorted(words, key=len, reverse=True):
        part = next((one for one in left if one == word or (len(word) == 1 and one[0] == word)), None)
        if part is None:
            return False
        left.remove(part)
    return True
