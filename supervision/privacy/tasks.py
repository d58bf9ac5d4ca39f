"""The daily purge."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.privacy import services


def purge(transaction: Callable[[], AbstractContextManager[Session]], *, now: datetime) -> None:
    """Delete what has been kept long enough."""
    with transaction() as session:
        services.purge(session, now=now)
