"""Who may do what with people."""

from supervision.kernel.actor import Actor


def may_be_signed_in(actor: Actor) -> bool:
    """Whoever is signed in: own profile, own sign-out, own start page."""
    return actor.is_signed_in
