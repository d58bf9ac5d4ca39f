"""Who may cut which connection."""

from supervision.kernel.actor import Actor
from supervision.single_sign_on.models import OuterIdentity


def may_disconnect(actor: Actor, identity: OuterIdentity) -> bool:
    """Everyone their own."""
    return identity.person_id == actor.person_id
