"""A row in every table, made at one instant: what the walk through two years and the erasing test start from."""

import json
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.models import AuditEvent
from supervision.audit.services import record
from supervision.calendar.models import CalendarFeed
from supervision.cases.models import Case, FollowUp, TurnPromise, WillingTurn
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
from supervision.factors.models import Authenticator, Passkey, PasskeyChallenge, RecoveryCode
from supervision.formation.models import FormationFrame, FormationRun, FormationSeat, SupervisorTimes
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.formats.rules import expand
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
from supervision.kernel.actor import Actor
from supervision.kernel.ids import fingerprint, new_id
from supervision.live.models import LiveControl, LiveEvent, LiveSummary
from supervision.live.rules import Participant, Start
from supervision.meetings.models import Answer, Attendance, DatesSent, Meeting
from supervision.notes.models import Note
from supervision.operations.models import SweepRun
from supervision.orgs.models import Assignment, Organisation
from supervision.outbox.models import Mail
from supervision.outbox.services import Letter, post
from supervision.people.models import Attempt, Invitation, LoginSession, Person, SignInCode
from supervision.reminders.models import Reminder
from supervision.single_sign_on.models import OuterIdentity
from supervision.store.forgetting import seal_of
from tests import factories
from tests.factories import NOW


@dataclass
class World:
    """The people and things of the world, and every row under a name."""

    person: Person
    supervisor: Person
    manager: Person
    coordinator: Person
    visitor: Person
    leaver: Person
    organisation: Organisation
    assignment: Assignment
    group: Group
    meeting: Meeting
    rows: dict[str, Any] = field(default_factory=dict)


def make_world(
    session: Session, *, name: str = "Elin Ek", email: str = "elin@example.se", mark: str = "hemligt"
) -> World:
    """Make a row in every table, most of them of one member, whose texts all hold `mark`."""
    supervisor = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=supervisor.id)
    assignment = factories.make_assignment(session, supervisor, organisation, ends_on=date(2029, 12, 31))
    group = factories.make_group(session, assignment, anchor_on=date(2026, 1, 13))
    meeting = factories.make_meeting(session, group, NOW, status="held", attendance_done_at=NOW)
    person = factories.make_member(session, group, factories.make_person(session, name, email=email))
    leaver = factories.make_member(session, group, left_at=NOW)
    group.taken -= 1
    made = World(
        person=person,
        supervisor=supervisor,
        manager=factories.make_manager(session, organisation),
        coordinator=factories.make_manager(session, organisation, "coordinator"),
        visitor=factories.make_person(session, "Vera Vik"),
        leaver=leaver,
        organisation=organisation,
        assignment=assignment,
        group=group,
        meeting=meeting,
    )
    group.contact_id = person.id
    _account(session, made, mark)
    _seats(session, made, mark)
    _meetings(session, made, mark)
    _round(session, made)
    _evaluation(session, made, mark)
    _office(session, made, mark)
    _service(session, made, mark)
    session.commit()
    return made


def _keep(session: Session, made: World, **rows: Any) -> None:
    for key, row in rows.items():
        session.add(row)
        session.flush()
        made.rows[key] = row


def sealed(session: Session, text: str, table: str, column: str, row: UUID) -> bytes:
    return seal_of(session).seal(text, table, column, row)


def _account(session: Session, made: World, mark: str) -> None:
    person = made.person
    _keep(
        session,
        made,
        login_session=LoginSession(
            token_hash="t" * 64, person_id=person.id, started_at=NOW, seen_at=NOW, device=f"{mark} Phone"
        ),
        sign_in_code=SignInCode(email=person.email, code_hash="c", browser_hash="b", expires_at=NOW),
        invitation=Invitation(token_hash="i" * 64, person_id=person.id, expires_at=NOW),
        attempt=Attempt(key_hash=fingerprint(f"code {person.email}"), at=NOW),
        calendar_feed=CalendarFeed(person_id=person.id, token_hash="f" * 64, created_at=NOW),
        authenticator=Authenticator(
            person_id=made.supervisor.id,
            sealed_secret=sealed(session, "secret", "authenticator", "sealed_secret", made.supervisor.id),
            created_at=NOW,
        ),
        own_authenticator=Authenticator(
            person_id=person.id,
            sealed_secret=sealed(session, "secret", "authenticator", "sealed_secret", person.id),
            created_at=NOW,
        ),
        recovery_code=RecoveryCode(person_id=person.id, code_hash="r" * 64),
        passkey=Passkey(
            person_id=person.id, credential_id=b"credential", public_key=b"key", name=f"{mark} key", created_at=NOW
        ),
        passkey_challenge=PasskeyChallenge(challenge=b"challenge", person_id=person.id, expires_at=NOW),
        outer_identity=OuterIdentity(
            person_id=person.id, issuer="https://id.example", subject=f"{mark}-subject", linked_at=NOW
        ),
    )


def _seats(session: Session, made: World, mark: str) -> None:
    person, group, assignment = made.person, made.group, made.assignment
    agreement = Agreement(group_id=group.id, version=1, text="Det vi säger stannar här.", created_at=NOW)
    session.add(agreement)
    session.flush()
    seat = session.query(Membership).filter_by(person_id=person.id).one()
    left = session.query(Membership).filter_by(person_id=made.leaver.id).one()
    pending_id, list_id = new_id(), new_id()
    told = json.dumps({"name": person.name, "email": person.email, "not_with": ""})
    listed = json.dumps([[[2, person.name, person.email, "sv", ""], [3, "Bo Ek", "bo@example.se", "sv", ""]], []])
    _keep(
        session,
        made,
        seat=seat,
        left_seat=left,
        agreement=agreement,
        acceptance=AgreementAcceptance(agreement_id=agreement.id, person_id=person.id, accepted_at=NOW),
        left_acceptance=AgreementAcceptance(agreement_id=agreement.id, person_id=made.leaver.id, accepted_at=NOW),
        dates_sent=DatesSent(membership_id=seat.id, sent_at=NOW),
        left_dates_sent=DatesSent(membership_id=left.id, sent_at=NOW),
        sign_up=SignUp(
            assignment_id=assignment.id,
            person_id=person.id,
            unit=f"{mark} unit",
            slots=["A1-10"],
            needs=["hearing"],
            not_with=f"{mark} Nilsson",
            created_at=NOW,
        ),
        visitors_sign_up=SignUp(
            assignment_id=assignment.id,
            person_id=made.visitor.id,
            slots=[],
            needs=[],
            not_with=f"Bo, {person.name}",
            created_at=NOW,
        ),
        visitors_place=QueuePlace(group_id=group.id, person_id=made.visitor.id, number=1, queued_at=NOW),
        settled_place=QueuePlace(group_id=group.id, person_id=person.id, number=2, status="accepted", queued_at=NOW),
        pending=PendingSignUp(
            id=pending_id,
            assignment_id=assignment.id,
            told_sealed=sealed(session, told, "pending_sign_up", "told", pending_id),
            expires_at=NOW + timedelta(hours=1),
        ),
        staff_list=StaffList(
            id=list_id,
            assignment_id=assignment.id,
            person_id=made.coordinator.id,
            read_sealed=sealed(session, listed, "staff_list", "read", list_id),
            expires_at=NOW + timedelta(hours=1),
        ),
    )


def _meetings(session: Session, made: World, mark: str) -> None:
    person, meeting, group = made.person, made.meeting, made.group
    case_id, draft_id, note_id = new_id(), new_id(), new_id()
    text = json.dumps({"title": f"{mark} ärende", "situation": "Natten", "question": "Hur"})
    times = {"created_at": NOW, "changed_at": NOW}
    _keep(
        session,
        made,
        answer=Answer(meeting_id=meeting.id, person_id=person.id, is_coming=True, answered_at=NOW),
        attendance=Attendance(meeting_id=meeting.id, person_id=person.id, kind="present"),
        reminder=Reminder(meeting_id=meeting.id, person_id=person.id, kind="coming", starts_at=NOW, sent_at=NOW),
        cover=CoverRequest(
            organisation_id=made.organisation.id,
            meeting_id=meeting.id,
            person_id=person.id,
            starts_at=NOW,
            ends_at=NOW + timedelta(hours=2),
            status="arranged",
            asked_at=NOW,
            answered_at=NOW,
            answered_by_id=made.coordinator.id,
        ),
        told_case=Case(
            id=case_id,
            group_id=group.id,
            author_id=person.id,
            kind="case",
            status="presented",
            sealed_text=sealed(session, text, "case_item", "sealed_text", case_id),
            meeting_id=meeting.id,
            presented_at=NOW,
            **times,
        ),
        draft_case=Case(
            id=draft_id,
            group_id=group.id,
            author_id=person.id,
            kind="dilemma",
            sealed_text=sealed(session, text, "case_item", "sealed_text", draft_id),
            **times,
        ),
        promise=TurnPromise(meeting_id=meeting.id, person_id=person.id, reason="balance", seed=1, told_at=NOW),
        willing=WillingTurn(meeting_id=meeting.id, person_id=person.id, said_at=NOW),
        follow_up=FollowUp(
            id=note_id,
            meeting_id=meeting.id,
            person_id=person.id,
            sealed_text=sealed(session, json.dumps({"what": f"{mark} pröva"}), "follow_up", "sealed_text", note_id),
            **times,
        ),
    )


def _round(session: Session, made: World) -> None:
    meeting, here = made.meeting, (made.person, made.leaver)
    chosen = formats()["classic_two"]
    start = Start(
        format_key=chosen.key,
        phases=expand(chosen, (False, False)),
        length_s=5400,
        participants=tuple(Participant(str(one.id), one.name, place) for place, one in enumerate(here)),
        presenters=(str(made.person.id), None),
        meeting_no=1,
    ).to_data()
    told = {"meeting_id": meeting.id, "at": NOW, "device_id": "d"}
    _keep(
        session,
        made,
        live_start=LiveEvent(seq=1, kind="start", device_event_id="1", data=start, **told),
        live_floor=LiveEvent(seq=2, kind="floor", device_event_id="2", data={"person_id": str(made.person.id)}, **told),
        live_end=LiveEvent(seq=3, kind="end", device_event_id="3", data={}, **told),
        live_control=LiveControl(meeting_id=meeting.id, device_id="d", since_at=NOW),
        live_summary=LiveSummary(meeting_id=meeting.id, balance=0.9, length_s=5400),
    )


def _evaluation(session: Session, made: World, mark: str) -> None:
    group, assignment, person = made.group, made.assignment, made.person
    closed = Campaign(
        assignment_id=assignment.id,
        status="released",
        opens_at=NOW - timedelta(days=300),
        closes_at=NOW - timedelta(days=279),
        created_at=NOW,
    )
    is_open = Campaign(
        assignment_id=assignment.id,
        status="open",
        opens_at=NOW,
        closes_at=NOW + timedelta(days=21),
        public_key=b"k" * 32,
        created_at=NOW,
    )
    session.add_all([closed, is_open])
    session.flush()
    said_id, unsaid_id, sent_id, draft_id = new_id(), new_id(), new_id(), new_id()

    def words(table: str, row: UUID) -> bytes:
        return sealed(session, "Vi vill ha mer tid.", table, "sealed_text", row)

    _keep(
        session,
        made,
        closed_campaign=closed,
        open_campaign=is_open,
        register_entry=RegisterEntry(campaign_id=is_open.id, person_id=person.id, group_id=group.id),
        ballot=Ballot(campaign_id=is_open.id, group_id=group.id, sealed=b"sealed"),
        release=EvaluationRelease(campaign_id=closed.id, released_at=NOW, content={"release": {"cells": []}}),
        questionnaire=QuestionnaireVersion(
            assignment_id=assignment.id, version=1, content=standard().as_data(), written_at=NOW
        ),
        said=GroupStatement(
            id=said_id,
            group_id=group.id,
            version=1,
            sealed_text=words("group_statement", said_id),
            written_at=NOW,
            released_on=NOW.date(),
        ),
        unsaid=GroupStatement(
            id=unsaid_id, group_id=group.id, version=2, sealed_text=words("group_statement", unsaid_id), written_at=NOW
        ),
        sent_answer=ManagerAnswer(
            id=sent_id,
            assignment_id=assignment.id,
            author_id=made.manager.id,
            sealed_text=words("manager_answer", sent_id),
            changed_at=NOW,
            sent_at=NOW,
        ),
        draft_answer=ManagerAnswer(
            id=draft_id,
            assignment_id=assignment.id,
            author_id=made.manager.id,
            sealed_text=words("manager_answer", draft_id),
            changed_at=NOW,
        ),
    )
    _keep(session, made, approval=StatementApproval(statement_id=unsaid_id, person_id=person.id))


def _office(session: Session, made: World, mark: str) -> None:
    run = FormationRun(assignment_id=made.assignment.id, status="done", asked_at=NOW, asked_by_id=made.coordinator.id)
    _keep(
        session,
        made,
        own_format=OwnFormat(
            supervisor_id=made.supervisor.id,
            data=formats()["classic_two"].to_data(),
            created_at=NOW,
            changed_at=NOW,
        ),
        times=SupervisorTimes(person_id=made.supervisor.id, slots=[], changed_at=NOW),
        frame=FormationFrame(assignment_id=made.assignment.id, changed_at=NOW),
        run=run,
    )
    _notes(session, made)
    _keep(session, made, run_seat=FormationSeat(run_id=run.id, person_id=made.person.id, help_place=f"{mark} sal"))


def _notes(session: Session, made: World) -> None:
    """The supervisor's own: about the group, and about another that has ended at the first instant."""
    ended = factories.make_group(session, made.assignment, status="ended", ended_at=NOW, ended_told_at=NOW)
    for key, group in (("note", made.group), ("note_of_ended", ended)):
        note_id = new_id()
        text = sealed(session, json.dumps({"text": "Lugnare runda"}), "private_note", "sealed_text", note_id)
        told = {"group_id": group.id, "author_id": made.supervisor.id, "sealed_text": text}
        _keep(session, made, **{key: Note(id=note_id, created_at=NOW, changed_at=NOW, **told)})


def _service(session: Session, made: World, mark: str) -> None:
    person = made.person
    for key, to, lines in (
        ("own_mail", person.email, (f"Hej {person.name}.",)),
        ("others_mail", made.coordinator.email, (f"{person.name} behöver vikarie.", "Svara här.")),
        ("waiting_mail", made.supervisor.email, (f"{person.name} kan inte komma.", "Ni blir färre.")),
    ):
        post(session, to=to, language="sv", letter=Letter("moved", f"Om {person.name}", lines), now=NOW)
        session.flush()
        made.rows[key] = session.query(Mail).filter_by(to_email=to).one()
    _keep(session, made, sweep_run=SweepRun(name="purge", period_s=3600, finished_at=NOW, noted_at=NOW))
    made.rows["own_mail"].sent_at = made.rows["others_mail"].sent_at = NOW
    made.rows["waiting_mail"].send_after_at = NOW + timedelta(days=1)
    record(session, Actor(person_id=person.id), Action.SEAT_TAKEN, ObjectKind.GROUP, made.group.id, now=NOW)
    record(session, Actor(person_id=made.coordinator.id), Action.PERSON_INVITED, ObjectKind.PERSON, person.id, now=NOW)
    session.flush()
    made.rows["audit_event"] = session.query(AuditEvent).filter_by(actor_id=person.id).one()
