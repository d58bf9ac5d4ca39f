"""Forget a person: every row that is theirs goes, and what must stay for others loses their name.

The database deletes along what hangs on the person (cases, answers, sessions, factors), and the data keys of sealed
texts go with the texts. What is done here is the rest: seats are freed for the next in line, other people's rows lose
the name, and mails that name the person are blanked.
"""

import json
import re
import uuid
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import datetime
from html import escape
from typing import Any

from sqlalchemy import String, cast, delete, func, or_, select
from sqlalchemy.orm import Session

from supervision.audit import services as audit
from supervision.audit.codes import Action, ObjectKind
from supervision.groups import mails, seats
from supervision.groups import queries as groups
from supervision.groups.models import PendingSignUp, SignUp, StaffList
from supervision.kernel.actor import STRANGER, Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint, new_id
from supervision.live.models import LiveEvent
from supervision.orgs.models import Assignment
from supervision.outbox.models import Mail
from supervision.people.models import Attempt, Person, SignInCode
from supervision.people.services import end_all_sessions
from supervision.privacy import queries, rules
from supervision.store.sealed import CannotOpen, TextSeal
from supervision.store.signals import ROUND, tell

NO_NAME = "–"
"""What stands where a name stood."""
NOWHERE = "erased.invalid"
"""A name of the net that never leads anywhere (RFC 2606)."""
CAPITALS = "A-ZÀ-ÖØ-Þ"
TRIED = ("code", "password", "forgotten")
"""What tries are counted under, with the address, hashed (`people.routes`)."""


def erase(session: Session, seal: TextSeal, person: Person, *, now: datetime) -> None:
    """Erase a person. Codes: `erase_supervises`, `erase_last_coordinator` (others depend on them; see `rules`).

    A supervisor on whom ended assignments rest keeps an empty row, without name or address, until these go.
    """
    queries.find_person(session, person.id)  # locked: nobody sits down while they are being erased
    rules.check_may_go(queries.duties_of(session, person.id))
    known_in = queries.organisations_of(session, person.id)
    _free_seats(session, person, now)
    name, email = person.name, person.email
    _forget_in_rounds(session, person)
    _forget_in_told(session, seal, name, email, known_in)
    _forget_in_mail(session, name, email, known_in)
    session.execute(delete(SignInCode).where(SignInCode.email == email))
    session.execute(delete(Attempt).where(Attempt.key_hash.in_([fingerprint(f"{one} {email}") for one in TRIED])))
    end_all_sessions(session, person.id)
    session.flush()
    audit.forget(session, person.id)
    if queries.has_assignments(session, person.id):
        _empty(session, person)
    else:
        session.delete(person)
    session.flush()
    audit.record(session, STRANGER, Action.PERSON_ERASED, ObjectKind.PERSON, None, now=now)


def _free_seats(session: Session, person: Person, now: datetime) -> None:
    """Leave every group and every line; a freed seat is offered to the next, who gets a mail."""
    actor = Actor(person_id=person.id)
    for group_id in sorted(queries.places_and_seats(session, person.id)):
        group = groups.find_group(session, group_id)
        while group is not None:
            try:
                offers = seats.leave(session, actor, group, now)
            except RuleBroken:  # no seat, offer or place in line is left here
                break
            mails.post_offers(session, [one for one in offers if one.person_id != person.id], now)
            session.flush()


def _forget_in_rounds(session: Session, person: Person) -> None:
    """Give the person another id and no name in the logs of rounds, which others go on with and can still correct.

    The last line gets another id of its own, so that every process that keeps the round reads its log anew.
    """
    swaps = {str(person.id): str(new_id())}
    named = cast(LiveEvent.data, String).contains(str(person.id))
    rows = session.scalars(select(LiveEvent).where(named)).all()
    for row in rows:
        row.data = _without(row.data, swaps, person.name)
    session.flush()
    for meeting_id in {row.meeting_id for row in rows}:
        last = session.scalars(
            select(LiveEvent).where(LiveEvent.meeting_id == meeting_id).order_by(LiveEvent.seq.desc()).limit(1)
        ).one()
        last.id = new_id()
        tell(session, ROUND, meeting_id)
    session.flush()


def _without(data: Any, swaps: Mapping[str, str], name: str) -> Any:  # noqa: ANN401 - plain data of any shape
    if isinstance(data, Mapping):
        return {key: _without(value, swaps, name) for key, value in data.items()}
    if isinstance(data, list):
        return [_without(value, swaps, name) for value in data]
    if isinstance(data, str):
        return NO_NAME if data == name else swaps.get(data, data)
    return data


def _forget_in_told(session: Session, seal: TextSeal, name: str, email: str, known_in: Collection[uuid.UUID]) -> None:
    """Take the person out of what others told: wishes to be kept apart, staff lists, sign-ups not yet confirmed.

    A name is nobody's alone, and everyone chooses what they are called: it is taken out of wishes in the organisations
    the person has to do with, and in no other.
    """
    nearby = set(session.scalars(select(Assignment.id).where(Assignment.organisation_id.in_(known_in))))
    wished = or_(SignUp.not_with_sealed.is_not(None), SignUp.not_with_plain != "")
    for sign_up in session.scalars(select(SignUp).where(wished, SignUp.assignment_id.in_(nearby))).all():
        sign_up.not_with_plain = _taken_out(name, sign_up.not_with_plain)
        with suppress(CannotOpen):
            sign_up.not_with = _taken_out(name, sign_up.not_with)
    for pending in session.scalars(select(PendingSignUp)):
        told = _opened(seal, pending.told_sealed, "pending_sign_up", "told", pending.id)
        if told is None or str(told.get("email", "")).strip().lower() == email:
            session.delete(pending)
        elif pending.assignment_id in nearby and _words(name).search(str(told.get("not_with", ""))):
            told["not_with"] = _taken_out(name, str(told["not_with"]))
            pending.told_sealed = seal.seal(json.dumps(told), "pending_sign_up", "told", pending.id)
    for listed in session.scalars(select(StaffList)):
        found = _opened(seal, listed.read_sealed, "staff_list", "read", listed.id)
        if found is None:
            session.delete(listed)
            continue
        people = [row for row in found[0] if email not in row]
        if len(people) < len(found[0]):
            text = json.dumps([people, found[1]])
            listed.read_sealed = seal.seal(text, "staff_list", "read", listed.id)


def _opened(seal: TextSeal, sealed: bytes, table: str, column: str, row: uuid.UUID) -> Any:  # noqa: ANN401 - what was told
    try:
        return json.loads(seal.open(sealed, table, column, row))
    except CannotOpen:
        return None


def _forget_in_mail(session: Session, name: str, email: str, known_in: Collection[uuid.UUID]) -> None:
    """Delete the person's own mails; in others' the name is taken out before sending, and all is blanked afterwards.

    Mail that waits for people of other organisations is left alone: who has that name there is somebody else.
    """
    session.execute(delete(Mail).where(func.lower(Mail.to_email) == email))
    shapes = sorted({name, escape(name), email, escape(email)}, key=len, reverse=True)
    written = (Mail.subject, Mail.text, Mail.html, Mail.calendar)
    named = or_(*(column.contains(shape, autoescape=True) for column in written for shape in shapes))
    pattern = re.compile("|".join(_words(shape).pattern for shape in shapes), re.IGNORECASE)
    is_settled = or_(Mail.sent_at.is_not(None), Mail.given_up_at.is_not(None))
    is_near = func.lower(Mail.to_email).in_(queries.addresses_in(known_in))
    for mail in session.scalars(select(Mail).where(named, or_(is_settled, is_near))):
        texts = (mail.subject, mail.text, mail.html, mail.calendar or "")
        if not any(pattern.search(text) for text in texts):
            continue
        if mail.sent_at is not None or mail.given_up_at is not None:
            mail.subject = mail.text = mail.html = mail.to_email = ""
            mail.calendar = None
        else:
            mail.subject, mail.text, mail.html = (pattern.sub(NO_NAME, text) for text in texts[:3])
            mail.calendar = pattern.sub(NO_NAME, mail.calendar) if mail.calendar is not None else None


def _taken_out(name: str, text: str) -> str:
    if not _words(name).search(text):
        return text
    return " ".join(_words(name).sub(" ", text).split()).strip(" ,;")


def _words(name: str) -> re.Pattern[str]:
    """Match a name as whole words, in capitals or not; a first name alone not where another's last name follows."""
    is_one_word = " " not in name and "@" not in name
    no_last_name = rf"(?![ \t]+(?-i:[{CAPITALS}]))" if is_one_word else ""
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w){no_last_name}", re.IGNORECASE)


def _empty(session: Session, person: Person) -> None:
    """Leave a row without anything of the person, and delete what the database would have deleted along."""
    for table, column in queries.columns_of_person():
        if column.nullable:
            session.execute(table.update().where(column == person.id).values({column.name: None}))
        elif table.name != "assignment":
            session.execute(table.delete().where(column == person.id))
    person.name, person.email = NO_NAME, f"{new_id()}@{NOWHERE}"
    person.title, person.password_hash, person.language = "", None, "en"
    person.is_supervisor = person.is_operator = False
    person.no_reminders_at = None
