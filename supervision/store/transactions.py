"""Whether a transaction will write, said before its first statement (docs/decisions.md 4)."""

from contextvars import ContextVar

writing: ContextVar[bool] = ContextVar("writing", default=False)
"""Whether the transaction about to begin will write."""
