"""Who may do what with cases; who reads a text is decided by `rules.states.readers`."""

from collections.abc import Collection

from supervision.cases.models import Case
from supervision.cases.rules.states import CaseState, Reader, can_edit
from supervision.groups.models import Group
from supervision.groups.policy import is_member, may_run_group
from supervision.kernel.actor import Actor
from supervision.meetings.models import Meeting


def stands_as(actor: Actor, case: Case) -> frozenset[Reader]:
    """Return how an actor stands to a case; authors and members only while they have a seat."""
    found = set()
    if is_member(actor, case.group):
        found.add(Reader.GROUP)
        if case.author_id == actor.person_id:
            found.add(Reader.AUTHOR)
    if may_run_group(actor, case.group):
        found.add(Reader.SUPERVISOR)
    return frozenset(found)


def is_reader(actor: Actor, case: Case, readers: Collection[Reader]) -> bool:
    """Whether the actor is one of those who read the case now."""
    return not stands_as(actor, case).isdisjoint(readers)


def may_read(actor: Actor, case: Case) -> bool:
    """Whoever the loader let through; nobody without a tie to the group."""
    return bool(stands_as(actor, case))


def may_edit(actor: Actor, case: Case) -> bool:
    """The author, until the case is presented."""
    return Reader.AUTHOR in stands_as(actor, case) and can_edit(CaseState(case.status))


def is_author(actor: Actor, case: Case) -> bool:
    """The author, while they have a seat."""
    return Reader.AUTHOR in stands_as(actor, case)


def may_choose(actor: Actor, case: Case) -> bool:
    """The group's supervisor."""
    return Reader.SUPERVISOR in stands_as(actor, case)


def may_write(actor: Actor, group: Group) -> bool:
    """Members of a group that has not ended."""
    return is_member(actor, group) and group.status != "ended"


def may_note_follow_up(actor: Actor, meeting: Meeting) -> bool:
    """Whoever told at the meeting, which the loader has made sure of, while they have a seat."""
    return is_member(actor, meeting.group)


def may_have_cases(actor: Actor) -> bool:
    """Anyone who has a seat in a group, or had one: their own list is all they see."""
    return actor.is_signed_in
