"""Who may do what with private notes: the author and nobody else (PRIVACY: who may do what).

`is_supervisor` is asked each time, since only a session that has earned the role carries it: a code by mail opens none.
"""

from supervision.groups.models import Group
from supervision.groups.policy import may_run_group
from supervision.kernel.actor import Actor
from supervision.notes.models import Note


def may_have_notes(actor: Actor) -> bool:
    """Every supervisor; the page holds their own notes only."""
    return actor.is_supervisor


def may_list_notes(actor: Actor, _group: Group) -> bool:
    """A supervisor whom the loader let through; the list holds their own notes only."""
    return actor.is_supervisor


def may_write_note(actor: Actor, group: Group) -> bool:
    """The group's supervisor; who has handed the group over keeps their notes and writes no new ones."""
    return actor.is_supervisor and may_run_group(actor, group)


def is_author(actor: Actor, note: Note) -> bool:
    """Who wrote it, also after handing the group over."""
    return actor.is_supervisor and note.author_id == actor.person_id
