"""Tells the open streams when a right to follow may have ended, wherever in the house that is written.

Seats, roles, assignments and persons are watched where the session writes them, so that no service has to remember it.
Sessions end by a statement of their own (people/services.py), which tells for itself.
"""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import event, inspect
from sqlalchemy.orm import ORMExecuteState, Session

from supervision.groups.models import Membership
from supervision.orgs.models import Assignment, RoleHolding
from supervision.people.models import LoginSession, Person
from supervision.store.signals import EVERYONE, NOBODY_ELSE, PERSON, tell

WATCHED = (Membership, RoleHolding, Assignment)


@event.listens_for(Session, "before_flush")
def _rows_change(session: Session, _context: object, _instances: object) -> None:
    changed = [one for one in session.dirty if isinstance(one, WATCHED) and session.is_modified(one)]
    gone = [one for one in session.deleted if isinstance(one, (*WATCHED, LoginSession, Person))]
    for person_id in dict.fromkeys(found for one in (*changed, *gone) for found in _people_of(one)):
        tell(session, PERSON, person_id)


@event.listens_for(Session, "do_orm_execute")
def _many_change(state: ORMExecuteState) -> None:
    """A statement that changes many rows names nobody: everyone is asked anew."""
    mapper = state.bind_mapper
    if (state.is_update or state.is_delete) and mapper is not None and issubclass(mapper.class_, (*WATCHED, Person)):
        tell(state.session, EVERYONE, NOBODY_ELSE)


def _people_of(row: Any) -> Iterator[UUID]:  # noqa: ANN401 - one of the watched tables
    if isinstance(row, Person):
        yield row.id
        return
    name = "supervisor_id" if isinstance(row, Assignment) else "person_id"
    history = inspect(row).attrs[name].history
    yield from (one for one in (*history.deleted, *history.unchanged, *history.added) if one is not None)
