"""Rules of an assignment (PRODUCT: assignment)."""

from datetime import date, timedelta

from supervision.kernel.errors import RuleBroken

SHORTEST_PERIOD = timedelta(days=364)


def check_period(starts_on: date, ends_on: date) -> None:
    """The last day comes after the first; raises `ends_before_start`."""
    if ends_on <= starts_on:
        raise RuleBroken("ends_before_start", "ends_on")


def check_prolonged(ends_on: date, new_ends_on: date) -> None:
    """An assignment is prolonged, never shortened: dates may stand on its last days; raises `not_prolonged`."""
    if new_ends_on <= ends_on:
        raise RuleBroken("not_prolonged", "ends_on")


def is_short(starts_on: date, ends_on: date) -> bool:
    """Whether a period is under a year: it is allowed, with the words "handledningen bör pågå under minst ett år"."""
    return ends_on - starts_on < SHORTEST_PERIOD


def check_seats(seats_min: int, seats_max: int) -> None:
    """A group has 4 to 8 seats; raises `seats_out_of_range`."""
    if not 4 <= seats_min <= seats_max <= 8:
        raise RuleBroken("seats_out_of_range", "seats_max")
