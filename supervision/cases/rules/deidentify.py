"""De-identification while writing: personal numbers are refused, other traces of a person are marked.

Refused: Swedish personnummer and samordningsnummer, Danish CPR numbers, with and without separators. Marked, and the
writer may let them stand: phone numbers, e-mail, addresses and words that look like names (PRODUCT: cases).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from personnummer import personnummer
from stdnum.dk import cpr
from stdnum.exceptions import ValidationError

from supervision.kernel.errors import RuleBroken

NumberKind = Literal["se", "dk"]
MarkKind = Literal["phone", "email", "address", "name"]


@dataclass(frozen=True, slots=True)
class Span:
    """Where a personal number stands in a text (`text[start:end]`), and of which country."""

    kind: NumberKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that may point at a person: its kind, where it stands, and the words themselves."""

    kind: MarkKind
    start: int
    end: int
    text: str


# Between the parts of a number people write blanks, dots, dashes, slashes, or characters nobody sees.
_GAP = r"[\s.,:/_+·\-\u2010-\u2015\u2212\u200b-\u200d\u2060\ufeff\u00ad]"
_PARTS = rf"\d\d{_GAP}{{0,3}}\d\d{_GAP}{{0,3}}\d\d{_GAP}{{0,3}}\d{{4}}"
_FORMS = (
    _PARTS,
    rf"\d\d{_GAP}{{0,3}}{_PARTS}",
    *(rf"\d\d(?P<gap>{_GAP})\d\d(?:(?P=gap)\d\d){{{pairs}}}" for pairs in (3, 4)),
    *(rf"\d(?:{_GAP}{{1,3}}\d){{{more}}}" for more in (9, 11)),
)
# A lookahead, so that a number is found also when other digits stand before it. A country code is no date, and
# the second date of "2026-11-24 - 2026-12-01" no serial.
_NUMBERS = tuple(
    re.compile(rf"(?<!\d)(?!(?<=\+)4[5-7])(?=(?P<number>{form})(?!\d)(?!(?<=20\d\d)-\d\d-\d\d(?!\d)))")
    for form in _FORMS
)


def refused_numbers(text: str) -> tuple[Span, ...]:
    """Return the personal numbers in a text, in order.

    A Swedish number counts when its date (day + 60 for a samordningsnummer) and check digit are right. A Danish one
    counts when its date is right: numbers given since 2007 have no check digit. Both may have the century written.
    """
    found = {}
    for form in _NUMBERS:
        for match in form.finditer(text):
            start, end = match.span("number")
            kind = _kind("".join(str(int(sign)) for sign in match["number"] if sign.isdecimal()))
            if kind is not None:
                found[start, end] = Span(kind, start, end)
    return tuple(_apart([found[key] for key in sorted(found, key=lambda key: (key[0], -key[1]))]))


def _kind(digits: str) -> NumberKind | None:
    if _is_swedish(digits):
        return "se"
    return "dk" if _is_danish(digits) else None


def _is_swedish(digits: str) -> bool:
    if len(digits) == 12:
        return digits[:2] in {"18", "19", "20"} and bool(personnummer.valid(digits))
    # With the century written the library needs no present year, which a rule does not know.
    return len(digits) == 10 and any(personnummer.valid(century + digits) for century in ("18", "19", "20"))


def _is_danish(digits: str) -> bool:
    if len(digits) == 12:
        if digits[4:6] not in {"18", "19", "20"}:
            return False
        try:
            date(int(digits[4:8]), int(digits[2:4]), int(digits[:2]))
        except ValueError:
            return False
        return True
    try:
        cpr.get_birth_date(digits)
    except ValidationError:
        return False
    return len(digits) == 10


def _apart(spans: list[Span]) -> Iterator[Span]:
    """Yield the spans that do not lie inside one before them."""
    end = -1
    for span in spans:
        if span.start >= end:
            yield span
            end = span.end


def check_text(**fields: str | None) -> None:
    """Refuse a text with a personal number in it, naming its field. Code: `looks_like_personal_number`."""
    for field, text in fields.items():
        if text and refused_numbers(text):
            raise RuleBroken("looks_like_personal_number", field=field)


MOST_READ = 5_000
# Every repetition is bounded, so that a hostile text costs no more than its length.
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%-]{1,64}\s?(?:@|\(at\)|\[at\])\s?[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}", re.IGNORECASE
)
_PHONE = re.compile(
    r"(?<![\w.])(?:(?:\+|00)\d{1,3}[\s./()-]{0,3}(?:\(0\)\s?)?\d(?:[\s./-]{0,3}\d){5,10}"  # with a country code
    r"|\(?0\d{1,3}\)?\s?[-/\s]?\s?\d{2,3}(?:[\s-]?\d{2,3}){1,3}"  # Swedish, from the trunk zero
    r"|[2-9]\d(?:[ .]?\d\d){3})(?![\w])(?!\.\d)"  # Danish, eight digits
)
_STREET = (
    r"gatan?|gata|vägen|gränden?|torget?|stigen?|allén?|backen|liden|platsen|esplanaden|kajen|leden|"
    r"vej|vejen|gaden?|stræde|strædet|plads|pladsen|torvet?|vænget?|boulevarden?|bakken|toften|krogen|engen"
)
_ADDRESS = re.compile(
    rf"(?:\b[A-ZÅÄÖÆØÉ][\w’'-]{{0,40}}\s{{1,3}})?(?:\b\w{{2,40}}(?:{_STREET})|\b[A-ZÅÄÖÆØÉ][\w’'-]{{1,40}}\s{{1,3}}(?i:{_STREET}|väg|alle))"
    r"\s+\d{1,4}(?:\s?[A-Za-hj-z]\b|i\b)?(?:,?\s*(?:\d{1,2}\.?\s?(?:tr|sal|th|tv|mf)\b\.?|lgh\s?\d{4}|st\b\.?))*"
)
_POSTCODE = re.compile(
    r"\b(?:SE-?\s?)?\d{3}\s\d{2}\s+[A-ZÅÄÖ][a-zåäöé]+|\b(?:DK-?\s?)?\d{4}\s+[A-ZÆØÅ][a-zæøåé]+(?:\s[A-ZÆØÅ])?\b"
)
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_ENDS_SENTENCE = re.compile(r"(?:^|[.!?…:;\n\r•*])[\s\"'”’»«„“(\[–—-]*$")

# Capital letters that name nobody: languages, countries, days, feasts, and words written so in Danish or English.
_NO_NAME_WORDS = """
    i you de dem deres jag jeg gud god sverige danmark sweden denmark norge norway norden europa europe eu svenska
    dansk svensk english swedish danish rundan handledningen
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag
    januari februari mars maj juni juli augusti oktober januar februar marts
    jul påsk midsommar pingst advent påske pinse christmas easter jul nyår nytår
    lss sol hsl ivo kasam bpa sosu teams zoom sms tv
"""
_NO_NAMES = frozenset(_NO_NAME_WORDS.split())
_ACRONYM_MOST = 5


def marks(text: str) -> tuple[Mark, ...]:
    """Return what may point at a person, in order and without overlaps; a warning, never a refusal.

    A name-like word begins with a capital inside a sentence and is no weekday, month, country or abbreviation;
    words side by side are one name. A word found so is marked at the beginning of sentences as well. What stands
    beyond 5,000 characters is not read: no answer may be so long.
    """
    text = text[:MOST_READ]
    found: list[Mark] = []
    kinds: tuple[tuple[MarkKind, re.Pattern[str]], ...] = (
        ("email", _EMAIL),
        ("address", _ADDRESS),
        ("address", _POSTCODE),
        ("phone", _PHONE),
    )
    for kind, form in kinds:
        for match in form.finditer(text):
            if _is_free(found, match.start(), match.end()) and not _is_date(kind, match[0]):
                found.append(Mark(kind, match.start(), match.end(), match[0]))
    for start, end in _names(text):
        if _is_free(found, start, end):
            found.append(Mark("name", start, end, text[start:end]))
    return tuple(sorted(found, key=lambda mark: mark.start))


def _is_free(found: list[Mark], start: int, end: int) -> bool:
    return all(end <= mark.start or mark.end <= start for mark in found)


def _is_date(kind: MarkKind, words: str) -> bool:
    """Return whether eight digits are a day such as 20261124 or 24112026 rather than a phone."""
    digits = "".join(sign for sign in words if sign.isdecimal())
    if kind != "phone" or len(digits) != 8 or words.startswith(("0", "+", "(")):
        return False
    for year, month, day in ((digits[:4], digits[4:6], digits[6:]), (digits[4:], digits[2:4], digits[:2])):
        if year[:2] in {"19", "20"} and 1 <= int(month) <= 12 and 1 <= int(day) <= 31:
            return True
    return False


def _names(text: str) -> list[tuple[int, int]]:
    """Return where name-like words stand, those side by side joined."""
    words = [match for match in _WORD.finditer(text) if _looks_like_name(match[0])]
    inside = {match[0] for match in words if not _ENDS_SENTENCE.search(text[max(0, match.start() - 8) : match.start()])}
    joined: list[tuple[int, int]] = []
    for match in words:
        if match[0] not in inside and match[0].removesuffix("s") not in inside:
            continue
        if joined and text[joined[-1][1] : match.start()] == " ":
            joined[-1] = (joined[-1][0], match.end())
        else:
            joined.append(match.span())
    return joined


def _looks_like_name(word: str) -> bool:
    if not word[0].isupper() or word.casefold() in _NO_NAMES or len(word) < 2:
        return False
    return not (word.isupper() and len(word) <= _ACRONYM_MOST)
