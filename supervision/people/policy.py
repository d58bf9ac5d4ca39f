"""Who may do what with people."""

from supervision.kernel.actor import Actor
from supervision.people.models import LoginSession


def may_be_signed_in(actor: Actor) -> bool:
    """Whoever is signed in: own profile, own sign-out, own start page."""
    return actor.is_signed_in


def may_end_session(actor: Actor, kept: LoginSession) -> bool:
    """Everyone ends their own sessions only."""
    return kept.person_id == actor.person_id
