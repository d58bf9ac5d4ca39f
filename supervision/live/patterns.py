"""The sentences the live page needs to go on by itself: translated here, filled in by the page (`%(name)s`)."""

from typing import Any

from flask_babel import get_domain

from supervision.live.words import _, state_word
from supervision.web.dates import language
from supervision.web.messages import SENTENCES

STATES = ("has_floor", "asking", "answering", "resting", "next", "not_yet", "passed", "away")
REFUSALS = (
    *("already_has_floor", "already_passed", "already_spoken", "command_incomplete", "control_elsewhere"),
    *("last_phase", "more_than_phase", "nobody_has_floor", "not_their_phase", "nothing_to_undo"),
    *("participant_away", "participant_not_away", "pass_only_in_round", "phase_already_left", "phase_not_begun"),
    *("round_already_started", "round_ended", "round_not_paused", "round_not_started", "round_paused"),
    *("silent_phase", "start_incomplete", "unknown_case", "unknown_command", "unknown_participant"),
)


def patterns(format_name: str) -> dict[str, Any]:
    """Return every sentence of the page by its key; one that counts is a pair of singular and plural."""
    return {
        "language": language(),
        "format": format_name,
        "states": {state: state_word(state) for state in STATES},
        "refusals": {code: str(SENTENCES[code]) for code in REFUSALS},
        "undo": _undo(),
        "says": _hub() | _deck() | _around() | _plan() | _balance() | _reminders() | _connection(),
    }


def ngettext(one: str, many: str) -> list[str]:
    """Return both forms of a sentence that counts, unfilled: the page chooses. Named so that its texts are found."""
    found = get_domain().get_translations()
    return [found.ungettext(one, many, number) for number in (1, 2)]


def _undo() -> dict[str, str]:
    return {
        "": _("Nothing to undo"),
        "floor": _("The floor to %(name)s"),
        "release": _("The floor let go"),
        "next_phase": _("The step to this phase"),
        "interpose": _("The question by %(name)s"),
        "pass": _("%(name)s stands over"),
        "away": _("%(name)s is away"),
        "back": _("%(name)s is back"),
        "presenter": _("%(name)s presents"),
        "pause": _("The pause"),
        "resume": _("The clock going on"),
        "correct": _("The corrected time"),
    }


def _hub() -> dict[str, Any]:
    return {
        "paused_sub": _("the clock is paused"),
        "over_sub": _("over the time"),
        "left_of": _("left of %(time)s"),
        "of_share": _("of %(share)s"),
        "done_here": _("done in this phase"),
        "asked_again": _("is asked again at the end"),
        "presents_last": _("presents the case, speaks last"),
        "presents": _("presents the case"),
        "cases": ngettext("%(num)s case", "%(num)s cases"),
        "case_of": _("Case %(case_no)s of %(cases)s"),
        "said_paused": _("%(phase)s. Paused."),
        "said_asks": _("%(phase)s. %(name)s asks."),
        "said_floor": _("%(phase)s. %(name)s has the floor."),
    }


def _deck() -> dict[str, str]:
    return {
        "deck": _("Run the round"),
        "go_on": _("Go on"),
        "back_to": _("Back to %(name)s"),
        "answered": _("The question is answered"),
        "floor_on": _("The floor on to %(name)s"),
        "floor_to": _("The floor to %(name)s"),
        "on_to": _("On to %(phase)s"),
        "end_meeting": _("End the meeting"),
        "question": _("Question"),
        "not_now": _("Not now"),
        "rests": _("%(name)s rests meanwhile"),
        "no_turn": _("Costs no turn"),
        "pause": _("Pause"),
        "stops": _("The clock stops"),
        "undo": _("Undo"),
        "next_phase": _("Next phase"),
        "end": _("End"),
        "over": _("The meeting is over"),
        "stands_over": _("%(name)s stands over"),
        "is_away": _("%(name)s is away"),
    }


def _around() -> dict[str, str]:
    return {
        "around": _("How it is round the table"),
        "waiting": _("Have not had the floor in this phase"),
        "case_last": _("brings the case, last"),
        "brings": _("brings the case"),
        "stood_over": _("Stood over"),
        "once_more": _("is asked once more at the end"),
        "away": _("Away"),
        "since": _("since %(time)s"),
        "in_phase": _("In this phase"),
        "all_here": _("Everyone is here."),
        "is_done": _("%(name)s is done"),
        "is_back": _("%(name)s is back"),
        "who_brings": _("Who brings case %(case_no)s?"),
        "choose": _("Choose"),
        "someone_else": _("Someone else stands over or is away"),
        "who": _("Who"),
        "stands": _("Stands over"),
        "goes": _("Is away"),
    }


def _plan() -> dict[str, str]:
    return {
        "behind": _(
            "We are <strong>%(time)s behind</strong>. The rest is worked out anew: no phase is struck and we end at "
            "<strong>%(ends)s</strong>."
        ),
        "ahead": _(
            "We are <strong>%(time)s ahead</strong>. The coming phases have a little more time, and we end at "
            "<strong>%(ends)s</strong>."
        ),
        "longer": _(
            "The phases that are left need at least <strong>%(time)s more</strong> than there is. We end at "
            "<strong>%(ends)s</strong>."
        ),
        "on_time": _("We keep to the plan and end at <strong>%(ends)s</strong>."),
        "planned": _("Planned"),
        "now_at": _("now %(time)s"),
        "ends": _("ends %(time)s"),
        "plan_in_words": _("The plan. Phases done: %(done)s. Now: %(phase)s. Phases left: %(coming)s. Ends %(ends)s."),
        "case": _("Case %(case_no)s"),
        "beginning": _("The beginning"),
        "closing": _("The end"),
        "done": _("done"),
        "now": _("now"),
        "not_held": _("not held"),
    }


def _balance() -> dict[str, str]:
    return {
        "of_most": _("of %(most)s"),
        "no_count": _("There is nothing to count yet."),
        "near_one": _("Near 1 means that everyone who takes part has had about their share."),
        "even": _("Right now it is even."),
        "uneven": _("Right now it is uneven."),
        "note_passed": _("stood over"),
        "note_away": _("away"),
    }


def _reminders() -> dict[str, Any]:
    return {
        "and": _("%(first)s and %(last)s"),
        "minutes": ngettext("%(num)s minute", "%(num)s minutes"),
        "seconds": ngettext("%(num)s second", "%(num)s seconds"),
        "not_yet": ngettext("%(names)s has not had the floor yet.", "%(names)s have not had the floor yet."),
        "share_nearly_used": _("%(name)s has %(left)s left of their share."),
        "share_used": _("%(name)s has used their share."),
        "far_above": ngettext(
            "%(names)s has had more room than expected so far.", "%(names)s have had more room than expected so far."
        ),
        "far_below": ngettext(
            "%(names)s has had less room than expected so far.", "%(names)s have had less room than expected so far."
        ),
        "only_you": _("Only you see the reminder."),
    }


def _connection() -> dict[str, Any]:
    return {
        "offline": _("No connection."),
        "signed_out": _("You are signed out."),
        "goes_on": _("The round goes on here."),
        "waits": ngettext("%(num)s tap waits to be sent.", "%(num)s taps wait to be sent."),
        "sign_in": _("Sign in again in this browser, and they are sent."),
        "not_counted": ngettext(
            "%(num)s tap from this screen was not counted.", "%(num)s taps from this screen were not counted."
        ),
        "ended_here": _("The meeting is over. Who was there is noted when there is a connection again."),
        "needs_network": _("That page needs a connection. It opens when there is one again."),
        "paused_notice": _("The clock is paused. No time is counted."),
        "who_asks": _("Who asks?"),
        "tap_place": _("Tap the place. It costs no turn."),
    }
