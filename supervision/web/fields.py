"""Choices of a field, where alone it is known that the library's published types lag behind it; bounds of dates."""

from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import validators
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import ValidationError

__all__ = ["NumberRange", "SelectChoice", "maybe_one", "near_date"]
maybe_one = validators.Optional(strip_whitespace=False)  # none of the choices, or one; blanks are no choice
NEAR = range(2000, 2100)  # our choice: years in which clocks, zones and series can be reckoned with room to spare


def near_date(_form: object, field: Any) -> None:  # noqa: ANN401 - the library's fields are not generic
    """Refuse a date that was mistyped, such as the year 0001 or 9999."""
    if isinstance(field.data, date) and field.data.year not in NEAR:
        raise ValidationError(str(_l("The year does not look right.")))


class NumberRange(validators.NumberRange):
    """The library's range, which breaks on a number of hundreds of digits; such a one is simply out of range."""

    def __call__(self, form: Any, field: Any) -> None:  # noqa: ANN401 - as above
        """Refuse a number outside the range."""
        if isinstance(field.data, int):
            field.data = max(min(field.data, 2**53), -(2**53))
        super().__call__(form, field)
