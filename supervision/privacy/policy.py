"""Who may take out and erase what."""

from supervision.kernel.actor import Actor


def may_see_own_data(actor: Actor) -> bool:
    """Everyone who is signed in, their own and nobody else's (PRIVACY: who may do what, person and exports)."""
    return actor.is_signed_in
