"""Who may do what with formats."""

from supervision.formats.models import OwnFormat
from supervision.kernel.actor import Actor


def may_use_formats(actor: Actor) -> bool:
    """Supervisors choose among the formats and make their own."""
    return actor.is_supervisor


def may_change_format(actor: Actor, own: OwnFormat) -> bool:
    """Only the supervisor who made it, signed in as one: a code by mail opens no office."""
    return actor.is_supervisor and own.supervisor_id == actor.person_id
