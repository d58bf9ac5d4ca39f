"""The seal of texts at rest that belongs to this installation, for pages and jobs."""

from supervision.store.database import session
from supervision.store.forgetting import seal_of
from supervision.store.sealed import TextSeal


def text_seal() -> TextSeal:
    """Return what seals and opens private texts in this request; a deleted text's key goes by itself."""
    return seal_of(session())
