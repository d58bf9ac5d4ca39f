"""Words in a statement that could point at single people: a warning for whoever adds or rewords one, never a refusal.

A statement only a few can agree to tells who has answered, whatever the bands hide ("Ni som arbetar natt …").
"""

import re
from collections.abc import Collection
from typing import Literal

from supervision.cases.rules.deidentify import marks

Reason = Literal["name", "number", "some", "person", "role", "age", "sex", "place", "shift", "background"]

_WORDS: dict[Reason, tuple[str, ...]] = {
    "some": (
        r"(ni|du|vi|de|den|dem|alla|dig|jer|I) (som|der)",
        r"(those|all|the ones) (of (you|us) )?who|(you|we) who|some of|one of us",
        r"vissa av|några av|en av oss|nogle af|en af os",
    ),
    "person": (r"hon|han|hen|hun|hans|hennes|hendes|she|he|his|him",),
    "role": (
        r"\w*chef(en|er|s)?|\w*samordnar\w*|\w*planerar\w*|vikari(e|en|er|at|ater)|\w*sjukskötersk\w*|ombud\w*|elev(en|er)?",
        r"\w*koordinator\w*|planlægger\w*|\w*sygeplejersk\w*|tillidsrepræsentant\w*|\w+sleder(en)?|lederen|lederne",
        r"coordinators?|substitutes?|nurses?|team ?leaders?|managers?|trainees?|student(en|er|s)?",
    ),
    "age": (
        r"ålder\w*|gamm(al|la)|äldre|yngre|unga|pension\w*",
        r"alder(en)?|gamle?|ældre|unge",
        r"age|old|older|young|younger",
    ),
    "sex": (
        r"en man|män(nen)?|kvinn(a|an|or|orna)|kön(et)?",
        r"en mand|mænd(ene)?|kvinder?(ne)?|køn(net)?",
        r"a man|women|woman|gender|sex",
    ),
    "place": (r"enhet(en|er|ens)?|avdelning\w*|våning\w*|afdeling\w*|units?|wards?|departments?",),
    "shift": (
        r"natt\w*|kvällspass\w*|helgpass\w*|deltid\w*",
        r"nat|natten|nattevagt\w*|aftenvagt\w*|weekendvagt\w*",
        r"nights?|night shifts?|part.time",
    ),
    "background": (
        r"nyanställ\w*|anställd i|modersmål\w*|född i|sjukskriv\w*|gravid\w*|fack(et|lig\w*)|religion\w*",
        r"nyansat\w*|ansat i|modersmål\w*|født i|sygemeld\w*|fagforening\w*",
        r"newly|employed (for|since)|mother tongue|born in|sick leave|pregnant|union",
    ),
}
_PATTERNS = tuple(
    (reason, re.compile(rf"(?<!\w)(?:{'|'.join(words)})(?!\w)", re.IGNORECASE)) for reason, words in _WORDS.items()
)
_NUMBER = re.compile(r"\d+")
_NAME = re.compile(r"(?<!\w)[A-ZÅÄÖÆØÉ][\w’'-]+")


def pointing(text: str, known: Collection[str] = ()) -> tuple[tuple[Reason, str], ...]:
    """Return what in a statement could point at single people: a reason and the words, in the order they stand.

    Swedish, Danish and English words; names, phones and addresses as in cases, and each part of a `known` name wherever
    it stands, also as the first word. It errs on the side of asking.
    """
    found: list[tuple[int, Reason, str]] = [(one.start, "name", one.text) for one in marks(text)]
    parts = {part.casefold() + end for name in known for part in name.split() for end in ("", "s", "'s", "’s")}
    found += [(word.start(), "name", word[0]) for word in _NAME.finditer(text) if word[0].casefold() in parts]
    found += [(match.start(), "number", match[0]) for match in _NUMBER.finditer(text)]
    for reason, pattern in _PATTERNS:
        found += [(match.start(), reason, match[0]) for match in pattern.finditer(text)]
    return tuple((reason, words) for _start, reason, words in sorted(found))
