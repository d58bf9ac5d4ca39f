"""Who may ask for cover and who answers. Nobody else learns of a request (PRIVACY: who may do what)."""

from supervision.cover.models import CoverRequest
from supervision.groups import policy as groups
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting


def may_ask(actor: Actor, meeting: Meeting) -> bool:
    """A member asks, for themselves."""
    return groups.is_member(actor, meeting.group)


def may_withdraw(actor: Actor, request: CoverRequest) -> bool:
    """Only whoever asked."""
    return request.person_id == actor.person_id


def may_plan(actor: Actor) -> bool:
    """Coordinators of an organisation, unless they manage it: a manager never learns of a request."""
    return bool(actor.coordinates - actor.manages)


def may_answer(actor: Actor, request: CoverRequest) -> bool:
    """A coordinator of the organisation that was asked."""
    return request.organisation_id in actor.coordinates - actor.manages
