"""Every text of the interface stands in Swedish and Danish, with the same placeholders."""

import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "supervision" / "translations"
KEYWORDS = {"_": None, "_l": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sdg]")


@cache
def texts() -> dict[str, str]:
    """Every text in the code and the templates, and where it stands."""
    found: dict[str, str] = {}
    for folder, methods in (("supervision", [("**.py", "python")]), ("templates", [("**.html", "jinja2")])):
        options = {"**.html": {"trimmed": "true", "silent": "false"}}
        for name, line, message, _comments, _context in extract_from_dir(
            ROOT / folder,
            method_map=methods,
            options_map=options,
            keywords=KEYWORDS,
            directory_filter=lambda _folder: True,
        ):
            for text in message if isinstance(message, tuple) else (message,):
                found.setdefault(text, f"{folder}/{name}:{line}")
    return found


@cache
def translated(language: str) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for po in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        with po.open("rb") as file:
            for message in read_po(file, locale=language, abort_invalid=True):
                if not message.id or message.fuzzy:
                    continue
                ids = message.id if isinstance(message.id, (tuple, list)) else (message.id,)
                words = message.string if isinstance(message.string, (tuple, list)) else (message.string,)
                for one in ids:
                    assert found.get(one, tuple(words)) == tuple(words), f"{po.name} says {one!r} in another way"
                    found[one] = tuple(words)
    return found


@pytest.mark.parametrize("language", ["sv", "da"])
def test_no_text_is_missing(language: str) -> None:
    missing = [f"{where}: {text}" for text, where in texts().items() if not all(translated(language).get(text, ("",)))]
    assert not missing, "\n".join(sorted(missing))


@pytest.mark.parametrize("language", ["sv", "da"])
def test_placeholders_are_the_same(language: str) -> None:
    for text, words in translated(language).items():
        for word in words:
            assert set(PLACEHOLDER.findall(word)) <= set(PLACEHOLDER.findall(text)) | {"num"}, (text, word)


@pytest.mark.parametrize("language", ["sv", "da"])
def test_no_text_is_left_over(language: str) -> None:
    assert not sorted(set(translated(language)) - set(texts()))
