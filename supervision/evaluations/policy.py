"""Who may do what with evaluations."""

from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment


def may_answer(actor: Actor, _campaign: object) -> bool:
    """Whoever is in the frozen roster, which the loader has made sure of."""
    return actor.is_signed_in


def may_open_evaluation(actor: Actor, assignment: Assignment) -> bool:
    """Only the assignment's supervisor opens one more evaluation."""
    return assignment.id in actor.supervises


def may_see_report(actor: Actor, assignment: Assignment) -> bool:
    """The organisation's managers and coordinators, and the assignment's supervisor."""
    return assignment.organisation_id in actor.manages | actor.coordinates or assignment.id in actor.supervises


def may_see_group_release(actor: Actor, group: Group) -> bool:
    """Members of the group and its supervisor."""
    return group.id in actor.member_of or group.assignment_id in actor.supervises
