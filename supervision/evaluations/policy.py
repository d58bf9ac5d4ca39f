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


def may_write_statement(actor: Actor, group: Group) -> bool:
    """The supervisor drafts the group's own words, with the group."""
    return group.assignment_id in actor.supervises


def may_answer_report(actor: Actor, assignment: Assignment) -> bool:
    """Managers of the organisation say what they change."""
    return assignment.organisation_id in actor.manages


def may_see_questionnaire(actor: Actor, assignment: Assignment) -> bool:
    """Whoever sees the report also reads its statements beforehand (PRIVACY: who may do what, questionnaire)."""
    return may_see_report(actor, assignment)


def may_change_questionnaire(actor: Actor, assignment: Assignment) -> bool:
    """The organisation's coordinators and the assignment's supervisor."""
    return assignment.organisation_id in actor.coordinates or assignment.id in actor.supervises


def may_extend_evaluation(actor: Actor, assignment: Assignment) -> bool:
    """The organisation's coordinators and the assignment's supervisor put off the closing, for all."""
    return may_change_questionnaire(actor, assignment)
