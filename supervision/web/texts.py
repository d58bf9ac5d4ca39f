"""The seal of texts at rest that belongs to this installation, for pages and jobs."""

from flask import request
from flask_babel import gettext as _

from supervision.store.database import session
from supervision.store.forgetting import seal_of
from supervision.store.sealed import TextSeal


def text_seal(*, to_change: bool = False) -> TextSeal:
    """Return what seals and opens private texts in this request; a deleted text's key goes by itself.

    A page that only shows things says in place of a text whose key is gone that it can't be read; see `TextSeal.read`.
    A form that is `to_change` a text does not open without it: nobody types what cannot be saved.
    """
    seal = seal_of(session())
    if request and request.method in {"GET", "HEAD"} and not to_change:
        seal.said_instead = _lost
    return seal


def _lost() -> str:
    return str(_("This text can't be read any more"))
