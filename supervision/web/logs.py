"""What stands in the log of an installation with people's data: where a fault was, never what it was about."""

import logging
import traceback
from types import TracebackType

from flask import Flask

FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"
Raised = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


def where(error: BaseException) -> str:
    """Return a fault and what it came from as kinds and places; its words, which may hold names, are left out.

    PostgreSQL tells the row that broke a rule, a mail server the address it refused, and both in the fault's own words.
    """
    told: list[str] = []
    found: BaseException | None = error
    seen: set[int] = set()
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        state = getattr(getattr(found, "orig", found), "sqlstate", None)
        told.append(f"{type(found).__module__}.{type(found).__qualname__}" + (f" (SQLSTATE {state})" if state else ""))
        told += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(found.__traceback__)
        ]
        found = found.__cause__ or (None if found.__suppress_context__ else found.__context__)
    return "\n".join(told)


class Places(logging.Formatter):
    """A log line; of a fault its kind and its places."""

    def formatException(self, ei: Raised) -> str:  # noqa: N802 - logging's name
        """Return kinds and places."""
        return where(ei[1]) if ei[1] else ""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line; what another formatter has left of the fault's words is not used."""
        record.exc_text = None
        return super().format(record)


def install(app: Flask) -> None:
    """In production let every line of ours and of the libraries go through one handler that keeps words back."""
    if not app.config["SETTINGS"].is_production:
        return
    root = logging.getLogger()
    if not any(isinstance(handler.formatter, Places) for handler in root.handlers):
        handler = logging.StreamHandler()
        handler.setFormatter(Places(FORM))
        root.addHandler(handler)
