"""The pages before and after a round."""

import html
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from supervision.cases.models import Case, WillingTurn
from supervision.formats.catalogue import formats
from supervision.formats.models import OwnFormat
from supervision.jobs import transaction
from supervision.live import tasks
from supervision.live.models import LiveSummary
from supervision.meetings.models import Answer
from supervision.people.models import LoginSession
from tests import factories as make


@pytest.fixture
def desk(session, browser, clock):
    """A group a fortnight after its last meeting, its supervisor and two members signed in."""

    class Desk:
        pass

    made = Desk()
    made.supervisor = make.make_supervisor(session)
    made.group = make.make_group(session, make.make_assignment(session, made.supervisor))
    made.elin = make.make_member(session, made.group, make.make_person(session, "Elin Jansson"))
    made.leyla = make.make_member(session, made.group, make.make_person(session, "Leyla Demir"))
    made.amina = make.make_member(session, made.group, make.make_person(session, "Amina Hassan"))
    made.now = make.make_meeting(session, made.group)
    made.before = make.make_meeting(session, made.group, made.now.starts_at - timedelta(days=14), status="held")
    made.after = make.make_meeting(session, made.group, made.now.starts_at + timedelta(days=14))
    made.own = OwnFormat(
        supervisor_id=made.supervisor.id,
        data=formats()["classic_one"].to_data() | {"name": dict.fromkeys(("sv", "da", "en"), "Min ordning")},
        created_at=clock.at,
        changed_at=clock.at,
    )
    session.add(made.own)
    clock.set(made.now.starts_at - timedelta(minutes=10))
    made.url = f"/meetings/{made.now.id}"
    made.screen = make.sign_in(browser(), made.supervisor, session)
    made.phone = make.sign_in(browser(), made.elin, session)
    return made


def presented(session, desk, meeting, person):
    case = Case(
        group_id=desk.group.id,
        author_id=person.id,
        kind="case",
        status="presented",
        meeting_id=meeting.id,
        created_at=meeting.starts_at,
        changed_at=meeting.starts_at,
        presented_at=meeting.starts_at,
    )
    session.add(case)
    session.commit()


def test_the_table_is_set_from_what_is_known(session, desk, clock):
    presented(session, desk, desk.before, desk.elin)
    desk.phone.get(f"/meetings/{desk.before.id}/follow-up").submit("Spara", what="Jag väntar in henne.")
    desk.phone.get(f"/groups/{desk.group.id}/cases").submit("Jag kan ta en tur")
    session.add(Answer(meeting_id=desk.now.id, person_id=desk.leyla.id, is_coming=False, answered_at=clock.at))
    session.commit()
    page = desk.screen.get(f"{desk.url}/live/prepare")
    assert "Sedan sist" in page.text
    assert "Jag väntar in henne." in page.text
    assert "Elin Jansson står näst" in page.text
    assert "Kan ta en tur utan skrivet ärende: Elin Jansson" in page.text
    assert page.soup.select_one("#presenter_1 option[selected]")["value"] == str(desk.elin.id)
    assert page.soup.select_one(f"#how_{desk.leyla.id.hex} option[selected]")["value"] == "not"
    assert "Min ordning" in page.text
    assert "En annan skärm kan ta över" in page.text


def test_a_format_that_is_not_as_long_as_the_meeting_says_so(session, desk):
    assert "Gjord för" not in desk.screen.get(f"{desk.url}/live/prepare").text
    for minutes, sentence in (
        (75, "Gjord för 90 minuter, träffen har 75: faserna krymper."),
        (120, "Gjord för 90 minuter, träffen har 120: faserna växer."),
        (30, "minuter över träffens 30."),
    ):
        desk.now.ends_at = desk.now.starts_at + timedelta(minutes=minutes)
        session.commit()
        assert sentence in desk.screen.get(f"{desk.url}/live/prepare").text


def begin(desk, **values):
    desk.screen.get(f"{desk.url}/live/prepare").submit("Börja", **values)
    assert desk.screen.path == f"{desk.url}/live"


def end(desk, clock, **passed):
    clock.forward(**passed)
    desk.screen.get(f"{desk.url}/live/end").submit("Avsluta träffen")


def test_an_own_format_is_run_and_the_meeting_keeps_it_when_it_is_deleted(session, desk, clock):
    key = desk.own.format.key
    begin(desk, format_key=key)
    assert "Inramning" in desk.screen.text
    assert desk.screen.text.count("Min ordning") == 1  # in the header
    assert '"format": "Min ordning"' in html.unescape(desk.screen.response.get_data(as_text=True))  # for the script
    desk.screen.get(f"/formats/{desk.own.id}/delete").submit("Ja, ta bort den")
    assert "Inramning" in desk.screen.get(f"{desk.url}/live").text
    end(desk, clock, minutes=5)
    summary = desk.screen.get(f"{desk.url}/summary")
    assert summary.status == 200
    assert "Plan och utfall" in summary.text
    session.expire_all()
    assert desk.now.format_key == key


def test_anothers_format_is_refused(session, desk):
    desk.own.supervisor_id = make.make_supervisor(session, "Jens Holm").id
    session.commit()
    desk.screen.get(f"{desk.url}/live/prepare").submit("Börja", format_key=f"own:{desk.own.id.hex}")
    assert desk.screen.status == 422
    session.expire_all()
    assert desk.now.status == "planned"


def test_afterwards_each_sees_what_is_theirs_and_what_comes(session, desk, clock):
    begin(desk, format_key=f"own:{desk.own.id.hex}", presenter_1=str(desk.elin.id))
    clock.forward(minutes=25)
    for _ in range(5):
        form = desk.screen.get(f"{desk.url}/live").soup.find("form", id="act")
        data = {one["name"]: one["value"] for one in form.select("input")} | {"act": "next_phase"}
        desk.screen.post(f"{desk.url}/live/command", data)
    end(desk, clock, minutes=20)
    session.expire_all()
    session.add(WillingTurn(meeting_id=desk.after.id, person_id=desk.amina.id, said_at=clock.at))
    phone = desk.phone.get(f"{desk.url}/summary")
    assert "Nästa gång" in phone.text
    assert "8 december" in phone.text
    assert "Amina" not in phone.text  # who is willing is the supervisor's
    assert phone.soup.select_one(f'#main a[href="{desk.url}/follow-up"]')
    phone.get(f"{desk.url}/follow-up").submit("Spara", what="Jag räknar till tio.")
    assert "Jag räknar till tio." in phone.get(f"{desk.url}/summary").text
    page = desk.screen.get(f"{desk.url}/summary")
    assert "Min ordning" in page.text
    assert "Jag räknar till tio." in page.text
    assert "Amina Hassan" in page.text
    assert page.soup.find(id="spoken")
    assert "De tas bort torsdag 24 december" in page.text


def test_after_30_days_the_minutes_are_gone_and_it_says_so(app, session, browser, desk, clock):
    begin(desk)
    end(desk, clock, minutes=5)
    clock.forward(days=31)
    with app.app_context():
        tasks.purge_log(transaction, clock.at)
    assert session.get(LiveSummary, desk.now.id) is not None
    signed_in = partial(_signed_in_now, session, browser, clock)
    page = signed_in(desk.supervisor).get(f"{desk.url}/summary")
    assert "Minuterna från den här träffen är raderade" in page.text
    assert not page.soup.find(id="spoken")
    assert "Det finns ingen tid sparad för dig" in signed_in(desk.elin).get(f"{desk.url}/summary").text


def _signed_in_now(session, browser, clock, person):
    made = make.sign_in(browser(), person, session)
    session.execute(update(LoginSession).values(seen_at=clock.at, started_at=clock.at))
    session.commit()
    return made


def test_a_meeting_without_the_round_has_no_minutes(desk):
    page = desk.screen.get(f"/meetings/{desk.before.id}/summary")
    assert "Träffen hölls utan rundan här" in page.text
