"""Hostile values in every form and address, as everyone: nothing breaks, nothing typed comes back as markup."""

from datetime import date
from typing import Any
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import select

from supervision.cover.models import CoverRequest
from supervision.factors.models import Passkey
from supervision.formation.models import FormationRun, FormationSeat
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.groups.models import QueuePlace, SignUp
from supervision.orgs.models import RoleHolding
from supervision.people.models import LoginSession
from supervision.single_sign_on.models import OuterIdentity
from tests import factories
from tests.client import Browser

SCRIPT = "<script>alert(1)</script>"
HOSTILE = [
    "a\0b",
    "'\"><img src=x onerror=alert(1)>" + SCRIPT,
    "Anna\r\nBcc: everyone@example.se",
    "9" * 500,
    "²",
    "9999-12-31",
    "//evil.example/",
    "",
]
RAW = b"%ED%A0%80%FF"
OF_TYPE = {
    "text": [SCRIPT, "Anna\r\nBcc: everyone@example.se", "\u202e\ufeff😀\U0010ffff", "x" * 500],
    "date": ["0001-01-01", "9999-12-31"],
    "time": ["00:00", "23:59"],
    "number": ["0", "-1", "99999999999999999999"],
}
"""What looks right to a field of each type; everything else of the form is left as the page offers it."""
LAST = ("formats.delete", "groups.leave", "groups.remove_member", "meetings.cancel", "live.end", "orgs.take_role")
LAST += ("notes.delete", "people.end_session", "people.end_other_sessions", "people.sign_out")
"""Steps after which little is left to try."""
EXTRA = {
    "act",
    "person_id",
    "case_no",
    "from",
    "device_event_id",
    "answer",
    "is_coming",
    "next",
    "version",
    "group_id",
    "change",
    "let_stand",
    "pinned",
}
"""Fields that pages send from buttons, or that exist on pages not open to everyone."""


@pytest.fixture
def world(session: Any, browser: Any) -> dict[str, Any]:
    return make_world(session, browser)


def make_world(session: Any, browser: Any) -> dict[str, Any]:
    """A running group with a round under way, a case, an open group with a line, and one browser per role."""
    maria = factories.make_supervisor(session)
    organisation = factories.make_organisation(session, created_by_id=maria.id)
    assignment = factories.make_assignment(session, maria, organisation)
    group = factories.make_group(session, assignment)
    members = [factories.make_member(session, group) for _ in range(5)]
    live, coming = factories.make_meeting(session, group), factories.make_meeting(session, group)
    open_group = factories.make_group(session, assignment, status="forming", first_on=date(2027, 1, 13), seats=4)
    waits = factories.make_person(session)
    place = QueuePlace(group_id=open_group.id, person_id=waits.id, number=1, status="waiting", queued_at=factories.NOW)
    sign_up = SignUp(assignment_id=assignment.id, person_id=waits.id, created_at=factories.NOW)
    data = formats()["classic_two"].to_data()
    own = OwnFormat(supervisor_id=maria.id, data=data, created_at=factories.NOW, changed_at=factories.NOW)
    cover = CoverRequest(
        organisation_id=organisation.id,
        meeting_id=coming.id,
        person_id=members[0].id,
        starts_at=coming.starts_at,
        ends_at=coming.ends_at,
        asked_at=factories.NOW,
    )
    key = Passkey(person_id=maria.id, credential_id=b"x", public_key=b"y", name=SCRIPT, created_at=factories.NOW)
    outer = OuterIdentity(person_id=maria.id, issuer="https://id.example.se", subject="1", linked_at=factories.NOW)
    session.add_all([place, sign_up, own, cover, key, outer])
    session.flush()
    roles = {
        "supervisor": maria,
        "member": members[0],
        "waiting": waits,
        "coordinator": factories.make_manager(session, organisation, "coordinator"),
    }
    browsers = {role: factories.sign_in(browser(), person, session) for role, person in roles.items()}
    browsers["stranger"] = browser()
    member = (
        browsers["member"]
        .get(f"/groups/{group.id}/cases/new")
        .submit(title=SCRIPT, situation=f"Anna Andersson {SCRIPT}", question=SCRIPT)
    )
    case_id = member.path.split("/")[2]
    browsers["supervisor"].get(f"/groups/{group.id}/notes/new").submit(text=f"Anna Andersson {SCRIPT}")
    note_id = browsers["supervisor"].path.split("/")[2]
    browsers["supervisor"].get(f"/meetings/{live.id}/live/prepare").submit()
    proposed = {
        "supervisor": str(maria.id),
        "slot": "A2-13",
        "place": "Gamla apoteket",
        "language": "sv",
        "pinned": False,
        "group_id": None,
        "same_team": 0,
        "is_mixed": False,
    }
    run = FormationRun(assignment_id=assignment.id, status="done", groups=[proposed], asked_at=factories.NOW)
    session.add(run)
    session.flush()
    session.add(FormationSeat(run_id=run.id, person_id=members[1].id))
    ids: dict[str, list[Any]] = {
        "organisation_id": [organisation.id],
        "assignment_id": [assignment.id],
        "group_id": [group.id, open_group.id],
        "meeting_id": [live.id, coming.id],
        "case_id": [case_id],
        "note_id": [note_id],
        "cover_id": [cover.id],
        "run_id": [run.id],
        "format_id": [own.id],
        "person_id": [members[1].id],
        "campaign_id": [assignment.id],
        "passkey_id": [key.id],
        "identity_id": [outer.id],
        "holding_id": [session.scalars(select(RoleHolding.id)).one()],
        "session_id": [session.scalars(select(LoginSession.id).limit(1)).one()],
        "token": [assignment.join_token],
    }
    session.commit()
    return {"ids": ids, "browsers": browsers}


def paths(app: Flask, ids: dict[str, list[Any]], method: str) -> list[str]:
    """Every address of the app with this method, those that end things at the end."""
    rules = [r for r in app.url_map.iter_rules() if r.endpoint != "static" and method in (r.methods or set())]
    found = []
    for rule in sorted(rules, key=lambda one: one.endpoint in LAST):
        for number in range(max([len(ids[name]) for name in rule.arguments], default=1)):
            chosen = {name: ids[name][min(number, len(ids[name]) - 1)] for name in rule.arguments}
            endless = "?once=1" if rule.endpoint == "live.stream" else ""  # asked once, it ends
            found.append(rule.build(chosen)[1] + endless)  # type: ignore[index]
    return found


def form_of(text: str) -> dict[str, tuple[str, str]]:
    """The fields of a page's main form: name -> type and value."""
    soup = BeautifulSoup(text, "html.parser")
    found: dict[str, tuple[str, str]] = {}
    for control in soup.select("main form[method=post] [name]"):
        kind = str(control.get("type", "text")) if control.name == "input" else str(control.name)
        if kind in {"radio", "checkbox"} and not control.has_attr("checked"):
            continue
        value = control.get("value", "")
        if control.name == "select":
            chosen = control.select_one("option[selected]") or control.select_one("option")
            value = chosen["value"] if chosen else ""
        if control.name == "textarea":
            kind, value = "text", control.get_text()
        found.setdefault(str(control["name"]), (kind, str(value)))
    return found


def sends(fields: dict[str, tuple[str, str]]) -> list[dict[str, str]]:
    """What is sent to one address: every hostile value in all fields at once, then what fits one field's type."""
    usual = {name: value for name, (_kind, value) in fields.items() if name != "csrf_token"}
    usual |= {name: "00:00" for name, (kind, value) in fields.items() if kind == "time" and not value}
    made = [dict.fromkeys(usual.keys() | EXTRA, value) for value in HOSTILE]
    texts = [name for name, (kind, _value) in fields.items() if kind in {"text", "url", "hidden"} and name in usual]
    made += [usual | dict.fromkeys(texts, value) for value in OF_TYPE["text"] if texts]
    for name, (kind, _value) in fields.items():
        made += [usual | {name: value} for value in OF_TYPE.get(kind, []) if kind != "text"]
    return made


def failure(someone: Browser, method: str, path: str, **sent: Any) -> str | None:
    """Send one request; say what was wrong with the answer."""
    try:
        answer = someone.client.open(path, method=method, **sent)
        if answer.status_code >= 500:
            return f"{answer.status_code}"
        text = answer.get_data().decode(errors="replace")
        if "<script>alert" in text or "<img src=x" in text or "7*7 = 49" in text:
            return "markup came back"
        if answer.status_code in {301, 302, 303} and not answer.headers["Location"].startswith(
            ("/", "http://localhost/")
        ):
            return f"sent to {answer.headers['Location']}"
        if answer.headers.get("Location", "").startswith("//"):
            return f"sent to {answer.headers['Location']}"
    except Exception as broken:  # noqa: BLE001 - the app's faults are what is looked for
        return f"{type(broken).__name__}: {str(broken)[:160]}"
    return None


def token_of(someone: Browser) -> str:
    page = someone.client.get("/me")
    if page.status_code != 200:
        page = someone.client.get("/sign-in")
    return str(BeautifulSoup(page.get_data(as_text=True), "html.parser").select_one("[name=csrf_token]")["value"])


@pytest.mark.parametrize("role", ["supervisor", "member", "stranger"])
def test_hostile_forms_break_nothing(app: Flask, world: dict[str, Any], role: str) -> None:
    someone = world["browsers"][role]
    token = token_of(someone)
    wrong = []
    for path in paths(app, world["ids"], "POST"):
        page = someone.client.get(path)
        for data in sends(form_of(page.get_data(as_text=True)) if page.status_code == 200 else {}):
            found = failure(someone, "POST", path, data=data | {"csrf_token": token})
            if found:
                told = {name: value[:24] for name, value in data.items()}
                wrong.append(f"{path}: {found} of {told}")
    wrong += [
        f"{path}: {found}" for path in paths(app, world["ids"], "GET") if (found := failure(someone, "GET", path))
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", ["supervisor", "stranger"])
def test_hostile_addresses_break_nothing(app: Flask, world: dict[str, Any], role: str) -> None:
    someone = world["browsers"][role]
    wrong = []
    short = [value for value in HOSTILE if len(value) < 200]
    for value in [quote(value, safe="") for value in short] + [RAW.decode()]:
        query = "&".join(f"{name}={value}" for name in ("next", "code", "lang", "part", "seq", "mark", "ask", "page"))
        ids = world["ids"] if value in {quote(SCRIPT, safe=""), "%00", RAW.decode()} else {}
        tried = paths(app, ids, "GET") if ids else ["/sign-in", "/sign-in/code", "/sign-in/password", "/"]
        tried += [f"/join/{value}", f"/invitation/{value}", f"/groups/{value}", f"/{value}"]
        for path in tried:
            found = failure(someone, "GET", f"{path}{'&' if '?' in path else '?'}{query}")
            if found:
                wrong.append(f"{path}?{query[:60]}: {found}")
    assert not wrong, "\n".join(wrong)
