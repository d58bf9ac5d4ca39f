"""Who may take out and erase what."""

from supervision.kernel.actor import Actor


def may_see_own_data(actor: Actor) -> bool:
    """Everyone who is signed in, their own and nobody else's (PRIVACY: who may do what, person and exports)."""
    return actor.is_signed_in


def may_take_out_or_erase(actor: Actor) -> bool:
    """Participants with the code by mail; whoever has a role with their second step only (PRIVACY: signing in)."""
    return actor.is_signed_in and not actor.needs_factor and not actor.lacks_key
