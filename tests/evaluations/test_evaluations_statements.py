"""The group's own words reach a manager when everyone has approved exactly them; the answer comes back."""

import re
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from supervision.evaluations import statements
from supervision.evaluations.models import GroupStatement, ManagerAnswer, StatementApproval
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.store.forgetting import seal_of
from tests import factories

NOW = datetime(2026, 12, 9, 9, tzinfo=UTC)
CANARY = "Schemat hindrar oss: kanariefågel."


@pytest.fixture
def world(session):
    supervisor = factories.make_supervisor(session, language="en")
    assignment = factories.make_assignment(session, supervisor)
    group = factories.make_group(session, assignment, name="Linden")
    members = [factories.make_member(session, group, factories.make_person(session, language="en")) for _ in range(3)]
    manager = factories.make_manager(session, assignment.organisation, language="en")
    session.commit()
    return assignment, group, supervisor, members, manager


def seen_by(browser, path):
    """The page without the token of its form, which holds the second it was made."""
    return re.sub(rb'name="csrf_token"[^>]*>', b"", browser.get(path).response.get_data())


def drafted(session, world, text=CANARY, seen=0):
    _assignment, group, supervisor, _members, _manager = world
    return statements.write(session, seal_of(session), factories.actor_of(supervisor), group, text, seen, NOW)


def approve(session, world, person, words):
    return statements.approve(session, factories.actor_of(person), world[1], words.id, NOW)


def said(session, world):
    return [one.text for one in statements.voices(session, seal_of(session), world[0].id).said]


def test_it_is_released_by_the_last_member_only_and_no_approval_is_left(session, world) -> None:
    words = drafted(session, world)
    first, second, third = world[3]
    assert not approve(session, world, first, words)
    assert not approve(session, world, first, words)  # twice is once
    assert not approve(session, world, second, words)
    assert said(session, world) == []
    assert approve(session, world, third, words)
    assert said(session, world) == [CANARY]
    assert session.scalars(select(StatementApproval)).all() == []
    row = session.scalars(select(GroupStatement)).one()
    assert CANARY.encode() not in row.sealed_text


def test_a_change_asks_everyone_again_and_the_released_text_stands_meanwhile(session, world) -> None:
    words = drafted(session, world)
    for person in world[3]:
        approve(session, world, person, words)
    changed = drafted(session, world, "Vi vill ha vikarier.", seen=1)
    for person in world[3][:2]:
        approve(session, world, person, changed)
    again = drafted(session, world, "Vi vill ha vikarier.", seen=2)  # the same words are a version of their own
    assert session.scalars(select(StatementApproval)).all() == []
    with pytest.raises(RuleBroken, match="statement_changed"):
        approve(session, world, world[3][2], changed)
    assert not approve(session, world, world[3][2], again)
    assert said(session, world) == [CANARY]
    assert len(session.scalars(select(GroupStatement)).all()) == 2  # what no manager has read is not kept
    for person in world[3][:2]:
        approve(session, world, person, again)
    assert approve(session, world, world[3][0], again)  # a second tap finds it done
    assert said(session, world) == ["Vi vill ha vikarier."]


def test_who_joins_is_asked_too_and_who_has_left_is_not(session, world) -> None:
    words = drafted(session, world)
    approve(session, world, world[3][0], words)
    new = factories.make_member(session, world[1])
    approve(session, world, world[3][1], words)
    assert not approve(session, world, world[3][2], words)
    assert approve(session, world, new, words)


def test_an_approval_is_taken_back_while_it_waits(session, world) -> None:
    words = drafted(session, world)
    first, second, third = world[3]
    approve(session, world, first, words)
    statements.take_back(session, factories.actor_of(first), world[1], words.id)
    approve(session, world, second, words)
    assert not approve(session, world, third, words)
    assert approve(session, world, first, words)
    with pytest.raises(RuleBroken, match="statement_changed"):
        statements.take_back(session, factories.actor_of(first), world[1], words.id)


def test_two_writers_do_not_overwrite_each_other(session, world) -> None:
    drafted(session, world)
    with pytest.raises(RuleBroken, match="statement_changed"):
        drafted(session, world, "Något annat.", seen=0)
    with pytest.raises(RuleBroken, match="looks_like_personal_number"):
        drafted(session, world, "Ring 19811218-9876.", seen=1)


def test_through_the_pages(app, world, session, browser) -> None:
    assignment, group, supervisor, members, manager = world
    run = factories.sign_in(browser(), supervisor, session)
    run.get(f"/groups/{group.id}/statement/write").submit("Save and ask everyone", text="Vi träffas, säger Birgitta.")
    assert run.status == 422
    assert "Birgitta" in run.text  # it may point at a person
    run.submit("Save and ask everyone", text=CANARY)
    assert run.path == f"/groups/{group.id}/statement"
    mails = session.scalars(select(Mail).where(Mail.kind == "statement")).all()
    assert len(mails) == 3
    assert len({mail.text for mail in mails}) == 1
    assert CANARY not in mails[0].text
    report = factories.sign_in(browser(), manager, session)
    before = seen_by(report, f"/reports/{assignment.id}")
    phones = [factories.sign_in(browser(), person, session) for person in members]
    waiting = [seen_by(phone, f"/groups/{group.id}/statement") for phone in phones]
    supervisors = seen_by(run, f"/groups/{group.id}/statement")
    for n, phone in enumerate(phones[:2]):
        assert "A text from your group to your managers" in phone.get("/").text
        phone.get(f"/groups/{group.id}/statement").submit("I approve exactly this text")
        assert "You approve this text." in phone.text
        assert seen_by(report, f"/reports/{assignment.id}") == before
        assert seen_by(run, f"/groups/{group.id}/statement") == supervisors
        last = seen_by(phones[2], f"/groups/{group.id}/statement")
        assert last == waiting[2], f"the page tells that {n + 1} have approved"
    assert "A text from your group" not in phones[0].get("/").text
    phones[2].submit("I approve exactly this text")
    report.get(f"/reports/{assignment.id}")
    assert CANARY in report.text
    assert not [person.name for person in members if person.name in report.text]
    report.submit("Keep as a draft", text="Vi bokar vikarie.")
    assert "Vi bokar vikarie." in report.response.get_data(as_text=True)
    assert "Vi bokar vikarie." not in phones[0].get(f"/groups/{group.id}/evaluation").text
    report.get(f"/reports/{assignment.id}").submit("Send the answer")
    assert report.status == 200
    assert "Vi bokar vikarie." in phones[0].get(f"/groups/{group.id}/evaluation").text
    assert len(session.scalars(select(Mail).where(Mail.kind == "report_answer")).all()) == 3
    assert phones[0].get("/").soup.select_one(f'a[href="/groups/{group.id}/evaluation"]')
    assert run.get(f"/reports/{assignment.id}").soup.select_one(f'a[href="/groups/{group.id}/evaluation"]')
    assert "vikarie" not in str(session.scalars(select(ManagerAnswer.sealed_text)).one())


def test_another_group_reads_neither_and_nobody_approves_from_outside(world, session, browser) -> None:
    assignment, group, _supervisor, members, manager = world
    words = drafted(session, world)
    other = factories.make_member(session, factories.make_group(session, assignment))
    for person in (other, manager):
        page = factories.sign_in(browser(), person, session)
        assert page.get(f"/groups/{group.id}/statement").status == 404
    run = factories.sign_in(browser(), world[2], session)
    run.get(f"/groups/{group.id}/statement/write")
    run.post(f"/groups/{group.id}/statement", {"statement_id": str(words.id), "act": "approve"})
    assert run.status == 403
    phone = factories.sign_in(browser(), members[0], session)
    assert phone.get(f"/groups/{group.id}/statement/write").status == 403
    assert phone.get(f"/reports/{assignment.id}/answer?group={group.id}").status == 404
    office = factories.sign_in(browser(), manager, session)
    assert office.get(f"/reports/{assignment.id}/answer?group={group.id}").status == 404  # nothing has been said yet
