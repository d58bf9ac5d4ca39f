"""The demonstration's past and near future: meetings held and cancelled, who was there, cases and dilemmas."""

import json
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Literal, cast

import yaml

from supervision.cases.models import Case
from supervision.groups.models import Agreement, AgreementAcceptance, Group
from supervision.kernel.ids import new_id
from supervision.live.models import LiveSummary
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.meetings.rules import kept, parse_break_weeks, series
from supervision.people.models import Person
from supervision.store.sealed import TextSeal

if TYPE_CHECKING:
    from supervision.demo.seed import World

ATTENDANCE_KEPT = timedelta(days=360)
TAGS = ("relation", "patience", "hard_to_help", "relatives", "medication", "team", "loneliness", "other")
KINDS = ("present",) * 16 + ("late", "left_early", "absent", "absent")


def write_meetings(world: "World", group: Group, people: list[Person]) -> None:
    """Write the dates of a group: the past held or cancelled, the future planned."""
    assignment = group.assignment
    ends_on = assignment.ends_on if group.status != "ended" else world.now.date() - timedelta(weeks=6)
    dates = kept(
        series(
            group.first_on,
            group.at_local,
            group.zone,
            ends_on,
            cast("Literal['SE', 'DK']", assignment.holidays_of),
            parse_break_weeks(assignment.break_weeks),
            assignment.every_days,
            assignment.length_min,
        )
    )
    meetings = [
        Meeting(
            id=new_id(),
            group_id=group.id,
            number=number,
            starts_at=one.starts_at,
            ends_at=one.ends_at,
            place=group.place,
        )
        for number, one in enumerate(dates, start=1)
    ]
    past = [meeting for meeting in meetings if meeting.ends_at < world.now]
    world.session.add_all(meetings)
    for meeting in past:
        if world.draw.random() < 0.07:
            meeting.status, meeting.cancelled_as = "cancelled", world.draw.choice(["in_time", "late", "by_supervisor"])
            continue
        meeting.status, meeting.attendance_done_at = "held", meeting.ends_at
    world.session.flush()
    for meeting in past:
        if meeting.status == "held":
            _held(world, group, meeting, people)
    _accept_agreement(world, group, people)
    coming = [meeting for meeting in meetings if meeting.ends_at >= world.now]
    if coming and group.status == "running":
        away = world.draw.choice(people)
        world.session.add(Answer(meeting_id=coming[0].id, person_id=away.id, is_coming=False, answered_at=world.now))


def _held(world: "World", group: Group, meeting: Meeting, people: list[Person]) -> None:
    session, draw = world.session, world.draw
    session.add(LiveSummary(meeting_id=meeting.id, balance=round(draw.uniform(0.86, 0.99), 2), length_s=5400))
    if meeting.starts_at > world.now - ATTENDANCE_KEPT:
        session.add_all(
            Attendance(meeting_id=meeting.id, person_id=person.id, kind=draw.choice(KINDS)) for person in people
        )
    first = meeting.number * 2
    for person in (people[first % len(people)], people[(first + 1) % len(people)]):
        session.add(
            Case(
                group_id=group.id,
                author_id=person.id,
                kind=draw.choice(["case", "case", "dilemma"]),
                status="purged",
                tags=draw.sample(TAGS, 2),
                wishes=["listen", "reflect"],
                meeting_id=meeting.id,
                created_at=meeting.starts_at - timedelta(days=5),
                changed_at=meeting.starts_at - timedelta(days=5),
                offered_at=meeting.starts_at - timedelta(days=4),
                presented_at=meeting.ends_at,
            )
        )


def _accept_agreement(world: "World", group: Group, people: list[Person]) -> None:
    session = world.session
    agreement = session.query(Agreement).filter_by(group_id=group.id).order_by(Agreement.version.desc()).first()
    if agreement is None:
        return
    waiting = {"forming": len(people)}.get(group.status, 0)
    session.add_all(
        AgreementAcceptance(agreement_id=agreement.id, person_id=person.id, accepted_at=world.now)
        for person in people[waiting:]
    )


def write_cases(world: "World", seal: TextSeal, file: Path) -> None:
    """Write the ten cases and dilemmas: some drafts, most shown to the supervisor."""
    places = [("Linden", n) for n in range(6)] + [("Hassel", n) for n in range(2)] + [("Alen", n) for n in range(2)]
    for number, (facts, (name, member)) in enumerate(zip(yaml.safe_load(file.read_text("utf-8")), places, strict=True)):
        group, author = world.groups[name], world.members[name][member]
        is_draft = number in {1, 7}
        case_id = new_id()
        texts = {
            "title": facts["title"],
            "situation": facts["text"],
            "question": facts["question"],
            "comprehensible": "",
            "manageable": "",
            "meaningful": "",
        }
        written_at = world.now - timedelta(days=2 + number % 3)
        world.session.add(
            Case(
                id=case_id,
                group_id=group.id,
                author_id=author.id,
                kind=facts["kind"],
                status="draft" if is_draft else "offered",
                tags=[tag.replace(" ", "_").replace("'", "") for tag in facts["tags"]],
                wishes=["listen", "ask", "reflect"] + (["advise"] if number % 3 == 0 else []),
                sealed_text=seal.seal(json.dumps(texts), "case_item", "sealed_text", case_id),
                created_at=written_at,
                changed_at=written_at,
                offered_at=None if is_draft else written_at,
            )
        )
