"""The seal of texts at rest that belongs to this installation, for pages and jobs."""

from typing import cast

from flask import current_app

from supervision.store.sealed import TextSeal


def text_seal() -> TextSeal:
    """Return what seals and opens private texts; made once when the app starts."""
    return cast("TextSeal", current_app.extensions["text_seal"])
