"""How times of a fortnight, reasons and helps are said."""

from collections.abc import Callable

from flask_babel import gettext as _
from flask_babel import ngettext

from supervision.formation.models import FormationSeat
from supervision.groups.words import slot_word, weekdays
from supervision.web.dates import language


def meets(slot: str, *, is_weekly: bool) -> str:
    """Return when a group meets: "tisdag vecka A, 13.00", or "tisdag varje vecka, 13.00"."""
    day, at = weekdays()[int(slot[1]) - 1][0], f"{int(slot[3:]):02d}{':' if language() == 'en' else '.'}00"
    if is_weekly:
        return str(_("%(day)s every week, %(time)s", day=day, time=at))
    return str(_("%(day)s week %(letter)s, %(time)s", day=day, letter=slot[0], time=at))


def stage_word(stage: str) -> str:
    """Return what a run is doing."""
    words = {
        "exact": _("Tries every way."),
        "search": _("Looks for groups."),
        "bound": _("Looks whether more is possible."),
        "wishes": _("Meets wishes."),
    }
    return str(words.get(stage, _("Waits for its turn.")))


def reason(seat: FormationSeat) -> str:
    """Return why someone has no group; never who they are kept apart from."""
    if seat.reason == "too_few_at_your_times":
        return _too_few(seat.others)
    words = {
        "no_times": _("No time or place is left: none is told, none fits their needs, or the offer then was declined."),
        "no_supervisor_at_your_times": _("No supervisor is free at any of their times."),
        "only_inhouse": _("Only supervisors of their own employer are free at their times."),
        "no_room": _("There is no room at their times."),
        "kept_apart": _("A wish keeps them apart from others who can come at their times."),
        "all_groups_taken": _("Those who could lead have a group at each of their times, or lead as many as they can."),
        "others_would_lose_theirs": _("A seat for them would cost someone else theirs."),
        "by_hand": _("Taken out by hand."),
    }
    return str(words.get(seat.reason, ""))


def moved_why(code: str) -> str:
    """Return why someone has another group than in the proposal before."""
    words = {
        "cannot_come": _("cannot come to their earlier group any more"),
        "group_closed": _("their earlier group could not go on"),
        "made_room": _("so that someone else gets a seat"),
        "by_hand": _("moved by hand"),
    }
    return str(words.get(code, ""))


def _too_few(others: int) -> str:
    if not others:
        return str(_("Nobody else can come at their times."))
    return str(
        ngettext("One other can come at their times.", "At most %(num)s others can come at their times.", others)
    )


def would_help(seat: FormationSeat) -> str:
    """Return the smallest change that would give someone a seat."""
    if not seat.help_kind:
        return ""
    slot = slot_word(seat.help_slot) if seat.help_slot else ""
    words: dict[str, Callable[[], str]] = {
        "time": lambda: _("One more time would do: %(slot)s.", slot=slot),
        "place": lambda: _("Another place would do: %(place)s, %(slot)s.", place=seat.help_place, slot=slot),
        "language": lambda: _("Another language would do: %(slot)s.", slot=slot),
        "person": lambda: _("One more person who can come then would do: %(slot)s.", slot=slot),
        "supervisor": lambda: _("One more supervisor who is free then would do: %(slot)s.", slot=slot),
        "apart": lambda: _("Without the wish there would be a seat: %(slot)s.", slot=slot),
    }
    say = words.get(seat.help_kind)
    return str(say()) if say is not None else ""
