"""Who may do what with groups."""

from supervision.groups.models import Group
from supervision.kernel.actor import Actor


def may_see_group(actor: Actor, group: Group) -> bool:
    """Members and the supervisor see the group's own page."""
    return group.id in actor.member_of or group.assignment_id in actor.supervises


def may_run_group(actor: Actor, group: Group) -> bool:
    """Only the supervisor runs it."""
    return group.assignment_id in actor.supervises


def is_member(actor: Actor, group: Group) -> bool:
    """Whether the actor has a seat now."""
    return group.id in actor.member_of
