"""What writers, supervisors and the jobs do with cases, and how someone is told "you are next"."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from supervision.audit import codes
from supervision.audit.services import record
from supervision.cases import queries
from supervision.cases.models import Case, TurnPromise, WillingTurn
from supervision.cases.rules.states import Action, CaseState, can_edit, is_authors_alone, next_state
from supervision.cases.rules.text import KINDS, TAGS, WISHES, CaseText, check, check_complete, let_stand
from supervision.cases.rules.turn import balances, next_presenter
from supervision.groups.models import Group
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.meetings import queries as meetings
from supervision.meetings.models import Meeting
from supervision.store.sealed import TextSeal

TABLE, COLUMN = "case_item", "sealed_text"
SEED_BITS = 31  # what an integer column holds on every database


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """What is said about a case besides its text: kind, wishes, tags, and whether it is urgent."""

    kind: str = "case"
    wishes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    is_urgent: bool = False


def open_text(seal: TextSeal, case: Case) -> CaseText:
    """Return the text of a case; an empty one after purging. Raises `CannotOpen` when it stands in another's row."""
    if case.sealed_text is None:
        return CaseText()
    return CaseText.from_json(seal.read(case.sealed_text, TABLE, COLUMN, case.id))


def write(
    session: Session, seal: TextSeal, actor: Actor, group: Group, *, text: CaseText, facts: CaseFacts, now: datetime
) -> Case:
    """Save a new draft, its author's alone. Codes: `looks_like_personal_number`, `text_too_long`."""
    check(text)
    case = Case(id=new_id(), group=group, author_id=actor.id, status=CaseState.DRAFT, created_at=now)
    _put(seal, case, text, facts, now)
    session.add(case)
    session.flush()
    return case


def edit(session: Session, seal: TextSeal, case: Case, *, text: CaseText, facts: CaseFacts, now: datetime) -> None:
    """Save changed answers; what has been offered stays offered, and complete.

    Codes: `looks_like_personal_number`, `text_too_long`, `case_incomplete`, `case_state` once presented.
    """
    queries.lock_case(session, case)
    if not can_edit(CaseState(case.status)):
        raise RuleBroken("case_state")
    check(text)
    if not is_authors_alone(CaseState(case.status)):
        check_complete(text)
    _put(seal, case, text, facts, now)


def offer(session: Session, seal: TextSeal, actor: Actor, case: Case, *, now: datetime) -> None:
    """Show a draft, or a case taken back, to the supervisor, and to the group from 3 days before.

    Codes: `case_state`, `case_incomplete`.
    """
    check_complete(open_text(seal, case))
    _step(session, case, "offer")
    case.offered_at = now
    record(session, actor, codes.Action.CASE_OFFERED, codes.ObjectKind.CASE, case.id, now=now)
    tell_if_near(session, case.group, now)


def withdraw(session: Session, actor: Actor, case: Case, *, now: datetime) -> None:
    """Take a case back: it is its author's alone, and can be offered anew. Code: `case_state`."""
    _step(session, case, "withdraw")
    case.meeting_id = None
    case.offered_at = None
    record(session, actor, codes.Action.CASE_WITHDRAWN, codes.ObjectKind.CASE, case.id, now=now)
    tell_if_near(session, case.group, now)


def choose(session: Session, actor: Actor, case: Case, meeting: Meeting, *, now: datetime) -> None:
    """Choose an offered case for one of the group's coming meetings. Codes: `case_state`, `case_meeting`."""
    if meeting.group_id != case.group_id or meeting.status not in {"planned", "live"}:
        raise RuleBroken("case_meeting", field="meeting_id")
    _step(session, case, "choose")
    case.meeting_id = meeting.id
    record(session, actor, codes.Action.CASE_CHOSEN, codes.ObjectKind.CASE, case.id, now=now)
    tell_if_near(session, case.group, now)


def postpone(session: Session, actor: Actor, case: Case, *, now: datetime) -> None:
    """Put a chosen case back among the offered. Code: `case_state`."""
    _step(session, case, "postpone")
    case.meeting_id = None
    record(session, actor, codes.Action.CASE_POSTPONED, codes.ObjectKind.CASE, case.id, now=now)
    tell_if_near(session, case.group, now)


def offer_anew(session: Session) -> int:
    """Put cases chosen for a cancelled meeting back among the offered; returns how many."""
    waiting = queries.chosen_for_cancelled(session)
    for case in waiting:
        case.status = next_state(CaseState(case.status), "postpone")
        case.meeting_id = None
    session.flush()
    return len(waiting)


def told(session: Session, actor: Actor, case: Case, *, now: datetime) -> None:
    """Note, as its supervisor, that a chosen case was told at a meeting held without the live round.

    Codes: `case_state`, `case_not_yet` before its meeting has begun.
    """
    if case.meeting is None or case.meeting.starts_at > now:
        raise RuleBroken("case_not_yet")
    mark_presented(session, case, now)
    record(session, actor, codes.Action.CASE_PRESENTED, codes.ObjectKind.CASE, case.id, now=now)


def mark_presented(session: Session, case: Case, now: datetime) -> None:
    """Note that a chosen case has been told at its meeting; from then on nobody changes it. Code: `case_state`."""
    _step(session, case, "present")
    case.presented_at = now


def settle_turns(
    session: Session, actor: Actor, meeting: Meeting, presenters: Sequence[uuid.UUID], *, now: datetime
) -> None:
    """Note who told at a meeting that is over: `presenters` has someone twice who told twice.

    Each pays a turn with the case chosen for the meeting, else with the only one they have offered, else with a turn
    that has no written case. Chosen cases that were not reached go back among the offered.
    """
    waiting = list(queries.cases_to_tell(session, meeting))
    for person_id in presenters:
        own = [case for case in waiting if case.author_id == person_id]
        chosen = [case for case in own if case.status == CaseState.CHOSEN]
        case = chosen[0] if chosen else own[0] if len(own) == 1 else None
        if case is None:
            session.add(_unwritten(meeting, person_id, now))
            continue
        waiting.remove(case)
        if case.status == CaseState.OFFERED:
            case.status, case.meeting_id = next_state(CaseState.OFFERED, "choose"), meeting.id
            session.flush()
        mark_presented(session, case, now)
    for case in waiting:
        if case.status == CaseState.CHOSEN:
            postpone(session, actor, case, now=now)
    session.flush()


def _unwritten(meeting: Meeting, person_id: uuid.UUID, now: datetime) -> Case:
    """Return what stays of a turn without a written case: date and who held it; never offered, so without a text."""
    return Case(
        id=new_id(),
        group_id=meeting.group_id,
        author_id=person_id,
        kind=KINDS[0],
        status=CaseState.PURGED,
        meeting_id=meeting.id,
        created_at=now,
        changed_at=now,
        presented_at=now,
    )


def purge(session: Session, case: Case) -> None:
    """Delete a case's words; date, kind, tags and who held the turn stay (PRODUCT: cases and dilemmas)."""
    case.status = next_state(CaseState(case.status), "purge")
    case.sealed_text = None
    case.wishes = []
    session.flush()


def tell_next(session: Session, group: Group, meeting: Meeting, now: datetime) -> TurnPromise | None:
    """Tell someone "you are next" for a meeting, with the reason and the seed of the draw; None when nobody can be.

    Whoever has been told stays next while they are coming and have a case to tell; otherwise the promise lapses and
    the next one is told.
    """
    queries.lock_meeting(session, meeting)
    history = queries.turn_history(session, group.id, group.zone)
    coming = queries.candidates(session, meeting, history, group.zone)
    promise = queries.promise_for(session, meeting.id)
    if promise is not None:
        if any(candidate.person_id == promise.person_id for candidate in coming):
            return promise
        session.delete(promise)
        session.flush()
    seed = secrets.randbits(SEED_BITS)
    turn = next_presenter(
        coming,
        balances([held for _on, held in history]),
        seed=seed,
        promised_id=queries.promise_kept_over(session, meeting),
    )
    if turn is None:
        return None
    promise = TurnPromise(
        meeting_id=meeting.id, person_id=turn.person_id, reason=turn.reason_code, seed=seed, told_at=now
    )
    session.add(promise)
    session.flush()
    return promise


def tell_if_near(session: Session, group: Group, now: datetime) -> TurnPromise | None:
    """Tell who is next for the coming meeting once the group reads its cases, 3 days before; sooner nobody is told.

    So those who write late have the same chance as those who write early.
    """
    meeting = meetings.next_meeting(session, group.id, now)
    if meeting is None or meeting.status != "planned" or not queries.is_told_by(meeting, group, now):
        return None
    session.flush()
    return tell_next(session, group, meeting, now)


def step_back(session: Session, actor: Actor, group: Group, *, now: datetime) -> None:
    """Let someone who was told "you are next" wait; costs nothing, and the next one is told. Code: `not_your_turn`."""
    meeting = meetings.next_meeting(session, group.id, now)
    promise = queries.promise_for(session, meeting.id) if meeting is not None else None
    if meeting is None or promise is None or promise.person_id != actor.person_id:
        raise RuleBroken("not_your_turn")
    promise.stepped_back_at = now
    willing = queries.find_willing(session, meeting.id, actor.id)
    if willing is not None:
        session.delete(willing)
    session.flush()
    tell_next(session, group, meeting, now)


def say_willing(session: Session, actor: Actor, group: Group, *, now: datetime) -> None:
    """Say "I can take a turn" at the next meeting, without a written case. Code: `turn_closed` when none is planned.

    Whoever had stepped back from this meeting can be told anew.
    """
    meeting = _meeting_to_tell_at(session, group, now)
    if not queries.is_willing(session, meeting.id, actor.id):
        session.add(WillingTurn(meeting_id=meeting.id, person_id=actor.id, said_at=now))
    promise = queries.own_promise(session, meeting.id, actor.id)
    if promise is not None and promise.stepped_back_at is not None:
        session.delete(promise)
    session.flush()
    tell_if_near(session, group, now)


def take_back_willing(session: Session, actor: Actor, group: Group, *, now: datetime) -> None:
    """Take "I can take a turn" back; costs nothing. Code: `turn_closed` when no meeting is planned."""
    meeting = _meeting_to_tell_at(session, group, now)
    willing = queries.find_willing(session, meeting.id, actor.id)
    if willing is not None:
        session.delete(willing)
        session.flush()
        tell_if_near(session, group, now)


def _meeting_to_tell_at(session: Session, group: Group, now: datetime) -> Meeting:
    meeting = meetings.next_meeting(session, group.id, now)
    if meeting is None or meeting.status != "planned" or meeting.starts_at <= now:
        raise RuleBroken("turn_closed")
    queries.lock_meeting(session, meeting)
    return meeting


def _step(session: Session, case: Case, action: Action) -> None:
    queries.lock_case(session, case)
    case.status = next_state(CaseState(case.status), action)


def _put(seal: TextSeal, case: Case, text: CaseText, facts: CaseFacts, now: datetime) -> None:
    case.kind = facts.kind if facts.kind in KINDS else KINDS[0]
    case.wishes = _known(facts.wishes, WISHES)
    case.tags = _known(facts.tags, TAGS)
    case.is_urgent = facts.is_urgent
    case.sealed_text = seal.seal(let_stand(text).as_json(), TABLE, COLUMN, case.id)
    case.changed_at = now


def _known(chosen: Sequence[str], known: Sequence[str]) -> list[str]:
    return [one for one in known if one in chosen]
