"""Who may form groups, and who may tell their own times."""

from typing import Protocol

from supervision.formation.models import FormationRun
from supervision.groups.policy import may_see_sign_ups
from supervision.kernel.actor import Actor
from supervision.orgs.models import Assignment


def may_tell_times(actor: Actor) -> bool:
    """Every supervisor tells their own times, and sees nobody else's."""
    return actor.is_supervisor


def may_form_groups(actor: Actor, assignment: Assignment) -> bool:
    """Those who see the sign-ups: the supervisor and the coordinators, never someone who is a manager there."""
    return may_see_sign_ups(actor, assignment)


def may_form_widely(actor: Actor, assignment: Assignment) -> bool:
    """The organisation's coordinators, who see all its sign-ups; a supervisor does not see another's groups."""
    organisation_id = assignment.organisation_id
    return organisation_id in actor.coordinates and organisation_id not in actor.manages


def may_use_run(actor: Actor, run: FormationRun) -> bool:
    """Those who may form groups in its assignment, or in all the organisation's."""
    return may_form_widely(actor, run.assignment) if run.is_wide else may_form_groups(actor, run.assignment)


class OfRun(Protocol):
    """What belongs to a run, such as where it puts someone."""

    @property
    def run(self) -> FormationRun:
        """The run."""


def may_move(actor: Actor, seat: OfRun) -> bool:
    """Those who may form groups move people by hand."""
    return may_use_run(actor, seat.run)
