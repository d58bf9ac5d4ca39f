"""Makes a proposal real: groups with their dates, and an offer to each person; nobody is seated by it."""

import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.services import record
from supervision.formation import queries
from supervision.formation.models import FormationRun
from supervision.formation.pool_queries import Pool, pool_of_run
from supervision.formation.proposals import instance_of, plan_of
from supervision.formation.rules import check, pool
from supervision.formation.rules.instance import FormedGroup
from supervision.formation.services import refuse_published
from supervision.groups.line_queries import last_number, places_of, read_line
from supervision.groups.models import Group, QueuePlace
from supervision.groups.queries import next_meeting_at
from supervision.groups.rules import A_MONDAY, offer_deadline
from supervision.groups.seats import lock_seats
from supervision.kernel.actor import Actor
from supervision.kernel.errors import RuleBroken
from supervision.meetings import services as meetings
from supervision.orgs.models import Assignment


def publish(
    session: Session,
    actor: Actor,
    run: FormationRun,
    first_on: date,
    name_of: Callable[[int], str],
    now: datetime,
) -> list[QueuePlace]:
    """Make the proposed groups real, with their dates from `first_on`, and offer everyone their seat.

    Returns the offers, to be written about. Nobody is seated by it. Raises `formation_published`, `formation_changed`
    (someone has withdrawn, changed times or got a seat since), `formation_too_near`, and what opening a group raises.
    """
    queries.lock_run(session, run)
    refuse_published(run)
    found = pool_of_run(session, run)
    instance = instance_of(found)
    seats = queries.seats_of(session, run.id)
    plan = plan_of(run, seats)
    if check.faults(instance, plan) or not plan.groups:
        raise RuleBroken("formation_changed")
    seated = {str(one.person_id) for one in seats if one.is_seated}
    forming = queries.open_groups(session, [one.id for one in found.assignments])
    names = {one.id: _free_names(session, one, name_of) for one in found.assignments}
    online = {place.name for place in found.places if place.is_online}
    groups, offers = list(run.groups), []
    for number, one in enumerate(plan.groups):
        group = forming.get(uuid.UUID(groups[number]["group_id"])) if groups[number]["group_id"] else None
        if group is None:
            home = _home(found, one)
            group = _open(session, actor, home, one, first_on, next(names[home.id]), now, is_online=one.place in online)
            groups[number] = groups[number] | {"group_id": str(group.id)}
        offers += _offer(session, actor, group, [uuid.UUID(str(who)) for who in one.people if who not in seated], now)
    run.groups, run.published_at = groups, now
    for seat in seats:
        seat.is_seated = seat.group_no is not None
    session.flush()
    record(session, actor, Action.FORMATION_PUBLISHED, ObjectKind.ASSIGNMENT, run.assignment_id, now=now)
    return offers


def _home(found: Pool, one: FormedGroup) -> Assignment:
    """Return the assignment a group becomes one of: its supervisor's, that most of its people signed up for."""
    own = [each for each in found.assignments if str(each.supervisor_id) == one.supervisor]
    from_there = Counter(found.signed_up.get(str(who)) for who in one.people)
    return max(own, key=lambda each: (from_there[each.id], each.ends_on))


def _open(
    session: Session,
    actor: Actor,
    assignment: Assignment,
    one: FormedGroup,
    from_on: date,
    name: str,
    now: datetime,
    *,
    is_online: bool,
) -> Group:
    slot = str(one.slot)
    return meetings.open_group(
        session,
        actor,
        assignment,
        name=name,
        first_on=pool.first_day(slot, max(from_on, assignment.starts_on), A_MONDAY),
        at_local=time(int(slot[3:])),
        seats=max(assignment.seats_max, len(one.people)),
        place="" if is_online else one.place,
        online_link=assignment.online_link,
        now=now,
    )


def _offer(
    session: Session, actor: Actor, group: Group, people: Sequence[uuid.UUID], now: datetime
) -> list[QueuePlace]:
    """Offer seats of a group to these people, with the usual deadline; who waits for it keeps the place in line."""
    if not people:
        return []
    lock_seats(session, group)
    line = read_line(session, group)
    deadline_at = offer_deadline(now, next_meeting_at(session, group.id, now))
    if deadline_at is None or line.taken + len(people) > group.seats:
        raise RuleBroken("formation_too_near" if deadline_at is None else "formation_changed")
    known = {place.person_id: place for place in places_of(session, group, people)}
    number = last_number(session, group.id)
    for shift, person_id in enumerate(people, start=1):
        place = known.get(person_id)
        if place is None:
            place = QueuePlace(group_id=group.id, person_id=person_id, number=number + shift, queued_at=now)
            session.add(place)
        place.status, place.offer_until_at = "offered", deadline_at
    group.taken = line.taken + len(people)
    session.flush()
    record(session, actor, Action.SEAT_OFFERED, ObjectKind.GROUP, group.id, now=now)
    return list(places_of(session, group, people))


def _free_names(session: Session, assignment: Assignment, name_of: Callable[[int], str]) -> Iterator[str]:
    taken = {name.casefold() for name in queries.names_taken(session, assignment.id)}
    return (name for name in map(name_of, range(1, 10_000)) if name.casefold() not in taken)
