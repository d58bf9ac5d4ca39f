"""Every refusal's code and its sentence; the one place where rules become words."""

from flask_babel import lazy_gettext as _l

from supervision.kernel.errors import Refusal

SENTENCES = {
    "password_short": _l("At least %(least)s characters. A sentence you remember is good."),
    "password_long": _l("At most %(most)s characters."),
    "sign_in_failed": _l("The address and the password do not belong together."),
    "wait": _l("There were many tries. Wait %(seconds)s seconds and try again."),
    "code_wrong": _l("The code is not right, or it is too old. You can ask for a new one."),
    "invitation_used": _l("The link has been used or is too old. Ask the person who invited you for a new one."),
    "ends_before_start": _l("The last day is before the first."),
    "break_weeks_unreadable": _l("Write weeks as 26-32, 51-1."),
    # cases
    "looks_like_personal_number": _l("This looks like a personal identity number. Take it out, and we save."),
    "text_too_long": _l("At most %(most)s characters."),
    "case_incomplete": _l("Before others see it, it needs a title, what happens, and your question."),
    "case_state": _l("The case has moved on since you opened the page. Load it again."),
    "case_meeting": _l("Choose one of the group's coming meetings."),
    "not_your_turn": _l("You are not next any more. Load the page again."),
    "seats_out_of_range": _l("A group has 4 to 8 seats, and the least is not more than the most."),
}


def sentence(refusal: Refusal) -> str:
    """Return the refusal's sentence in the reader's language."""
    return str(SENTENCES[refusal.code]) % refusal.params if refusal.params else str(SENTENCES[refusal.code])
