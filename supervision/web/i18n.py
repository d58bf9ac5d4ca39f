"""Languages: which one a reader gets, and the catalogs, read as text when the app starts (docs/decisions.md 6)."""

from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale

from supervision.web.edge import edge
from supervision.web.guard import current_actor

LANGUAGES = {"sv": "Svenska", "da": "Dansk", "en": "English"}
FOLDER = Path(__file__).parent.parent / "translations"


@cache
def catalog(language: str) -> NullTranslations:
    """Return all features' texts in one language as one catalog; English is what stands in the code."""
    merged: Translations | None = None
    for po in sorted((FOLDER / language / "LC_MESSAGES").glob("*.po")):
        compiled = BytesIO()
        with po.open("rb") as file:
            write_mo(compiled, read_po(file, locale=language))
        compiled.seek(0)
        read = Translations(compiled, domain=po.stem)
        if merged is None:
            merged = read
        else:
            merged.merge(read)
    return merged or NullTranslations()


class Catalogs(Domain):
    """flask-babel's domain, reading our catalogs."""

    def get_translations(self) -> Any:  # noqa: ANN401 - flask-babel has no types
        """Return the catalog of the page's language."""
        locale = get_locale()
        return catalog(locale.language) if locale else NullTranslations()


def choose_language() -> str:
    """Return the reader's language: their own choice, else the browser's, else Swedish."""
    if not has_request_context():
        return "sv"
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        session["language"] = asked
    chosen = session.get("language")
    if chosen in LANGUAGES:
        return str(chosen)
    actor = current_actor() if edge() else None
    if actor and actor.language in LANGUAGES:
        return str(actor.language)
    return request.accept_languages.best_match(list(LANGUAGES)) or "sv"


def install(app: Flask) -> None:
    """Attach flask-babel with our catalogs to the app."""
    babel = Babel()
    locales = {language: Locale.parse(language) for language in LANGUAGES}  # else each page reads its language's name
    babel.init_app(app, locale_selector=lambda: locales[choose_language()])
    babel.domain_instance = Catalogs()
