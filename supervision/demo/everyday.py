"""What lies between the meetings: sign-ups, people who wait, supervisors' times, a request for cover."""

import random
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from supervision.cover.models import CoverRequest
from supervision.formation.models import SupervisorTimes
from supervision.groups.models import Membership, QueuePlace, SignUp
from supervision.groups.rules import SLOTS
from supervision.meetings.models import Meeting
from supervision.orgs.models import Assignment
from supervision.people.models import Person

if TYPE_CHECKING:
    from supervision.demo.seed import World

UNITS = ("Dagteamet", "Nattpatrullen", "Team Söder", "Team Norr")
EXPERIENCE = ("under2", "2to5", "6to15", "over15")
WEEKDAYS = "12345"
ASKS_FOR_COVER = ("Linden", 4)  # the group, and whose place it is


def write_sign_up(world: "World", assignment: Assignment, person: Person, draw: random.Random) -> None:
    """Note what someone told when signing up: shifts on some weekdays, seldom the same in both weeks."""
    chosen = [slot for slot in SLOTS if slot[1] in WEEKDAYS and draw.random() < 0.3]
    world.session.add(
        SignUp(
            assignment_id=assignment.id,
            person_id=person.id,
            unit=draw.choice(UNITS),
            experience=draw.choice(EXPERIENCE),
            slots=chosen,
            needs=["hearing"] if draw.random() < 0.1 else [],
            created_at=world.now - timedelta(days=draw.randint(5, 60)),
        )
    )


def write(world: "World") -> None:
    """Write sign-ups for all who sit in a group or in a line, supervisors' times, and a request for cover."""
    draw = random.Random(world.draw.random())
    for group in world.groups.values():
        seated = select(Membership.person_id).where(Membership.group_id == group.id)
        waiting = select(QueuePlace.person_id).where(QueuePlace.group_id == group.id)
        people = select(Person).where(Person.id.in_(seated.union(waiting))).order_by(Person.name)
        for person in world.session.scalars(people):
            write_sign_up(world, group.assignment, person, draw)
    _ask_for_cover(world)
    _tell_times(world)


def _tell_times(world: "World") -> None:
    """Let each supervisor be free in the middle of the week, in both weeks, for some groups more."""
    free = [slot for slot in SLOTS if slot[1] in "234" and not slot.endswith("-16")]
    for person in world.supervisors.values():
        world.session.add(SupervisorTimes(person_id=person.id, slots=free, most_groups=8, changed_at=world.now))


def _ask_for_cover(world: "World") -> None:
    name, place = ASKS_FOR_COVER
    group = world.groups[name]
    meeting = world.session.scalar(
        select(Meeting)
        .where(Meeting.group_id == group.id, Meeting.starts_at > world.now + timedelta(days=1))
        .order_by(Meeting.starts_at)
        .limit(1)
    )
    if meeting is not None:
        world.session.add(
            CoverRequest(
                organisation_id=group.assignment.organisation_id,
                meeting_id=meeting.id,
                person_id=world.members[name][place].id,
                starts_at=meeting.starts_at,
                ends_at=meeting.ends_at,
                asked_at=world.now - timedelta(hours=20),
            )
        )
