"""What a follow-up is: what someone who told a case will try, in four short answers."""

from dataclasses import dataclass
from datetime import date, timedelta

from supervision.cases.rules.text import Answers
from supervision.kernel.errors import RuleBroken

WHAT_MOST = 300  # a sentence or two, as the prompts of a case; characters
REST_MOST = 200  # one sentence each; characters
KEEP_DAYS = 183  # PRODUCT: follow-up, purged with the term; a term is half a year
REMIND_DAYS = 7  # our choice: so long after the meeting the start page asks whether to note something

MOST = {"what": WHAT_MOST, "who": REST_MOST, "when": REST_MOST, "how": REST_MOST}


@dataclass(frozen=True)
class FollowUpText(Answers):
    """What one will try, who is in it, when, and how (PRODUCT: cases, follow-up)."""

    MOST = MOST
    what: str = ""
    who: str = ""
    when: str = ""
    how: str = ""


def check_complete(text: FollowUpText) -> None:
    """Refuse a follow-up that does not say what will be tried. Code: `follow_up_empty`."""
    if not text.what.strip():
        raise RuleBroken("follow_up_empty", field="what")


def asks_until(met_on: date) -> date:
    """Return the last local day on which someone who told is asked whether they want to note something."""
    return met_on + timedelta(days=REMIND_DAYS)
