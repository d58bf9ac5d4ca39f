"""Dates, times and lengths as people of each language write them."""

from datetime import date, datetime
from decimal import Decimal

from flask_babel import format_date, format_decimal, get_locale

from supervision.kernel.walltime import local_day, to_wall


def language() -> str:
    """Return the two letters of the page's language."""
    found = get_locale()
    return found.language if found else "sv"


def clock(instant: datetime, zone: str) -> str:
    """Return the wall time of an instant: 14.00 in Swedish and Danish, 14:00 in English."""
    return wall_clock(to_wall(instant, zone))


def wall_clock(wall: datetime) -> str:
    """Return the time of a wall time as `clock` does."""
    return wall.strftime("%H:%M" if language() == "en" else "%H.%M")


def day(on: date) -> str:
    """Return a day in words: "tisdag 24 november"."""
    pattern = {"sv": "EEEE d MMMM", "da": "EEEE 'den' d. MMMM", "en": "EEEE d MMMM"}[language()]
    return str(format_date(on, pattern))


def day_of(instant: datetime, zone: str) -> str:
    """Return the day of an instant in a zone, in words."""
    return day(local_day(instant, zone))


def short_day(on: date) -> str:
    """Return a day in few letters: "tis 24 nov"."""
    return str(format_date(on, {"sv": "EEE d MMM", "da": "EEE d. MMM", "en": "EEE d MMM"}[language()]))


def long_date(on: date) -> str:
    """Return a date with its year: "24 november 2026"."""
    return str(format_date(on, {"sv": "d MMMM y", "da": "d. MMMM y", "en": "d MMMM y"}[language()]))


def date_of(instant: datetime, zone: str) -> str:
    """Return the date of an instant in a zone with its year, for what may lie years back."""
    return long_date(local_day(instant, zone))


def length(seconds: float) -> str:
    """Return a length as minutes and seconds: 311 -> "5:11"."""
    whole = int(seconds)
    return f"{'-' if whole < 0 else ''}{abs(whole) // 60}:{abs(whole) % 60:02d}"


def number(value: float) -> str:
    """Return a number with two decimals as the language writes it: 0,97."""
    return str(format_decimal(Decimal(str(round(value, 2))), "0.00"))


def amount(value: float | Decimal) -> str:
    """Return a sum or a count with two decimals and grouped thousands, as the language writes it: 1 450,00."""
    return str(format_decimal(value, "#,##0.00"))


def month_name(on: date) -> str:
    """Return the month of a day with its year: "november 2026"."""
    return str(format_date(on, "LLLL y"))


def sentence_case(text: str) -> str:
    """Return the text with its first letter as a capital, the rest as it is."""
    return text[:1].upper() + text[1:]


FILTERS = {
    "clock": clock,
    "day": day,
    "day_of": day_of,
    "date_of": date_of,
    "short_day": short_day,
    "long_date": long_date,
    "length_of_time": length,
    "two_decimals": number,
    "amount": amount,
    "month_name": month_name,
    "sentence_case": sentence_case,
}
