"""Who sees an invoice basis, and who takes it out as a file."""

from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment


def may_see_basis(actor: Actor, assignment: Assignment) -> bool:
    """The supervisor, and the organisation's managers, who see dates and cost (PRODUCT: the people)."""
    return assignment.id in actor.supervises or assignment.organisation_id in actor.manages


def may_take_basis_out(actor: Actor, assignment: Assignment) -> bool:
    """Only the supervisor (PRIVACY: who may do what, exports)."""
    return assignment.id in actor.supervises
