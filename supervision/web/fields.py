"""Choices of a field, from the one place that knows that the library's published types lag behind it."""

from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

__all__ = ["SelectChoice"]
