"""Who keeps the installation running, and lets people in to its offices."""

from supervision.kernel.actor import Actor
from supervision.operations.models import Installation
from supervision.orgs.models import Organisation, RoleHolding


def may_keep_running(actor: Actor, _installation: Installation) -> bool:
    """Operators see how the installation stands and let supervisors in; never what is in it."""
    return actor.is_operator


def may_let_in(actor: Actor, _organisation: Organisation) -> bool:
    """Operators invite an organisation's coordinators (PRIVACY: who may do what, person, CRU coordinators)."""
    return actor.is_operator


def may_invite_again(actor: Actor, holding: RoleHolding) -> bool:
    """Operators send a coordinator's invitation again, also to another address; managers are none of theirs."""
    return actor.is_operator and holding.role == "coordinator"
