"""A staff list between its upload and its confirmation: kept sealed for an hour, then gone."""

import json
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups import sign_up_queries
from supervision.groups.models import StaffList
from supervision.groups.staff_list import Fault, Row, StaffRows
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.orgs.models import Assignment
from supervision.people.queries import tries_since
from supervision.people.services import count_try, note_try
from supervision.store.sealed import TextSeal

KEPT = timedelta(hours=1)  # our choice: long enough to read a list of faults, short enough to forget it

MOST_SENDINGS, SENDINGS_WITHIN = 5, timedelta(hours=1)  # our choice: with 2,000 rows each, a municipality's whole care


def count_upload(session: Session, actor: Actor, now: datetime) -> bool:
    """Count an upload, which costs work; raises `wait` where someone uploads again and again."""
    count_try(session, f"staff list {actor.id}", now=now)
    return True


def keep_list(
    session: Session, seal: TextSeal, actor: Actor, assignment: Assignment, found: StaffRows, now: datetime
) -> None:
    """Keep a list that has been read, in place of an earlier one by the same person."""
    drop_list(session, actor, assignment)
    list_id = new_id()
    text = json.dumps([[astuple(row) for row in found.rows], [astuple(fault) for fault in found.faults]])
    session.add(
        StaffList(
            id=list_id,
            assignment_id=assignment.id,
            person_id=actor.id,
            read_sealed=seal.seal(text, "staff_list", "read", list_id),
            expires_at=now + KEPT,
        )
    )


def open_list(
    session: Session, seal: TextSeal, actor: Actor, assignment: Assignment, now: datetime
) -> StaffRows | None:
    """Return the list this actor has uploaded for an assignment within the last hour."""
    found = session.scalar(
        select(StaffList).where(
            StaffList.assignment_id == assignment.id, StaffList.person_id == actor.id, StaffList.expires_at > now
        )
    )
    if found is None:
        return None
    rows, faults = json.loads(seal.open(found.read_sealed, "staff_list", "read", found.id))
    return StaffRows(tuple(Row(*row) for row in rows), tuple(Fault(*fault) for fault in faults))


def drop_list(session: Session, actor: Actor, assignment: Assignment) -> None:
    """Delete the list this actor has uploaded for an assignment."""
    session.execute(delete(StaffList).where(StaffList.assignment_id == assignment.id, StaffList.person_id == actor.id))
    session.flush()


def to_invite(session: Session, assignment: Assignment, found: StaffRows) -> Sequence[Row]:
    """Return the rows of those who have not signed up yet; nobody else is written to."""
    known = sign_up_queries.addresses_signed_up(session, assignment.id)
    return [row for row in found.rows if row.email not in known]


def invite(session: Session, actor: Actor, assignment: Assignment, found: StaffRows, now: datetime) -> Sequence[Row]:
    """Use up a list: delete it and return whom the caller writes to. Nobody is signed up and no person is kept.

    Raises `many_sendings` from the sixth list within an hour: whoever holds a coordinator's session writes no floods.
    """
    key = f"staff list sent {actor.id}"
    if tries_since(session, key, now - SENDINGS_WITHIN) >= MOST_SENDINGS:
        raise RuleBroken("many_sendings", most=MOST_SENDINGS)
    note_try(session, key, now=now)
    rows = to_invite(session, assignment, found)
    drop_list(session, actor, assignment)
    record(session, actor, Action.STAFF_LIST_INVITED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return rows
