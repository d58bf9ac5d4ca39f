"""How a group's day and time are written."""

from collections.abc import Collection
from datetime import timedelta

from flask_babel import format_date
from flask_babel import gettext as _

from supervision.groups.models import Group
from supervision.groups.rules import A_MONDAY, SLOT_STARTS, SLOTS, WEEKS
from supervision.web.dates import language


def rhythm(group: Group) -> str:
    """Return the weekday and local time of a group's meetings: "tisdag 14.00"."""
    at = group.at_local.strftime("%H:%M" if language() == "en" else "%H.%M")
    return f"{format_date(group.anchor_on or group.first_on, 'EEEE')} {at}"


def weekdays() -> list[tuple[str, str]]:
    """Return the days from Monday, each in full and in few letters: ("tisdag", "tis")."""
    days = [A_MONDAY + timedelta(days=number) for number in range(7)]
    return [(str(format_date(one, "EEEE")), str(format_date(one, "EEE")).rstrip(".")) for one in days]


def needs_lines() -> dict[str, str]:
    """Return a line under each need that says what is meant."""
    return {
        "hearing": str(_("or a place near the one who speaks")),
        "interpreter": str(_("also sign language")),
        "step_free": str(_("all the way in")),
        "remote": str(_("by a link")),
    }


def slot_word(slot: str) -> str:
    """Return a slot in words: "A2-13" is "tisdag vecka A, 13–16"."""
    day, first = weekdays()[int(slot[1]) - 1][0], int(slot[3:])
    return str(
        _("%(day)s week %(letter)s, %(first)s–%(last)s", day=day, letter=slot[0], first=first, last=SLOT_STARTS[first])
    )


def slot_words(slots: Collection[str]) -> str:
    """Return the slots of a fortnight as few words as a list has room for, by day: "Vecka A: tis 13–16; tors 8–10"."""
    days = weekdays()
    weeks = []
    for week in WEEKS:
        by_day: dict[int, list[str]] = {}
        for slot in SLOTS:
            if slot in slots and slot[0] == week:
                first = int(slot[3:])
                by_day.setdefault(int(slot[1]), []).append(f"{first}–{SLOT_STARTS[first]}")
        if by_day:
            told = "; ".join(f"{days[day - 1][1]} {', '.join(hours)}" for day, hours in by_day.items())
            weeks.append(f"{_('Week %(letter)s', letter=week)}: {told}")
    return " · ".join(weeks)
