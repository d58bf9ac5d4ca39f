"""What happens to an evaluation: planned, opened, answered, closed. The rules of PRIVACY: evaluations, flow 1-6.

The content of an `EvaluationRelease`, in which managers, supervisor and groups read:

    {"release": Release.as_data(), "groups": {group id: name}, "questionnaire": Questionnaire.as_data(),
     "closed_on": "2026-12-08"}
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.evaluations import box, queries, questionnaire, questionnaires, rules, wiping
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.evaluations.sealing import KeyRing, seal, unseal
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.kernel.walltime import local_day
from supervision.orgs.models import Assignment
from supervision.people.models import Person

Closed = Literal["released", "destroyed", "void"]
MOST_YEARS = 60  # our choice: no assignment lives longer


def plan_campaign(session: Session, assignment: Assignment, first_meeting_on: date, now: datetime) -> Campaign | None:
    """Plan the assignment's next coming yearly evaluation; returns it, or None when there is nothing to plan.

    The anniversaries are those of `first_meeting_on`. One that has closed already is not made up for; one that stands,
    or lies less than 180 days from another (R6), is not planned again.
    """
    zone = assignment.organisation.zone
    queries.lock_assignment(session, assignment.id)
    coming = (rules.campaign_window(rules.anniversary(first_meeting_on, years), zone) for years in range(1, MOST_YEARS))
    window = next((one for one in coming if one.closes_at > now), None)
    if window is None:
        return None
    try:
        _check_apart(session, assignment, local_day(window.opens_at, zone))
    except RuleBroken:
        return None
    return _add(session, assignment, window, now)


def open_now(
    session: Session, actor: Actor, assignment: Assignment, keys: KeyRing, now: datetime, closes_on: date | None = None
) -> tuple[Campaign, Sequence[Person]]:
    """Open one more evaluation today, at least 180 days from the assignment's others; the supervisor's choice.

    It closes at 20:00 on `closes_on`, or after 21 days. Returns it and whom to write to.
    Raises `closing_out_of_range`, `evaluations_too_close`, `no_roster`.
    """
    zone = assignment.organisation.zone
    opens_on = local_day(now, zone)
    rules.check_closing(opens_on, closes_on or rules.closing_day(opens_on))
    queries.lock_assignment(session, assignment.id)
    _check_apart(session, assignment, opens_on)
    window = rules.Window(now, rules.window_from(opens_on, zone, closes_on).closes_at)
    campaign = _add(session, assignment, window, now)
    people = open_campaign(session, campaign, keys, now)
    if not people:
        raise RuleBroken("no_roster")
    record(session, actor, Action.EVALUATION_OPENED, ObjectKind.ASSIGNMENT, assignment.id, now=now)
    return campaign, people


def extend(
    session: Session, actor: Actor, campaign: Campaign, closes_on: date, now: datetime
) -> tuple[Campaign, Sequence[Person]]:
    """Put an open evaluation's closing off to 20:00 on a later day, for all. Returns it and whom to write to.

    Raises `evaluation_closed`, `extension_not_later`, `closing_out_of_range`.
    """
    held = queries.lock_campaign(session, campaign.id)
    if held is None or held.status != "open":
        raise RuleBroken("evaluation_closed")
    zone = held.assignment.organisation.zone
    opened_on = local_day(held.opens_at, zone)
    closes_at = rules.window_from(opened_on, zone, closes_on).closes_at
    rules.check_extension(held.closes_at, closes_at, now)
    rules.check_closing(opened_on, closes_on)
    held.closes_at = closes_at
    record(session, actor, Action.EVALUATION_EXTENDED, ObjectKind.ASSIGNMENT, held.assignment_id, now=now)
    session.flush()
    return held, queries.people_of(session, held.id)


def remind(session: Session, campaign: Campaign, now: datetime) -> Sequence[Person]:
    """Note the one reminder of a campaign when it is due; returns whom to write to: the whole roster, or nobody.

    Who has answered is not asked, and an extension brings no second one.
    """
    held = queries.lock_campaign(session, campaign.id)
    if held is None or held.status != "open" or held.reminded_at or now >= held.closes_at:
        return ()
    if now < rules.remind_at(held.closes_at, held.assignment.organisation.zone):
        return ()
    held.reminded_at = now
    session.flush()
    return queries.people_of(session, held.id)


def _check_apart(session: Session, assignment: Assignment, opens_on: date) -> None:
    zone = assignment.organisation.zone
    rules.check_apart(opens_on, [local_day(one.opens_at, zone) for one in queries.campaigns_of(session, assignment.id)])


def _add(session: Session, assignment: Assignment, window: rules.Window, now: datetime) -> Campaign:
    campaign = Campaign(
        assignment=assignment, opens_at=window.opens_at, closes_at=window.closes_at, floor=rules.FLOOR, created_at=now
    )
    session.add(campaign)
    session.flush()
    return campaign


def open_campaign(session: Session, campaign: Campaign, keys: KeyRing, now: datetime) -> Sequence[Person]:
    """Open a planned campaign: freeze roster, questions and floor, make the key pair. Returns whom to write to.

    Nothing happens before its hour, after its end, when it is open already, or while no running group has members.
    """
    if campaign.status != "planned" or not campaign.opens_at <= now < campaign.closes_at:
        return ()
    seats = {seat.person_id: seat for seat in queries.roster(session, campaign.assignment_id)}
    if not seats:
        return ()
    campaign.questionnaire = questionnaires.current(session, campaign.assignment_id).as_data()
    campaign.floor = questionnaires.floor_of(session, campaign.assignment_id)
    campaign.public_key = keys.make(campaign.id)
    campaign.status = "open"
    session.flush()
    box.fill(session, campaign.id, [(person_id, seat.group_id) for person_id, seat in seats.items()])
    return [seat.person for seat in seats.values()]


def questions_of(campaign: Campaign) -> questionnaire.Questionnaire:
    """Return the questions as they were frozen when the campaign opened."""
    return questionnaire.from_data(campaign.questionnaire) if campaign.questionnaire else questionnaire.standard()


def submit(
    session: Session, actor: Actor, campaign: Campaign, answers: Mapping[str, int | None], now: datetime
) -> None:
    """Take one person's answers: a tick in the register and a sealed ballot that nothing joins to it.

    Then every row of the campaign is written anew in random order, so that neither place nor transaction tells which
    ballot came now. No audit, no mail, no log (PRIVACY: evaluations, flow 3 and 6).
    Raises `evaluation_closed`, `already_answered`, `not_in_roster`.
    """
    held = queries.lock_campaign(session, campaign.id)
    if held is None or held.status != "open" or not held.public_key or now >= held.closes_at:
        raise RuleBroken("evaluation_closed")
    own = queries.entry_of(session, held.id, actor.id)
    if own is None:
        raise RuleBroken("not_in_roster")
    if own.done:
        raise RuleBroken("already_answered")
    given = {key: answers.get(key) for key in questions_of(held).keys}
    box.put(session, held.id, actor.id, own.group_id, seal(held.public_key, given, held.padded_bytes))
    wiping.cut_after(session)


@dataclass(frozen=True, slots=True)
class _Opened:
    """What a closing campaign held, by group of the frozen roster."""

    ballots: dict[str, list[dict[str, object]]]
    names: dict[str, str]


def close_campaign(session: Session, campaign: Campaign, keys: KeyRing, now: datetime) -> Closed | None:
    """Close a campaign at its announced hour, never earlier: release what may be seen and delete all else.

    Everything in the caller's one transaction; the key is destroyed after it (`tasks`). Returns how it ended, or None
    when it was not to be closed now; a second call changes nothing. A lost key makes the campaign void.
    """
    held = queries.lock_campaign(session, campaign.id)
    if held is None or held.status != "open" or now < held.closes_at:
        return None
    opened = _open_ballots(session, held, keys)
    box.empty(session, held.id)
    held.public_key = None
    if opened is None:
        held.status = "void"
        session.flush()
        return "void"
    questions = questions_of(held)
    released = rules.release(opened.ballots, questions.keys, held.floor)
    held.status = "destroyed" if released.is_destroyed else "released"
    session.add(
        EvaluationRelease(
            campaign_id=held.id,
            released_at=held.closes_at,
            content={
                "release": released.as_data(),
                "groups": opened.names,
                "questionnaire": questions.as_data(),
                "closed_on": local_day(held.closes_at, held.assignment.organisation.zone).isoformat(),
            },
        )
    )
    session.flush()
    return "destroyed" if released.is_destroyed else "released"


def void_if_lost(session: Session, campaign: Campaign, keys: KeyRing) -> bool:
    """Make an open campaign void whose key is lost, before its closing hour: nobody could ever open an answer.

    For a database that was restored; register and ballots go. Returns whether it was so.
    """
    held = queries.lock_campaign(session, campaign.id)
    if held is None or held.status != "open":
        return False
    key = keys.read(held.id)
    if key is not None and bytes(key.public_key) == held.public_key:
        return False
    box.empty(session, held.id)
    held.public_key, held.status = None, "void"
    session.flush()
    return True


def _open_ballots(session: Session, campaign: Campaign, keys: KeyRing) -> _Opened | None:
    """Return the ballots opened in memory, or None when their key is lost."""
    key = keys.read(campaign.id)
    if key is None or bytes(key.public_key) != campaign.public_key:
        return None
    groups = {entry["group_id"] for entry in queries.register_of(session, campaign.id)}
    ballots = queries.ballots_of(session, campaign.id)
    groups |= {ballot["group_id"] for ballot in ballots}
    by_group: dict[str, list[dict[str, object]]] = {str(group_id): [] for group_id in groups}
    for ballot in ballots:
        by_group[str(ballot["group_id"])].append(unseal(key, ballot["sealed"]) or {})
    return _Opened(by_group, queries.group_names(session, sorted(groups)))
