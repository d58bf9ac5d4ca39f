"""Who gets a certificate of hours: whoever it is about (PRIVACY: who may do what, exports)."""

from supervision.certificates.rules import OwnGroup
from supervision.kernel.actor import Actor


def may_take_certificate(actor: Actor, own: OwnGroup) -> bool:
    """Only the person themselves, which the loader has made sure of."""
    return own.person_id == actor.person_id
