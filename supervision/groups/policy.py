"""Who may do what with groups."""

from supervision.groups.models import Group, Membership, QueuePlace, SignUp
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment


def may_see_group(actor: Actor, group: Group) -> bool:
    """Members and the supervisor see the group's own page."""
    return group.id in actor.member_of or group.assignment_id in actor.supervises


def may_run_group(actor: Actor, group: Group) -> bool:
    """Only the supervisor runs it."""
    return group.assignment_id in actor.supervises


def is_member(actor: Actor, group: Group) -> bool:
    """Whether the actor has a seat now."""
    return group.id in actor.member_of


def may_choose_group(actor: Actor, assignment: Assignment) -> bool:
    """Whoever signed up, unless they supervise it or are a manager there.

    Nobody is in a group that their own manager is in (PRODUCT: the people).
    """
    return assignment.id not in actor.supervises and assignment.organisation_id not in actor.manages


def may_step_out(actor: Actor, group: Group) -> bool:
    """Whoever has a seat or a place in line, which the loader has made sure of; the supervisor has neither."""
    return group.assignment_id not in actor.supervises


def may_answer_offer(actor: Actor, place: QueuePlace) -> bool:
    """Only the person whose place in line it is."""
    return place.person_id == actor.person_id


def may_remove(actor: Actor, membership: Membership) -> bool:
    """Only the supervisor of the group ends another person's membership."""
    return may_run_group(actor, membership.group)


def may_see_sign_ups(actor: Actor, assignment: Assignment) -> bool:
    """The supervisor and the organisation's coordinators; never someone who is a manager there, whatever else they are.

    PRIVACY: who may do what, person and exports.
    """
    organisation_id = assignment.organisation_id
    is_planner = organisation_id in actor.coordinates and organisation_id not in actor.manages
    return assignment.id in actor.supervises or is_planner


def may_change_sign_up(actor: Actor, sign_up: SignUp) -> bool:
    """Only the person who signed up."""
    return sign_up.person_id == actor.person_id
