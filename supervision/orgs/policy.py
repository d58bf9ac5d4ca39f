"""Who may do what with organisations and assignments."""

import uuid

from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment, Organisation, RoleHolding


def may_open_organisations(actor: Actor) -> bool:
    """Supervisors bring their client organisations."""
    return actor.is_supervisor


def may_see_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Its managers, coordinators and the supervisors who work for it."""
    return organisation.id in actor.manages | actor.coordinates or actor.is_supervisor


def may_order_assignment(actor: Actor, organisation: Organisation) -> bool:
    """A supervisor writes up an assignment for an organisation the loader has let through."""
    return actor.is_supervisor and may_see_organisation(actor, organisation)


def may_invite(actor: Actor, organisation: Organisation) -> bool:
    """The supervisor who works for the organisation, or its coordinator, invites managers and coordinators.

    Not a coordinator who is manager there as well: that somebody cannot become manager says that they take part, and
    another coordinator sees who has signed up.
    """
    return actor.is_supervisor or organisation.id in actor.coordinates - actor.manages


def may_see_roles(actor: Actor, organisation_id: uuid.UUID) -> bool:
    """The supervisors and coordinators, who can take roles away, see who has one."""
    return actor.is_supervisor or organisation_id in actor.coordinates


def may_see_assignment(actor: Actor, assignment: Assignment) -> bool:
    """Its supervisor, and the organisation's managers and coordinators."""
    return assignment.id in actor.supervises or assignment.organisation_id in actor.manages | actor.coordinates


def may_run_assignment(actor: Actor, assignment: Assignment) -> bool:
    """Only its supervisor."""
    return assignment.id in actor.supervises


def may_take_role(actor: Actor, holding: RoleHolding) -> bool:
    """Whoever sees the roles takes one away again; nobody their own."""
    return may_see_roles(actor, holding.organisation_id) and holding.person_id != actor.person_id
