"""Who may do what with second factors."""

from supervision.kernel.actor import Actor


def may_have_factor(actor: Actor) -> bool:
    """Whoever has a role; participants sign in with a code by mail and need none."""
    return actor.needs_factor or (actor.is_signed_in and actor.has_role)


def may_recover(actor: Actor) -> bool:
    """Whoever has a role, also after a code by mail: who has lost their passkey has no password to begin with."""
    return may_have_factor(actor) or actor.lacks_key
