"""Who may do what with meetings. A manager only ever sees dates and status, on another page."""

from supervision.groups import policy as groups
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting


def may_see_meeting(actor: Actor, meeting: Meeting) -> bool:
    """Members of the group and its supervisor see a meeting's page."""
    return groups.may_see_group(actor, meeting.group)


def may_run_meeting(actor: Actor, meeting: Meeting) -> bool:
    """Only the supervisor moves, cancels, starts a meeting and records who was there."""
    return groups.may_run_group(actor, meeting.group)


def may_answer(actor: Actor, meeting: Meeting) -> bool:
    """Only a member answers, and only for themselves."""
    return groups.is_member(actor, meeting.group)
