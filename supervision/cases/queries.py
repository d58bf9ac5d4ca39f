"""Every SELECT about cases and turns."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any

from sqlalchemy import Select, and_, exists, or_, select
from sqlalchemy.orm import Session, contains_eager, joinedload

from supervision.cases.models import Case, TurnPromise, WillingTurn
from supervision.cases.policy import is_reader
from supervision.cases.rules.states import PURGE_DAYS, UNTOLD_DAYS, CaseState, group_reads_on, purge_on, readers
from supervision.cases.rules.turn import Candidate, HeldMeeting, balances
from supervision.groups import queries as groups
from supervision.groups.models import Group, Membership
from supervision.groups.policy import may_run_group, may_see_group
from supervision.kernel.actor import Actor
from supervision.kernel.walltime import local_day
from supervision.meetings import queries as meetings
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.orgs.models import Assignment
from supervision.people.models import Person

COMING_MOST = 12  # half a year of meetings to choose among


def get_group(session: Session, actor: Actor, group_id: uuid.UUID) -> Group | None:
    """Return a group to its members and its supervisor; managers know the group, but not of its cases."""
    group = groups.get_group(session, actor, group_id)
    return group if group is not None and may_see_group(actor, group) else None


def get_case(session: Session, actor: Actor, case_id: uuid.UUID, now: datetime) -> Case | None:
    """Return a case this actor may read at `now`, with its group, author and meeting."""
    case = session.scalar(_cases().where(Case.id == case_id))
    if case is None:
        return None
    return case if _reads(actor, case, meetings.next_meeting(session, case.group_id, now), now) else None


def cases_of_group(session: Session, actor: Actor, group: Group, now: datetime) -> Sequence[Case]:
    """Return the cases of a group this actor may read at `now`, newest first: two queries."""
    coming = meetings.next_meeting(session, group.id, now)
    found = session.scalars(_cases().where(Case.group_id == group.id).order_by(*_newest_first())).all()
    return [case for case in found if _reads(actor, case, coming, now)]


def own_cases(session: Session, actor: Actor) -> Sequence[Case]:
    """Return what an actor has written in the groups they have a seat in, newest first; purged ones without text."""
    return session.scalars(
        _cases().where(Case.author_id == actor.person_id, Case.group_id.in_(actor.member_of)).order_by(*_newest_first())
    ).all()


def groups_to_write_in(session: Session, actor: Actor) -> Sequence[Group]:
    """Return the groups an actor may write a case for, by name."""
    return session.scalars(
        select(Group).where(Group.id.in_(actor.member_of), Group.status != "ended").order_by(Group.name)
    ).all()


def lock_case(session: Session, case: Case) -> None:
    """Read a case's columns anew and keep others from changing it until the transaction ends."""
    session.flush()
    session.refresh(case, ["status", "meeting_id", "sealed_text"], with_for_update=True)


def coming_meetings(session: Session, group_id: uuid.UUID, now: datetime) -> Sequence[Meeting]:
    """Return the group's coming meetings in their order, half a year at most."""
    return session.scalars(
        select(Meeting)
        .where(Meeting.group_id == group_id, Meeting.status.in_(("planned", "live")), Meeting.ends_at > now)
        .order_by(Meeting.starts_at, Meeting.id)
        .limit(COMING_MOST)
    ).all()


def due_for_purge(session: Session, now: datetime) -> Sequence[uuid.UUID]:
    """Return ids of cases whose text is to be purged: their meeting was held `PURGE_DAYS` local days ago or more.

    A chosen case counts with its meeting even if nobody noted that it was presented. What was never told goes too:
    see `_never_told`.
    """
    rows = session.execute(
        select(Case.id, Meeting.starts_at, Group.zone)
        .join(Meeting, Meeting.id == Case.meeting_id)
        .join(Group, Group.id == Case.group_id)
        .where(
            or_(
                Case.status == CaseState.PRESENTED,
                and_(Case.status == CaseState.CHOSEN, Meeting.status != "cancelled"),
            ),
            Meeting.starts_at <= now - timedelta(days=PURGE_DAYS - 1),
        )
    )
    told = [
        case_id for case_id, starts_at, zone in rows if purge_on(local_day(starts_at, zone)) <= local_day(now, zone)
    ]
    return list(dict.fromkeys([*told, *session.scalars(_never_told(now))]))


def _never_told(now: datetime) -> Select[tuple[uuid.UUID]]:
    """Select cases with a text that nobody is going to tell: unchanged for 12 months, or their author or group gone.

    Author and group for `PURGE_DAYS` days, as after a meeting.
    """
    gone_before = now - timedelta(days=PURGE_DAYS)
    seat = exists().where(Membership.group_id == Case.group_id, Membership.person_id == Case.author_id)
    in_reach = seat.where(or_(Membership.left_at.is_(None), Membership.left_at >= gone_before))
    return (
        select(Case.id)
        .join(Group, Group.id == Case.group_id)
        .where(
            Case.sealed_text.is_not(None),
            or_(
                Case.changed_at < now - timedelta(days=UNTOLD_DAYS),
                Group.ended_at < gone_before,
                and_(seat, ~in_reach),
            ),
        )
    )


def chosen_for_cancelled(session: Session) -> Sequence[Case]:
    """Return the cases chosen for a meeting that was cancelled, with their groups, locked."""
    return session.scalars(
        select(Case)
        .join(Meeting, Meeting.id == Case.meeting_id)
        .where(Case.status == CaseState.CHOSEN, Meeting.status == "cancelled")
        .with_for_update(of=Case)
    ).all()


def find_case(session: Session, case_id: uuid.UUID) -> Case | None:
    """Return a case for a job, which asks no policy, locked until the transaction ends."""
    return session.scalar(select(Case).where(Case.id == case_id).with_for_update())


def promise_for(session: Session, meeting_id: uuid.UUID) -> TurnPromise | None:
    """Return who has been told "you are next" for a meeting and has not stepped back."""
    return session.scalar(
        select(TurnPromise)
        .where(TurnPromise.meeting_id == meeting_id, TurnPromise.stepped_back_at.is_(None))
        .order_by(TurnPromise.told_at.desc(), TurnPromise.id)
        .limit(1)
    )


def promise_kept_over(session: Session, meeting: Meeting) -> uuid.UUID | None:
    """Return who was told for the meeting before this one and still waits through no choice of theirs.

    The meeting was cancelled, or it was held, they were there, and their turn did not come.
    """
    before = session.execute(
        select(TurnPromise.person_id, Meeting.id, Meeting.status)
        .join(Meeting, Meeting.id == TurnPromise.meeting_id)
        .where(
            Meeting.group_id == meeting.group_id,
            Meeting.starts_at < meeting.starts_at,
            TurnPromise.stepped_back_at.is_(None),
        )
        .order_by(Meeting.starts_at.desc(), TurnPromise.told_at.desc())
        .limit(1)
    ).first()
    if before is None:
        return None
    person_id: uuid.UUID = before[0]
    meeting_id, status = before[1:]
    if status == "cancelled":
        return person_id
    was_there = exists().where(
        Attendance.meeting_id == meeting_id, Attendance.person_id == person_id, Attendance.kind != "absent"
    )
    has_told = exists().where(
        Case.meeting_id == meeting_id, Case.author_id == person_id, Case.presented_at.is_not(None)
    )
    waits = status == "held" and session.scalar(select(was_there & ~has_told))
    return person_id if waits else None


def turn_history(session: Session, group_id: uuid.UUID, zone: str) -> list[tuple[date, HeldMeeting[uuid.UUID]]]:
    """Return the group's held meetings in their order, each with its local day: three queries.

    The slots of a meeting are those that someone took.
    """
    told: dict[uuid.UUID | None, tuple[uuid.UUID, ...]] = {}
    for meeting_id, person_id in session.execute(
        select(Case.meeting_id, Case.author_id).where(Case.group_id == group_id, Case.presented_at.is_not(None))
    ):
        told[meeting_id] = (*told.get(meeting_id, ()), person_id)
    history = []
    for held in meetings.held_history(session, group_id):
        presenters = told.get(held.meeting_id, ())
        there = held.attendees | set(presenters)
        history.append((local_day(held.starts_at, zone), HeldMeeting(there, presenters, len(presenters))))
    return history


def candidates(
    session: Session, meeting: Meeting, history: Sequence[tuple[date, HeldMeeting[uuid.UUID]]], zone: str
) -> list[Candidate[uuid.UUID]]:
    """Return the members who are coming to a meeting and have an offered case, one chosen for it, or said "I can".

    Those who said "I want to wait" for this meeting are left out.
    """
    not_coming = select(Answer.person_id).where(Answer.meeting_id == meeting.id, Answer.is_coming.is_(False))
    waits = select(TurnPromise.person_id).where(
        TurnPromise.meeting_id == meeting.id, TurnPromise.stepped_back_at.is_not(None)
    )
    is_open = or_(
        Case.status == CaseState.OFFERED, and_(Case.status == CaseState.CHOSEN, Case.meeting_id == meeting.id)
    )
    said_so = select(WillingTurn.person_id).where(WillingTurn.meeting_id == meeting.id)
    rows = session.execute(
        select(Membership.person_id, Membership.joined_at, Case.is_urgent)
        .outerjoin(Case, and_(Case.group_id == Membership.group_id, Case.author_id == Membership.person_id, is_open))
        .where(
            Membership.group_id == meeting.group_id,
            Membership.left_at.is_(None),
            Membership.person_id.not_in(not_coming),
            Membership.person_id.not_in(waits),
            or_(Case.id.is_not(None), Membership.person_id.in_(said_so)),
        )
    ).all()
    last_told_on = {person_id: on for on, held in history for person_id in held.presenters}
    urgent = {person_id for person_id, _joined_at, is_urgent in rows if is_urgent}
    since = {person_id: last_told_on.get(person_id, local_day(joined_at, zone)) for person_id, joined_at, _u in rows}
    return [Candidate(person_id, on, person_id in urgent) for person_id, on in since.items()]


def whose_turn(session: Session, actor: Actor, group: Group, now: datetime) -> dict[str, Any] | None:
    """Return what a group's page says about the turn, for this actor; None when no meeting is planned.

    `meeting`, `told_on` (the local day from which someone is told), `is_near` (that day has come), `name` and `reason`
    of the one who was told (None before that), `is_mine`, and the member's own `balance` in turns; never anyone
    else's (PRODUCT: whose turn). `can_say` and `is_willing` are about the member's own "I can take a turn", which
    nobody is asked who has said that they can't come; `is_counted` is who can be next already. `willing` are the names
    of those who said so, for the supervisor alone.
    """
    meeting = meetings.next_meeting(session, group.id, now)
    return whose_turn_at(session, actor, group, meeting, now) if meeting is not None else None


def whose_turn_at(session: Session, actor: Actor, group: Group, meeting: Meeting, now: datetime) -> dict[str, Any]:
    """Return what `whose_turn` says, about one meeting that is planned or runs."""
    told = session.execute(
        select(TurnPromise.person_id, TurnPromise.reason, Person.name)
        .join(Person, Person.id == TurnPromise.person_id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            TurnPromise.meeting_id == meeting.id,
            TurnPromise.stepped_back_at.is_(None),
            Membership.group_id == group.id,
            Membership.left_at.is_(None),
            TurnPromise.person_id.not_in(
                select(Answer.person_id).where(Answer.meeting_id == meeting.id, Answer.is_coming.is_(False))
            ),
        )
        .order_by(TurnPromise.told_at.desc())
        .limit(1)
    ).first()
    own: Fraction | None = None
    is_counted = is_away = False
    if group.id in actor.member_of:
        history = turn_history(session, group.id, group.zone)
        own = balances([held for _on, held in history]).get(actor.id, Fraction(0))
        is_counted = any(one.person_id == actor.id for one in candidates(session, meeting, history, group.zone))
        says_no = exists().where(
            Answer.meeting_id == meeting.id, Answer.person_id == actor.id, Answer.is_coming.is_(False)
        )
        is_away = bool(session.scalar(select(says_no)))
    return {
        "group": group,
        "meeting": meeting,
        "is_near": is_told_by(meeting, group, now),
        "told_on": group_reads_on(local_day(meeting.starts_at, group.zone)),
        "name": told.name if told else None,
        "reason": told.reason if told else None,
        "is_mine": told is not None and told.person_id == actor.person_id,
        "balance": None if own is None else float(own),
        "can_say": own is not None and not is_away and meeting.status == "planned" and meeting.starts_at > now,
        "is_counted": is_counted,
        "is_willing": own is not None and is_willing(session, meeting.id, actor.id),
        "willing": willing_names(session, meeting) if may_run_group(actor, group) else (),
    }


def find_willing(session: Session, meeting_id: uuid.UUID, person_id: uuid.UUID) -> WillingTurn | None:
    """Return someone's "I can take a turn" for a meeting."""
    return session.scalar(
        select(WillingTurn).where(WillingTurn.meeting_id == meeting_id, WillingTurn.person_id == person_id)
    )


def is_willing(session: Session, meeting_id: uuid.UUID, person_id: uuid.UUID) -> bool:
    """Return whether someone has said "I can take a turn" for a meeting."""
    return find_willing(session, meeting_id, person_id) is not None


def willing_names(session: Session, meeting: Meeting) -> Sequence[str]:
    """Return who of the group has said "I can take a turn" for a meeting, in the order of places."""
    return session.scalars(
        select(Person.name)
        .join(WillingTurn, WillingTurn.person_id == Person.id)
        .join(Membership, Membership.person_id == Person.id)
        .where(
            WillingTurn.meeting_id == meeting.id,
            Membership.group_id == meeting.group_id,
            Membership.left_at.is_(None),
        )
        .order_by(Membership.place_no, Membership.joined_at)
    ).all()


def own_promise(session: Session, meeting_id: uuid.UUID, person_id: uuid.UUID) -> TurnPromise | None:
    """Return what someone was told for a meeting, also when they stepped back from it."""
    return session.scalar(
        select(TurnPromise).where(TurnPromise.meeting_id == meeting_id, TurnPromise.person_id == person_id)
    )


def cases_to_tell(session: Session, meeting: Meeting) -> Sequence[Case]:
    """Return the cases chosen for a meeting, then those offered in its group, in the order they were offered; locked.

    A session that has read them before reads their status anew.
    """
    return session.scalars(
        select(Case)
        .where(
            Case.group_id == meeting.group_id,
            or_(and_(Case.meeting_id == meeting.id, Case.status == CaseState.CHOSEN), Case.status == CaseState.OFFERED),
        )
        .order_by(Case.status, Case.offered_at, Case.id)
        .options(joinedload(Case.group))
        .with_for_update(of=Case)
        .execution_options(populate_existing=True)
    ).all()


def meetings_to_tell(session: Session, now: datetime) -> Sequence[Meeting]:
    """Return the planned meetings so near that someone is told "you are next", with their groups, soonest first."""
    found = session.scalars(
        select(Meeting)
        .join(Meeting.group)
        .options(contains_eager(Meeting.group))
        .where(Meeting.status == "planned", Meeting.starts_at > now, Meeting.starts_at < now + timedelta(days=5))
        .order_by(Meeting.starts_at, Meeting.id)
    ).all()
    return [meeting for meeting in found if is_told_by(meeting, meeting.group, now)]


def is_told_by(meeting: Meeting, group: Group, now: datetime) -> bool:
    """Return whether the day has come on which the group reads offered cases and someone is told they are next."""
    return group_reads_on(local_day(meeting.starts_at, group.zone)) <= local_day(now, group.zone)


def lock_meeting(session: Session, meeting: Meeting) -> None:
    """Keep others from telling someone for this meeting until the transaction ends."""
    session.refresh(meeting, ["status"], with_for_update=True)


def _reads(actor: Actor, case: Case, coming: Meeting | None, now: datetime) -> bool:
    zone = case.group.zone
    meets_on = local_day(coming.starts_at, zone) if coming is not None else None
    return is_reader(actor, case, readers(CaseState(case.status), meets_on, local_day(now, zone)))


def _cases() -> Select[tuple[Case]]:
    """Return the SELECT of cases; one not yet presented is nobody's once its author has left the group."""
    has_seat = exists().where(
        Membership.group_id == Case.group_id, Membership.person_id == Case.author_id, Membership.left_at.is_(None)
    )
    return (
        select(Case)
        .where(or_(Case.presented_at.is_not(None), has_seat))
        .options(
            joinedload(Case.group).joinedload(Group.assignment).joinedload(Assignment.organisation),
            joinedload(Case.author),
            joinedload(Case.meeting),
        )
    )


def _newest_first() -> tuple[Any, ...]:
    return (Case.created_at.desc(), Case.id)
