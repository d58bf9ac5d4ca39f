"""One well-filled world: who there is, what there is, and a word of its own in every field somebody could read.

Groups `one` and `two` belong to the assignment everything is about, `third` to another assignment of the same
organisation, `elsewhere` to another organisation. Things are named as in matrix.yaml, people as its columns.
"""

import hashlib
import json
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy.orm import Session

from supervision.audit.models import AuditEvent
from supervision.calendar.models import CalendarFeed
from supervision.cases.models import Case, FollowUp, TurnPromise
from supervision.cases.rules.follow_up import FollowUpText
from supervision.cases.rules.text import CaseText
from supervision.cover.models import CoverRequest
from supervision.evaluations.models import (
    Ballot,
    Campaign,
    EvaluationRelease,
    GroupStatement,
    ManagerAnswer,
    QuestionnaireVersion,
    RegisterEntry,
    StatementApproval,
)
from supervision.evaluations.questionnaire import standard
from supervision.evaluations.sealing import KeyRing
from supervision.factors.models import Authenticator, Passkey, PasskeyChallenge, RecoveryCode
from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.groups.models import (
    Agreement,
    AgreementAcceptance,
    Group,
    Membership,
    PendingSignUp,
    QueuePlace,
    SignUp,
    StaffList,
)
from supervision.kernel.ids import fingerprint, new_id
from supervision.live import services as live
from supervision.live.models import LiveSummary
from supervision.live.rules import Participant
from supervision.meetings.models import Answer, Attendance, Meeting
from supervision.notes.models import Note
from supervision.notes.rules import NoteText
from supervision.orgs.models import Assignment, Organisation, RoleHolding
from supervision.outbox.models import Mail
from supervision.people import services as people
from supervision.people.models import Invitation, LoginSession, Person, SignInCode
from supervision.reminders.rules import OneDate, sign
from supervision.single_sign_on.models import OuterIdentity
from supervision.store.forgetting import seal_of
from tests import factories

NOW = datetime(2026, 11, 24, 8, 0, tzinfo=UTC)
CANARY = re.compile(r"qz[a-p]{10}zq")
PEOPLE = {
    "participant own": "participant",
    "participant same group": "participant",
    "participant other group": "participant",
    "participant other organisation": "participant",
    "participant ex-member": "participant",
    "participant stranger": "participant",
    "supervisor own": "supervisor",
    "supervisor before the second factor": "supervisor",
    "supervisor other group": "supervisor",
    "supervisor other organisation": "supervisor",
    "supervisor ex-member": "supervisor",
    "supervisor stranger": "supervisor",
    "manager own": "manager",
    "manager other organisation": "manager",
    "manager ex-member": "manager",
    "manager stranger": "manager",
    "coordinator own": "coordinator",
    "coordinator who is manager too": "coordinator",
    "coordinator other organisation": "coordinator",
    "coordinator ex-member": "coordinator",
    "operator stranger": "operator",
}
"""Column of the matrix -> role. One more column, "nobody", is a browser that has not signed in."""
FOLLOW_THEIR_DATES = (
    "participant same group",
    "participant other group",
    "participant other organisation",
    "participant ex-member",
    "supervisor own",
    "supervisor other group",
    "supervisor other organisation",
)
"""Who has a calendar address too; the one of somebody without a seat must be dead."""


def canary(place: str) -> str:
    """Return the word that stands in one place only; letters, so that it looks like no number of a person."""
    digest = hashlib.blake2b(place.encode(), digest_size=5).hexdigest()
    return "qz" + "".join("abcdefghijklmnop"[int(digit, 16)] for digit in digest) + "zq"


@dataclass
class World:
    """Ids of things by name, a session's token per column, and which canary stands where."""

    things: dict[str, str] = field(default_factory=dict)
    people: dict[str, str] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    emails: dict[str, str] = field(default_factory=dict)
    canaries: dict[str, str] = field(default_factory=dict)
    """Canary -> "table.column / whose"."""

    def as_json(self) -> str:
        return json.dumps(self.__dict__)

    def word(self, column: str, whose: str) -> str:
        """Return the canary of a column's row and note it."""
        place = f"{column} / {whose}"
        made = canary(place)
        self.canaries[made] = place
        return made


class Builder:
    """Fills a database; `fill` is the way in."""

    def __init__(self, app: Flask, session: Session) -> None:
        self.app, self.session, self.world = app, session, World()
        self.person: dict[str, Person] = {}

    def add(self, thing: Any, name: str | None = None) -> Any:
        self.session.add(thing)
        self.session.flush()
        if name is not None:
            self.world.things[name] = str(thing.id)
        return thing

    def seal(self, text: str, table: str, column: str, row: uuid.UUID) -> bytes:
        with self.app.app_context():
            return seal_of(self.session).seal(text, table, column, row)

    def someone(self, column: str, **columns: Any) -> Person:
        role = PEOPLE.get(column, "participant")
        word = self.world.word
        has_key = role != "participant" and column != "manager stranger"
        person = factories.make_person(
            self.session,
            f"{word('person.name', column)}",
            email=f"{word('person.email', column)}@example.se",
            title=f"{word('person.title', column)}" if role == "supervisor" else "",
            is_supervisor=role == "supervisor",
            is_operator=role == "operator",
            password_hash=factories._PASSWORD_HASH[:60] + word("person.password_hash", column) if has_key else None,
            **columns,
        )
        self.person[column] = person
        self.world.people[column] = str(person.id)
        self.world.emails[person.email] = column
        if column in PEOPLE:
            self.world.tokens[column] = self.signed_in(person, column, has_key)
            self.signed_in(person, f"{column}, elsewhere", has_key)
        if has_key:
            self.factors(person, column)
        return person

    def signed_in(self, person: Person, column: str, has_key: bool) -> str:
        factor = "totp" if has_key and column != "supervisor before the second factor" else "none"
        token = people.start_session(self.session, person, is_own_device=True, factor=factor, now=NOW)
        self.session.flush()
        kept = self.session.query(LoginSession).filter_by(token_hash=fingerprint(token)).one()
        kept.device = self.world.word("login_session.device", column)
        self.world.things[f"session {column.removesuffix(', elsewhere')}"] = str(kept.id)
        return token

    def factors(self, person: Person, column: str) -> None:
        word = self.world.word
        secret = word("authenticator.sealed_secret", column).upper()
        self.add(
            Authenticator(
                person_id=person.id,
                sealed_secret=self.seal(secret, "authenticator", "sealed_secret", person.id),
                created_at=NOW,
            )
        )
        self.add(RecoveryCode(person_id=person.id, code_hash=word("recovery_code.code_hash", column)))
        self.add(
            Passkey(
                person_id=person.id,
                credential_id=word("passkey.credential_id", column).encode(),
                public_key=word("passkey.public_key", column).encode(),
                name=word("passkey.name", column),
                created_at=NOW,
            ),
            f"passkey {column}",
        )
        self.add(
            OuterIdentity(
                person_id=person.id,
                issuer=f"https://{word('outer_identity.issuer', column)}.example.se",
                subject=word("outer_identity.subject", column),
                linked_at=NOW,
            ),
            f"outer identity {column}",
        )

    def organisation(self, name: str, **columns: Any) -> Organisation:
        word = self.world.word("organisation.name", name)
        return self.add(
            factories.make_organisation(self.session, word, **columns),
            f"organisation {name}",
        )

    def assignment(self, name: str, supervisor: Person, organisation: Organisation) -> Assignment:
        word = self.world.word
        texts = ("title", "aims", "place", "working_time_rule", "order_reference", "break_weeks")
        told = {one: word(f"assignment.{one}", name) for one in texts if one != "break_weeks"}
        made = factories.make_assignment(
            self.session,
            supervisor,
            organisation,
            online_link=f"https://example.se/{word('assignment.online_link', name)}",
            price=800,
            **told,
        )
        self.world.things[f"assignment {name}"] = str(made.id)
        self.world.things[f"join token {name}"] = made.join_token
        return made

    def group(self, name: str, assignment: Assignment, **columns: Any) -> Group:
        word = self.world.word
        values = {
            "name": word("supervision_group.name", name),
            "place": word("supervision_group.place", name),
            "online_link": f"https://example.se/{word('supervision_group.online_link', name)}",
        }
        made = factories.make_group(self.session, assignment, **(values | columns))
        self.world.things[f"group {name}"] = str(made.id)
        agreement = self.add(Agreement(group_id=made.id, version=1, text=word("agreement.text", name), created_at=NOW))
        self.agreements = {**getattr(self, "agreements", {}), made.id: agreement.id}
        return made

    def meeting(self, name: str, group: Group, starts_at: datetime, **columns: Any) -> Meeting:
        place = self.world.word("meeting.place", name)
        made = factories.make_meeting(self.session, group, starts_at, place=place, **columns)
        self.world.things[f"meeting {name}"] = str(made.id)
        return made

    def case(self, name: str, author: Person, group: Group, status: str, **columns: Any) -> Case:
        told = ("title", "situation", "question", "comprehensible", "manageable", "meaningful")
        text = CaseText(**{one: self.world.word("case_item.sealed_text", f"{name} {one}") for one in told})
        made = Case(
            id=new_id(),
            group_id=group.id,
            author_id=author.id,
            kind="case",
            status=status,
            wishes=["listen"],
            tags=["patience"],
            created_at=NOW - timedelta(days=20),
            changed_at=NOW - timedelta(days=20),
            **columns,
        )
        made.sealed_text = self.seal(text.as_json(), "case_item", "sealed_text", made.id)
        return self.add(made, f"case {name}")

    def follow_up(self, name: str, person: Person, meeting: Meeting) -> None:
        word = self.world.word
        text = FollowUpText(
            **{one: word("follow_up.sealed_text", f"{name} {one}") for one in ("what", "who", "when", "how")}
        )
        made = FollowUp(id=new_id(), meeting_id=meeting.id, person_id=person.id, created_at=NOW, changed_at=NOW)
        made.sealed_text = self.seal(text.as_json(), "follow_up", "sealed_text", made.id)
        self.add(made)

    def note(self, name: str, author: Person, group: Group, meeting: Meeting | None = None) -> None:
        made = Note(id=new_id(), group_id=group.id, author_id=author.id, created_at=NOW, changed_at=NOW)
        text = NoteText(text=self.world.word("private_note.sealed_text", name))
        made.sealed_text = self.seal(text.as_json(), "private_note", "sealed_text", made.id)
        made.meeting_id = meeting.id if meeting else None
        self.add(made, f"note {name}")

    def statement(self, name: str, group: Group, version: int, released_on: date | None) -> GroupStatement:
        made = GroupStatement(id=new_id(), group_id=group.id, version=version, written_at=NOW, released_on=released_on)
        text = self.world.word("group_statement.sealed_text", name)
        made.sealed_text = self.seal(text, "group_statement", "sealed_text", made.id)
        return self.add(made, f"statement {name}")

    def answer(self, name: str, assignment: Assignment, group: Group | None, author: Person, *, sent: bool) -> None:
        made = ManagerAnswer(
            id=new_id(),
            assignment_id=assignment.id,
            group_id=group.id if group else None,
            author_id=author.id,
            changed_at=NOW,
            sent_at=NOW if sent else None,
        )
        text = self.world.word("manager_answer.sealed_text", name)
        made.sealed_text = self.seal(text, "manager_answer", "sealed_text", made.id)
        self.add(made)

    def fill(self) -> World:
        """Make everyone and everything; the order is that of the foreign keys."""
        for column in PEOPLE:
            self.someone(column)
        self.offices()
        self.groups()
        self.lines()
        self.dates()
        self.round()
        self.cases()
        self.evaluation()
        self.planning()
        self.keys()
        self.session.commit()
        return self.world

    def offices(self) -> None:
        p = self.person
        self.here = self.organisation("own", created_by_id=p["supervisor own"].id)
        self.away = self.organisation("elsewhere", created_by_id=p["supervisor other organisation"].id)
        holds = [
            ("manager own", self.here, "manager"),
            ("manager stranger", self.here, "manager"),
            ("coordinator own", self.here, "coordinator"),
            ("coordinator who is manager too", self.here, "coordinator"),
            ("coordinator who is manager too", self.here, "manager"),
            ("manager other organisation", self.away, "manager"),
            ("coordinator other organisation", self.away, "coordinator"),
            ("manager ex-member", self.away, "manager"),
            ("coordinator ex-member", self.away, "coordinator"),
        ]
        for column, organisation, role in holds:
            self.add(
                RoleHolding(person_id=p[column].id, organisation_id=organisation.id, role=role), f"role of {column}"
            )
        self.own = self.assignment("own", p["supervisor own"], self.here)
        self.beside = self.assignment("beside", p["supervisor other group"], self.here)
        self.far = self.assignment("elsewhere", p["supervisor other organisation"], self.away)
        self.unproven = self.assignment("unproven", p["supervisor before the second factor"], self.away)

    def groups(self) -> None:
        p = self.person
        self.one = self.group("one", self.own)
        self.two = self.group("two", self.own)
        self.open = self.group("open", self.own, status="forming", first_on=date(2027, 1, 13), seats=4)
        self.third = self.group("third", self.beside)
        self.elsewhere = self.group("elsewhere", self.far)
        sits = {
            "participant own": self.one,
            "participant same group": self.one,
            "participant other group": self.two,
            "participant other organisation": self.elsewhere,
        }
        for column, group in sits.items():
            factories.make_member(self.session, group, p[column])
        for name, group, count in (
            ("one", self.one, 4),
            ("two", self.two, 4),
            ("third", self.third, 4),
            ("open", self.open, 2),
        ):
            for number in range(count):
                factories.make_member(self.session, group, self.someone(f"filler {name} {number}"))
        for column in PEOPLE:
            if column.endswith("ex-member"):
                factories.make_member(
                    self.session,
                    self.one,
                    p[column],
                    joined_at=NOW - timedelta(days=90),
                    left_at=NOW - timedelta(days=3),
                )
                self.one.taken -= 1
        self.add(
            AgreementAcceptance(
                agreement_id=self.agreements[self.one.id], person_id=p["participant own"].id, accepted_at=NOW
            )
        )

    def lines(self) -> None:
        p = self.person
        word = self.world.word
        own = p["participant own"]
        self.open.taken += 1
        offered = {"status": "offered", "offer_until_at": NOW + timedelta(days=3)}
        self.add(QueuePlace(group_id=self.open.id, person_id=own.id, number=1, queued_at=NOW, **offered))
        waits = self.someone("filler waiting")
        self.add(QueuePlace(group_id=self.open.id, person_id=waits.id, number=2, status="waiting", queued_at=NOW))
        for column, assignment in (
            ("participant own", self.own),
            ("participant same group", self.own),
            ("filler waiting", self.own),
            ("participant other organisation", self.far),
        ):
            made = SignUp(
                id=new_id(),
                assignment_id=assignment.id,
                person_id=p[column].id,
                unit=word("sign_up.unit", column),
                slots=["A1-10"],
                needs=[],
                created_at=NOW,
            )
            self.session.add(made)
            made.not_with = word("sign_up.not_with_sealed", column)
            self.session.flush()
        pending = PendingSignUp(id=new_id(), assignment_id=self.own.id, expires_at=NOW + timedelta(hours=1))
        told = {"name": word("pending_sign_up.told_sealed", "name"), "email": "x@example.se"}
        pending.told_sealed = self.seal(json.dumps(told), "pending_sign_up", "told", pending.id)
        self.add(pending)
        kept = StaffList(
            id=new_id(),
            assignment_id=self.own.id,
            person_id=p["supervisor own"].id,
            expires_at=NOW + timedelta(hours=1),
        )
        row = [2, word("staff_list.read_sealed", "name"), "x@example.se", "sv", word("staff_list.read_sealed", "unit")]
        kept.read_sealed = self.seal(json.dumps([[row], []]), "staff_list", "read", kept.id)
        self.add(kept)

    def dates(self) -> None:
        p = self.person
        own = p["participant own"]
        self.held = self.meeting("held", self.one, NOW - timedelta(days=14), status="held", attendance_done_at=NOW)
        self.live = self.meeting("live", self.one, NOW - timedelta(minutes=95))  # runs over its time
        self.coming = self.meeting("coming", self.one, NOW + timedelta(days=14))
        self.next = self.meeting("next", self.one, NOW + timedelta(days=28))
        self.meeting("other group", self.two, NOW + timedelta(days=13))
        self.meeting("elsewhere", self.elsewhere, NOW + timedelta(days=13))
        present = [column for column in self.person if column.startswith("filler one") or column.endswith("ex-member")]
        for column in [*present, "participant own", "participant same group"]:
            self.add(Attendance(meeting_id=self.held.id, person_id=p[column].id, kind="present"))
        self.add(Answer(meeting_id=self.coming.id, person_id=own.id, is_coming=False, answered_at=NOW))
        self.add(TurnPromise(meeting_id=self.coming.id, person_id=own.id, reason="longest", seed=1, told_at=NOW))
        for name, meeting, person, organisation in (
            ("own", self.coming, own, self.here),
            ("same group", self.coming, p["participant same group"], self.here),
        ):
            self.add(
                CoverRequest(
                    organisation_id=organisation.id,
                    meeting_id=meeting.id,
                    person_id=person.id,
                    starts_at=meeting.starts_at,
                    ends_at=meeting.ends_at,
                    asked_at=NOW,
                ),
                f"cover {name}",
            )
        secret = self.app.config["SETTINGS"].secret_key
        for column in ("participant own", "participant same group"):
            seat = self.session.query(Membership).filter_by(person_id=p[column].id, group_id=self.one.id).one()
            token = sign(secret, OneDate(self.coming.id, seat.id, self.coming.starts_at))
            self.world.things[f"one date token {column}"] = token
        self.world.things["one date token"] = self.world.things["one date token participant own"]

    def round(self) -> None:
        """A round that goes on, begun by the supervisor's screen."""
        seats = [
            seat.person_id for seat in self.session.query(Membership).filter_by(group_id=self.one.id, left_at=None)
        ]
        names = {person.id: person.name for person in self.person.values()}
        setting = live.Setting(
            format_key="classic_two",
            participants=[Participant(str(one), names[one], n) for n, one in enumerate(seats, 1)],
            away=[],
            presenters=[str(seats[0]), str(seats[1])],
            wishes_advice=[False, False],
        )
        device = self.world.word("live_control.device_id", "live")
        actor = factories.actor_of(self.person["supervisor own"], supervises=frozenset({self.own.id}))
        live.start_round(self.session, actor, self.live, setting, device_id=device, now=NOW - timedelta(minutes=85))
        self.add_keyless(LiveSummary(meeting_id=self.held.id, balance=0.9, length_s=5000))

    def add_keyless(self, *rows: Any) -> None:
        self.session.add_all(rows)
        self.session.flush()

    def cases(self) -> None:
        p = self.person
        own = p["participant own"]
        self.case("draft", own, self.one, "draft")
        self.case("offered", own, self.one, "offered", offered_at=NOW)
        self.case("chosen", own, self.one, "chosen", offered_at=NOW, meeting_id=self.coming.id)
        presented = {"offered_at": NOW, "presented_at": NOW - timedelta(days=14), "meeting_id": self.held.id}
        self.case("presented", own, self.one, "presented", **presented)
        self.case("other group", p["participant other group"], self.two, "offered", offered_at=NOW)
        self.case("elsewhere", p["participant other organisation"], self.elsewhere, "offered", offered_at=NOW)
        self.case("who left", p["participant ex-member"], self.one, "draft")
        self.follow_up("own", own, self.held)
        self.follow_up("who left", p["participant ex-member"], self.held)
        self.note("own", p["supervisor own"], self.one, self.held)
        self.note("of who had the group before", p["supervisor stranger"], self.one)
        self.note("elsewhere", p["supervisor other organisation"], self.elsewhere)

    def evaluation(self) -> None:
        p = self.person
        word = self.world.word
        campaign = Campaign(
            id=new_id(),
            assignment_id=self.own.id,
            status="open",
            opens_at=NOW - timedelta(days=1),
            closes_at=NOW + timedelta(days=20),
            created_at=NOW,
            questionnaire=standard().as_data(),
        )
        campaign.public_key = KeyRing(self.app.config["SETTINGS"].instance / "keys").make(campaign.id)
        self.add(campaign, "campaign open")
        for column in ("participant own", "participant same group"):
            self.add_keyless(RegisterEntry(campaign_id=campaign.id, person_id=p[column].id, group_id=self.one.id))
        done = self.person["filler one 0"]
        self.add_keyless(
            RegisterEntry(campaign_id=campaign.id, person_id=done.id, group_id=self.one.id, done=True),
            Ballot(campaign_id=campaign.id, group_id=self.one.id, sealed=word("ballot.sealed", "one").encode()),
        )
        released = Campaign(
            assignment_id=self.own.id,
            status="released",
            opens_at=NOW - timedelta(days=365),
            closes_at=NOW - timedelta(days=344),
            created_at=NOW - timedelta(days=365),
        )
        self.add(released, "campaign released")
        cells = [{"group_ids": [str(self.one.id)], "bands": dict.fromkeys(standard().keys, "high")}]
        names = {str(self.one.id): word("evaluation_release.content", "group name"), str(self.two.id): "Grupp två"}
        content = {
            "release": {"floor": 5, "cells": cells},
            "groups": names,
            "questionnaire": standard().as_data(),
            "closed_on": "2025-12-15",
        }
        self.add(EvaluationRelease(campaign_id=released.id, released_at=NOW - timedelta(days=344), content=content))
        self.statement("released", self.one, 1, date(2026, 11, 1))
        newest = self.statement("draft", self.one, 2, None)
        self.add_keyless(StatementApproval(statement_id=newest.id, person_id=p["filler one 0"].id))
        self.answer("to the group", self.own, self.one, p["manager own"], sent=True)
        self.answer("draft", self.own, None, p["manager own"], sent=False)
        version = standard().as_data()
        own_words = word("questionnaire_version.content", "own")
        version["statements"][0] |= dict.fromkeys(("sv", "da", "en"), own_words)
        self.add(QuestionnaireVersion(assignment_id=self.own.id, version=1, content=version, written_at=NOW))

    def planning(self) -> None:
        p = self.person
        word = self.world.word
        maria = p["supervisor own"]
        data = {
            **formats()["classic_two"].to_data(),
            "name": dict.fromkeys(("sv", "da", "en"), word("own_format.data", "own")),
        }
        self.add(OwnFormat(supervisor_id=maria.id, data=data, created_at=NOW, changed_at=NOW), "format own")
        place = word("formation_frame.places", "own")
        places = [{"name": place, "rooms": 2, "is_step_free": True, "is_online": False}]
        self.add(FormationFrame(assignment_id=self.own.id, places=places, changed_at=NOW))
        proposed = {
            "supervisor": str(maria.id),
            "slot": "A2-13",
            "place": word("formation_run.groups", "own"),
            "language": "sv",
            "pinned": False,
            "group_id": None,
            "same_team": 0,
            "is_mixed": False,
        }
        run = self.add(
            FormationRun(assignment_id=self.own.id, status="done", groups=[proposed], asked_at=NOW, people=1, placed=1),
            "run",
        )
        self.add(
            FormationSeat(
                run_id=run.id,
                person_id=p["filler waiting"].id,
                group_no=None,
                reason="no_time",
                help_kind="place",
                help_place=word("formation_seat.help_place", "own"),
            )
        )
        times = SupervisorTimes(
            person_id=maria.id, slots=["A2-13"], places=[word("supervisor_times.places", "own")], changed_at=NOW
        )
        self.add(times)

    def keys(self) -> None:
        p = self.person
        word = self.world.word
        for column in ("participant own", *FOLLOW_THEIR_DATES):
            token = word("calendar_feed.token_hash", column)
            self.add(CalendarFeed(person_id=p[column].id, token_hash=fingerprint(token), created_at=NOW))
            self.world.things[f"calendar token {column}"] = token
        self.world.things["calendar token"] = self.world.things["calendar token participant own"]
        invited = word("invitation.token_hash", "own")
        expires = NOW + timedelta(days=6)
        self.add(Invitation(token_hash=fingerprint(invited), person_id=p["manager stranger"].id, expires_at=expires))
        self.world.things["invitation token"] = self.world.things["invitation token manager stranger"] = invited
        self.add(
            SignInCode(
                email=f"{word('sign_in_code.email', 'somebody')}@example.se",
                code_hash=word("sign_in_code.code_hash", "somebody"),
                browser_hash=word("sign_in_code.browser_hash", "somebody"),
                expires_at=NOW + timedelta(minutes=5),
            )
        )
        self.add(
            PasskeyChallenge(
                challenge=word("passkey_challenge.challenge", "x").encode(), expires_at=NOW + timedelta(minutes=5)
            )
        )
        self.add(
            Mail(
                to_email=f"{word('mail.to_email', 'x')}@example.se",
                language="sv",
                kind="code",
                subject=word("mail.subject", "x"),
                text=word("mail.text", "x"),
                html=word("mail.html", "x"),
                calendar=word("mail.calendar", "x"),
                message_id=word("mail.message_id", "x"),
                created_at=NOW,
                send_after_at=NOW,
            )
        )
        self.add(
            AuditEvent(
                at=NOW, actor_id=p["participant own"].id, action="case.offered", object_kind="case", object_id=new_id()
            )
        )


def fill(app: Flask, session: Session) -> World:
    """Fill an empty database and return what is where."""
    return Builder(app, session).fill()


def known(canaries: Iterable[str], world: World) -> dict[str, str]:
    """Return which canaries of this world a list of words holds: canary -> where it stands."""
    return {one: world.canaries[one] for one in canaries if one in world.canaries}
