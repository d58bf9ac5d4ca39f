"""Who may run a round and who may follow it; managers and coordinators never."""

from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting


def may_run_round(actor: Actor, meeting: Meeting) -> bool:
    """Only the group's supervisor controls the round and sees everyone's minutes (PRODUCT: live round)."""
    return meeting.group.assignment_id in actor.supervises


def may_follow(actor: Actor, meeting: Meeting) -> bool:
    """The supervisor and those with a seat in the group now see the phase, the time and whose turn it is."""
    return may_run_round(actor, meeting) or meeting.group_id in actor.member_of
