"""Who may do what, for every route and method: strangers find nothing, the office finds what is meant for it."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
from flask import Flask

from supervision.cases.models import Case
from supervision.cover.models import CoverRequest
from supervision.evaluations.models import Campaign, RegisterEntry
from supervision.factors.models import Passkey
from supervision.formation.models import FormationRun, FormationSeat
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.orgs.models import RoleHolding
from supervision.people.models import LoginSession, Person
from supervision.single_sign_on.models import OuterIdentity
from tests import factories
from tests.client import Browser

TOKENS = {
    "calendar.feed",
    "people.accept",
    "groups.join",
    "groups.join_code",
    "groups.choose_group",
    "reminders.one_date",
}
OFFICE = {
    "orgs.show_organisation",
    "groups.show_assignment",
    "evaluations.report",
    "evaluations.report_csv",
    "evaluations.report_pdf",
    "evaluations.questionnaire",
}
"""What a manager may open of their own organisation; everything else about it answers 404 or 403."""
MANAGER = OFFICE | {"invoices.show"}
PLANNING = {"sign_ups.listing", "sign_ups.listing_csv", "staff_lists.upload", "staff_lists.template"}
FORMATION = {
    "formation.overview",
    "formation.wide",
    "formation.frame",
    "formation.show",
    "formation.progress",
    "formation.move",
    "formation.compare",
    "formation.publish",
}
COORDINATOR = OFFICE | PLANNING | FORMATION | {"orgs.give_role", "evaluations.edit_statement", "evaluations.extend"}
AFTER_UPLOAD = {"staff_lists.check"}
"""Leads back to the upload while there is no list."""
ANSWERS_ONLY = {
    "orgs.take_role",
    "cover.answer",
    "formation.ask",
    "formation.ask_wide",
    "formation.again",
    "formation.stop",
}
"""What a coordinator may send, although it is no page."""
MEMBERS_ONLY = {"groups.agreement", "meetings.show_group", "meetings.show", "cases.group_cases", "cases.follow_ups"}


@dataclass
class World:
    ids: dict[str, object]
    people: dict[str, Person]


@pytest.fixture
def world(session) -> World:
    maria = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=maria.id)
    assignment = factories.make_assignment(session, maria, organisation)
    group = factories.make_group(session, assignment)
    members = [factories.make_member(session, group) for _ in range(5)]
    meeting = factories.make_meeting(session, group)
    session.add(
        Case(
            group_id=group.id,
            author_id=members[0].id,
            kind="case",
            status="draft",
            created_at=factories.NOW,
            changed_at=factories.NOW,
        )
    )
    campaign = Campaign(
        assignment_id=assignment.id,
        status="open",
        opens_at=factories.NOW,
        closes_at=factories.NOW + timedelta(days=21),
        created_at=factories.NOW,
    )
    session.add(campaign)
    session.flush()
    session.add(RegisterEntry(campaign_id=campaign.id, person_id=members[0].id, group_id=group.id))
    left = factories.make_member(session, group, left_at=factories.NOW)
    group.taken -= 1
    elsewhere = factories.make_organisation(session, "Ängsvikens omsorg")
    other = factories.make_assignment(session, factories.make_supervisor(session, "Jens Holm"), elsewhere)
    outsider = factories.make_member(session, factories.make_group(session, other))
    own_format = OwnFormat(
        supervisor_id=maria.id,
        data=formats()["classic_two"].to_data(),
        created_at=factories.NOW,
        changed_at=factories.NOW,
    )
    session.add(own_format)
    cover = CoverRequest(
        organisation_id=organisation.id,
        meeting_id=meeting.id,
        person_id=members[0].id,
        starts_at=meeting.starts_at,
        ends_at=meeting.ends_at,
        asked_at=factories.NOW,
    )
    session.add(cover)
    run = FormationRun(assignment_id=assignment.id, status="done", asked_at=factories.NOW)
    session.add(run)
    session.flush()
    session.add(FormationSeat(run_id=run.id, person_id=members[1].id))
    session.flush()
    case = session.query(Case).one()
    key = Passkey(person_id=members[1].id, credential_id=b"x", public_key=b"y", name="key", created_at=factories.NOW)
    manager = factories.make_manager(session, organisation)
    signed_in = LoginSession(token_hash="x", person_id=members[1].id, started_at=factories.NOW, seen_at=factories.NOW)
    outer = OuterIdentity(person_id=members[1].id, issuer="https://id.example.se", subject="1", linked_at=factories.NOW)
    session.add_all([key, signed_in, outer])
    session.flush()
    return World(
        ids={
            "organisation_id": organisation.id,
            "assignment_id": assignment.id,
            "group_id": group.id,
            "meeting_id": meeting.id,
            "case_id": case.id,
            "cover_id": cover.id,
            "run_id": run.id,
            "format_id": own_format.id,
            "campaign_id": campaign.id,
            "person_id": members[1].id,
            "passkey_id": key.id,
            "identity_id": outer.id,
            "session_id": signed_in.id,
            "holding_id": session.query(RoleHolding).filter_by(person_id=manager.id).one().id,
            "token": "x" * 43,
        },
        people={
            "supervisor elsewhere": other.supervisor,
            "manager elsewhere": factories.make_manager(session, elsewhere),
            "coordinator elsewhere": factories.make_manager(session, elsewhere, "coordinator"),
            "member elsewhere": outsider,
            "ex-member": left,
            "person without a group": factories.make_person(session),
            "manager": manager,
            "coordinator": factories.make_manager(session, organisation, "coordinator"),
            "another member": members[4],
        },
    )


def answers(
    app: Flask, world: World, someone: Browser, methods: frozenset[str] = frozenset({"GET", "POST", "PUT", "DELETE"})
) -> dict[tuple[str, str], int]:
    """Try every route that names a thing, with every method it takes; no redirect is followed."""
    token = someone.get("/me").soup.find("input", {"name": "csrf_token"})["value"]
    found = {}
    with app.test_request_context():
        rules = [r for r in app.url_map.iter_rules() if r.arguments and r.endpoint != "static"]
    for rule in rules:
        for method in sorted((rule.methods or set()) & methods):
            path = rule.build({name: world.ids[name] for name in rule.arguments})[1]  # type: ignore[index]
            answer = someone.client.open(path, method=method, data={"csrf_token": token} if method == "POST" else None)
            found[rule.endpoint, method] = answer.status_code
    return found


@pytest.mark.parametrize(
    "who",
    [
        "supervisor elsewhere",
        "manager elsewhere",
        "coordinator elsewhere",
        "member elsewhere",
        "ex-member",
        "person without a group",
    ],
)
def test_who_does_not_belong_finds_nothing(app, world, browser, session, who) -> None:
    found = answers(app, world, factories.sign_in(browser(), world.people[who], session))
    wrong = {key: status for key, status in found.items() if status != 404 and key[0] not in TOKENS}
    assert not wrong
    assert len(found) > 40


@pytest.mark.parametrize(("who", "may"), [("manager", MANAGER), ("coordinator", COORDINATOR)])
def test_the_office_opens_what_is_meant_for_it_and_nothing_else(app, world, browser, session, who, may) -> None:
    found = answers(app, world, factories.sign_in(browser(), world.people[who], session))
    wrong = {
        k: s for k, s in found.items() if s not in {403, 404} and k[0] not in may | TOKENS | ANSWERS_ONLY | AFTER_UPLOAD
    }
    assert not wrong
    assert (who == "coordinator") == (found["cover.answer", "POST"] == 303)
    assert found["staff_lists.check", "GET"] == (303 if who == "coordinator" else 403)
    assert all(found[endpoint, "GET"] == 200 for endpoint in may)


def test_another_member_reads_no_draft_and_runs_nothing(app, world, browser, session) -> None:
    phone = factories.sign_in(browser(), world.people["another member"], session)
    found = answers(app, world, phone, frozenset({"GET"}))  # a member's own POST would be done: leaving, for one
    assert found["cases.show", "GET"] == 404
    assert found["cases.edit", "GET"] == 404
    assert found["groups.roster", "GET"] in {403, 404}
    assert found["meetings.attendance", "GET"] in {403, 404}
    assert found["live.show", "GET"] in {403, 404}
    assert found["evaluations.report", "GET"] == 404
    assert found["evaluations.answer", "GET"] == 404
    assert {endpoint: found[endpoint, "GET"] for endpoint in MEMBERS_ONLY} == dict.fromkeys(MEMBERS_ONLY, 200)


def test_a_stranger_is_sent_to_sign_in(app, world, browser, session) -> None:
    session.commit()
    nobody = browser()
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static" or getattr(app.view_functions[rule.endpoint], "policy", "").startswith("open:"):
            continue
        path = rule.build({name: world.ids[name] for name in rule.arguments})[1]
        if "GET" in (rule.methods or set()):
            answer = nobody.client.get(path)
            assert answer.status_code == 303, rule
            assert answer.headers["Location"].startswith("/sign-in"), rule
