"""How a group's day and time are written."""

from datetime import timedelta

from flask_babel import format_date

from supervision.groups.models import Group
from supervision.groups.rules import A_MONDAY
from supervision.web.dates import language


def rhythm(group: Group) -> str:
    """Return the weekday and local time of a group's meetings: "tisdag 14.00"."""
    at = group.at_local.strftime("%H:%M" if language() == "en" else "%H.%M")
    return f"{format_date(group.first_on, 'EEEE')} {at}"


def weekdays() -> list[tuple[str, str]]:
    """Return the days from Monday, each in full and in few letters: ("tisdag", "tis")."""
    days = [A_MONDAY + timedelta(days=number) for number in range(7)]
    return [(str(format_date(one, "EEEE")), str(format_date(one, "EEE")).rstrip(".")) for one in days]
