"""Who may change which passkey."""

from supervision.factors.models import Passkey
from supervision.kernel.actor import Actor


def may_change_passkey(actor: Actor, passkey: Passkey) -> bool:
    """The owner alone."""
    return passkey.person_id == actor.person_id
