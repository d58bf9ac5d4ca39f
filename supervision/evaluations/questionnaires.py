"""An assignment's own version of the questionnaire, before an evaluation freezes it (PRODUCT: yearly evaluation).

Each change is a new version; numbers go on from the standard's. A reworded statement is another statement: it gets a
key of its own, so that its bands never stand in the row of the words that were asked before.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.cases.rules.deidentify import check_text
from supervision.evaluations import rules
from supervision.evaluations.models import QuestionnaireVersion
from supervision.evaluations.queries import lock_assignment, open_campaign_of
from supervision.evaluations.questionnaire import LANGUAGES, Questionnaire, Statement, from_data, standard
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import new_id
from supervision.orgs.models import Assignment

OWN_MOST = 5  # our choice: answered within three minutes also with them
TEXT_MOST = 160  # characters; our choice: one sentence, one thing
OWN_AREA = "own"
OWN, REWORDED = "own-", "~"


@dataclass(frozen=True, slots=True)
class Line:
    """A statement as its editor sees it: its place is its key; `is_own` was added, `is_reworded` differs from ours."""

    statement: Statement
    is_own: bool
    is_reworded: bool


def current(session: Session, assignment_id: uuid.UUID) -> Questionnaire:
    """Return what the assignment's next evaluation asks: its newest own version, or the standard."""
    row = session.scalar(_versions(assignment_id).limit(1))
    return from_data(row.content) if row else standard()


def floor_of(session: Session, assignment_id: uuid.UUID) -> int:
    """Return how many answers a cell of the assignment's next evaluation must have; never under five (PRIVACY R9)."""
    newest = _versions(assignment_id).with_only_columns(QuestionnaireVersion.floor).limit(1)
    return rules.effective_floor(session.scalar(newest))


def set_floor(
    session: Session, actor: Actor, assignment: Assignment, floor: int, seen: int, now: datetime
) -> Questionnaire:
    """Choose how many answers a cell of the next evaluation must have, five or more, before it opens.

    Raises `floor_too_low`, `questionnaire_changed`, `questionnaire_frozen`.
    """
    rules.check_floor(floor)
    asked = _editable(session, assignment, seen)
    return _save(session, actor, assignment, asked, asked.statements, now, floor)


def lines(asked: Questionnaire) -> tuple[Line, ...]:
    """Return the statements of a questionnaire with where each comes from."""
    return tuple(Line(one, is_own=one.key.startswith(OWN), is_reworded=REWORDED in one.key) for one in asked.statements)


def statement_of(asked: Questionnaire, key: str) -> Statement | None:
    """Return a statement by its key."""
    return next((one for one in asked.statements if one.key == key), None)


def put(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    key: str | None,
    texts: Mapping[str, str],
    seen: int,
    now: datetime,
) -> Questionnaire:
    """Reword a statement, or add one (`key` None). A language without words is asked in those of another.

    Raises `looks_like_personal_number`, `questionnaire_changed`, `questionnaire_frozen`, `too_many_statements`.
    """
    check_text(**texts)
    asked = _editable(session, assignment, seen)
    whole = filled(texts)
    found = list(asked.statements)
    if key is None:
        if sum(one.key.startswith(OWN) for one in found) >= OWN_MOST:
            raise RuleBroken("too_many_statements", most=OWN_MOST)
        found.append(Statement(f"{OWN}{new_id().hex[:8]}", OWN_AREA, whole))
    else:
        place = _place(found, key)
        found[place] = Statement(_key(found[place], whole, asked.version + 1), found[place].area, whole)
    return _save(session, actor, assignment, asked, found, now)


def remove(session: Session, actor: Actor, assignment: Assignment, key: str, seen: int, now: datetime) -> Questionnaire:
    """Remove a statement one has added, or take ours back in place of a reworded one.

    Raises `questionnaire_changed`, `questionnaire_frozen`.
    """
    asked = _editable(session, assignment, seen)
    found = list(asked.statements)
    place = _place(found, key)
    ours = statement_of(standard(), _base(key))
    found[place : place + 1] = [ours] if ours else []
    return _save(session, actor, assignment, asked, found, now)


def filled(texts: Mapping[str, str]) -> dict[str, str]:
    """Return a text for every language; one without words has those of the first that has."""
    given = {language: texts.get(language, "").strip() for language in LANGUAGES}
    spare = next((text for text in given.values() if text), "")
    return {language: text or spare for language, text in given.items()}


def _key(before: Statement, texts: Mapping[str, str], version: int) -> str:
    if dict(before.text) == dict(texts):
        return before.key
    if before.key.startswith(OWN):
        return f"{OWN}{new_id().hex[:8]}"
    ours = statement_of(standard(), _base(before.key))
    return ours.key if ours and dict(ours.text) == dict(texts) else f"{_base(before.key)}{REWORDED}{version}"


def _base(key: str) -> str:
    return key.partition(REWORDED)[0]


def _place(found: Sequence[Statement], key: str) -> int:
    places = [place for place, one in enumerate(found) if one.key == key]
    if not places:
        raise RuleBroken("questionnaire_changed")
    return places[0]


def _editable(session: Session, assignment: Assignment, seen: int) -> Questionnaire:
    """Return the newest version, held until the transaction ends, if it is the one seen and nothing is open."""
    lock_assignment(session, assignment.id)
    if open_campaign_of(session, assignment.id) is not None:
        raise RuleBroken("questionnaire_frozen")
    asked = current(session, assignment.id)
    if asked.version != seen:
        raise RuleBroken("questionnaire_changed")
    return asked


def _save(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    asked: Questionnaire,
    found: Sequence[Statement],
    now: datetime,
    floor: int | None = None,
) -> Questionnaire:
    made = replace(asked, version=asked.version + 1, statements=tuple(found))
    session.add(
        QuestionnaireVersion(
            assignment_id=assignment.id,
            version=made.version,
            content=made.as_data(),
            floor=floor or floor_of(session, assignment.id),
            written_at=now,
        )
    )
    session.flush()
    record(session, actor, Action.QUESTIONNAIRE_CHANGED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return made


def _versions(assignment_id: uuid.UUID) -> Select[tuple[QuestionnaireVersion]]:
    return (
        select(QuestionnaireVersion)
        .where(QuestionnaireVersion.assignment_id == assignment_id)
        .order_by(QuestionnaireVersion.version.desc())
    )
