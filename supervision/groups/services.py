"""What people do with sign-ups and the agreement. Seats and the waiting line are in `groups.seats`."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.groups import agreement_text, line_queries, queries, sign_up_queries
from supervision.groups.models import Agreement, AgreementAcceptance, Group, PendingSignUp, SignUp
from supervision.groups.seats import Offers, lock_seats, step_out_of_line
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.orgs.models import Assignment
from supervision.people.models import Person
from supervision.store.sealed import TextSeal

PENDING = timedelta(minutes=20)  # our choice: twice a code's life; tablets are shared, and none shows it longer
NOT_TOLD: Mapping[str, Any] = {"unit": "", "experience": "", "slots": [], "needs": [], "not_with": ""}
"""What someone may tell at sign-up, and how it is when they have not."""


def keep_pending(
    session: Session, seal: TextSeal, assignment: Assignment, told: Mapping[str, Any], now: datetime
) -> uuid.UUID:
    """Keep a sign-up, sealed, until its code is typed, for 20 minutes at most; returns the id for the cookie."""
    pending_id = new_id()
    sealed = seal.seal(json.dumps(dict(told)), "pending_sign_up", "told", pending_id)
    session.add(PendingSignUp(id=pending_id, assignment_id=assignment.id, told_sealed=sealed, expires_at=now + PENDING))
    return pending_id


def open_pending(
    session: Session, seal: TextSeal, assignment: Assignment, pending_id: uuid.UUID, now: datetime
) -> dict[str, Any] | None:
    """Return what was told in a sign-up whose code has not been typed, or None when it is over or was for another."""
    found = session.get(PendingSignUp, pending_id)
    if found is None or found.assignment_id != assignment.id or found.expires_at <= now:
        return None
    told: dict[str, Any] = json.loads(seal.open(found.told_sealed, "pending_sign_up", "told", pending_id))
    return told


def drop_pending(session: Session, pending_id: uuid.UUID) -> None:
    """Delete a sign-up that was waiting for its code."""
    found = session.get(PendingSignUp, pending_id)
    if found is not None:
        session.delete(found)


def save_sign_up(
    session: Session, person: Person, assignment: Assignment, facts: Mapping[str, Any], now: datetime
) -> SignUp:
    """Keep what someone told when signing up; a second time replaces the first. `facts` are columns of `SignUp`.

    Raises `own_manager`: a manager of the organisation does not sit with those they lead (PRODUCT: the people).
    """
    if sign_up_queries.is_manager_there(session, person.id, assignment.id):
        raise RuleBroken("own_manager")
    found = sign_up_queries.find_sign_up(session, assignment.id, person.id)
    if found is None:
        found = SignUp(assignment_id=assignment.id, person_id=person.id)
        session.add(found)
    found.created_at = now  # a sign-up made again is kept as long as a new one
    for name, value in facts.items():
        setattr(found, name, value)
    found.withdrawn_at = None
    session.flush()
    record(session, Actor(person_id=person.id), Action.SIGN_UP_MADE, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return found


def change_sign_up(session: Session, actor: Actor, sign_up: SignUp, facts: Mapping[str, Any], now: datetime) -> None:
    """Change what one told at sign-up."""
    for name, value in facts.items():
        setattr(sign_up, name, value)
    record(session, actor, Action.SIGN_UP_CHANGED, ObjectKind.ASSIGNMENT, sign_up.assignment_id, now=now)


def withdraw_sign_up(session: Session, actor: Actor, sign_up: SignUp, now: datetime) -> Offers:
    """Take back one's sign-up: what was told is deleted, places in line and offers end; returns the offers this makes.

    Raises `leave_first` for someone with a seat: leaving a group is a step of its own.
    """
    if queries.seat_in_assignment(session, actor.id, sign_up.assignment_id) is not None:
        raise RuleBroken("leave_first")
    offers: list[Any] = []
    for group_id in sorted(sign_up_queries.lines_of(session, actor.id, sign_up.assignment_id)):
        group = queries.find_group(session, group_id)
        if group is None:
            continue
        lock_seats(session, group)
        place = line_queries.find_place(session, group_id, actor.id)
        if place is not None:
            offers += step_out_of_line(session, actor, place, group, "withdrawn", now)
    for name, empty in NOT_TOLD.items():
        setattr(sign_up, name, empty)
    sign_up.slot_wishes, sign_up.ways_km = {}, {}
    sign_up.withdrawn_at = now
    record(session, actor, Action.SIGN_UP_WITHDRAWN, ObjectKind.ASSIGNMENT, sign_up.assignment_id, now=now)
    return offers


def first_agreement(group: Group, now: datetime, language: str | None = None) -> Agreement:
    """Return version 1 of a group's agreement, not yet kept; by default in the language of the country."""
    country = {"DK": "da"}.get(group.assignment.organisation.country, "sv")
    text = agreement_text.default_text(language or country)
    return Agreement(group_id=group.id, version=1, text=text, created_at=now)


def ensure_agreement(session: Session, group: Group, now: datetime, language: str | None = None) -> Agreement:
    """Return the agreement that counts; a group without one gets the usual text as version 1."""
    found = queries.newest_agreement(session, group.id)
    if found is None:
        lock_seats(session, group)
        found = queries.newest_agreement(session, group.id)
    if found is None:
        found = first_agreement(group, now, language)
        session.add(found)
        session.flush()
    return found


def change_agreement(session: Session, actor: Actor, group: Group, text: str, now: datetime) -> Agreement:
    """Write a new version; every member is asked again. A text that did not change makes no version."""
    lock_seats(session, group)
    newest = ensure_agreement(session, group, now)
    text = "\n".join(text.strip().splitlines())
    if text == newest.text:
        return newest
    made = Agreement(group_id=group.id, version=newest.version + 1, text=text, created_at=now)
    session.add(made)
    session.flush()
    record(session, actor, Action.AGREEMENT_CHANGED, ObjectKind.GROUP, group.id, now=now)
    return made


def accept_agreement(session: Session, actor: Actor, group: Group, version: int, now: datetime) -> None:
    """Note that a member accepts this version. Raises `agreement_changed` when a newer one stands."""
    newest = ensure_agreement(session, group, now)
    if version != newest.version:
        raise RuleBroken("agreement_changed")
    if actor.id not in queries.acceptances(session, newest):
        session.add(AgreementAcceptance(agreement_id=newest.id, person_id=actor.id, accepted_at=now))
        record(session, actor, Action.AGREEMENT_ACCEPTED, ObjectKind.GROUP, group.id, now=now)
