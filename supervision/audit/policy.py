"""Who may read what has been done (PRIVACY: who may do what, audit)."""

from supervision.audit.models import Log
from supervision.kernel.actor import Actor


def has_own_log(actor: Actor) -> bool:
    """Everyone signed in, but those who are managers and nothing else: for them the audit log does not exist."""
    is_more = actor.is_supervisor or actor.is_operator or actor.coordinates or actor.member_of
    return actor.is_signed_in and (not actor.manages or bool(is_more))


def may_read_log(actor: Actor, log: Log) -> bool:
    """One's own; an organisation's by its coordinators who are not its managers; all of it by operators."""
    if log.organisation_id is not None:
        return log.organisation_id in actor.coordinates - actor.manages
    if log.is_whole:
        return actor.is_operator
    return has_own_log(actor)
