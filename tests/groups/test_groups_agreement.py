"""Versions of the agreement: what has changed is shown, each acceptance is noted, and who forgot is reminded once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.groups import queries, services
from supervision.groups.agreement_queries import accepted_of, groups_to_accept
from supervision.groups.models import Membership
from supervision.outbox.models import Mail
from supervision.people.models import Person
from tests import factories


@pytest.fixture
def group(session):
    made = factories.make_group(session)
    for name in ("Leyla Demir", "Elin Johansson"):
        factories.make_member(session, made, factories.make_person(session, name))
    services.ensure_agreement(session, made, now=factories.NOW)
    return made


def member(session, name: str) -> Person:
    return session.scalars(select(Person).where(Person.name == name)).one()


def change(session, group, old: str, new: str) -> None:
    group = queries.find_group(session, group.id)
    actor = factories.actor_of(group.assignment.supervisor)
    text = services.ensure_agreement(session, group, now=factories.NOW).text
    services.change_agreement(session, actor, group, text.replace(old, new), factories.NOW)


def reminders(session) -> list[str]:
    session.expire_all()
    return sorted(session.scalars(select(Mail.to_email).where(Mail.kind == "agreement_reminder")))


def test_a_member_reads_what_has_changed_since_the_version_they_accepted(browser, session, group) -> None:
    phone = factories.sign_in(browser(), member(session, "Leyla Demir"), session)
    phone.get(f"/groups/{group.id}/agreement")
    assert not phone.soup.select("ins, del")
    phone.submit("Jag godkänner kontraktet")
    change(session, group, "varannan vecka", "var tredje vecka")
    change(session, group, "Du kan sluta när som helst.", "Du kan sluta när du vill.")
    phone.get(f"/groups/{group.id}/agreement")
    assert [one.get_text() for one in phone.soup.select("del")] == [
        " [borttaget: varannan] ",
        " [borttaget: som helst.] ",
    ]
    assert [one.get_text() for one in phone.soup.select("ins")] == [" [nytt: var tredje] ", " [nytt: du vill.] "]
    assert "Du godkände version 1" in phone.text
    phone.submit("Jag godkänner kontraktet")
    phone.get(f"/groups/{group.id}/agreement")
    assert "Du godkände den här versionen" in phone.text
    phone.get(f"/groups/{group.id}/agreement?version=2")
    assert "gäller inte längre" in phone.text
    assert len(phone.soup.select("del")) == 1
    assert phone.get(f"/groups/{group.id}/agreement?version=99x").status == 200


def test_the_supervisor_sees_who_accepted_which_and_members_do_not(browser, session, group) -> None:
    leyla, elin = member(session, "Leyla Demir"), member(session, "Elin Johansson")
    services.accept_agreement(session, factories.actor_of(leyla), group, 1, factories.NOW)
    change(session, group, "varannan vecka", "var tredje vecka")
    services.accept_agreement(session, factories.actor_of(elin), group, 2, factories.NOW)
    found = accepted_of(session, group.id)
    assert {person_id: one.version for person_id, one in found.items()} == {leyla.id: 1, elin.id: 2}
    maria = factories.sign_in(browser(), group.assignment.supervisor, session)
    maria.get(f"/groups/{group.id}/agreement")
    rows = [" ".join(row.get_text(" ").split()) for row in maria.soup.select("tbody tr")]
    assert [row.split(",")[0] for row in rows] == ["Leyla Demir Version 1", "Elin Johansson Version 2"]
    phone = factories.sign_in(browser(), member(session, "Leyla Demir"), session)
    assert "Elin" not in phone.get(f"/groups/{group.id}/agreement").text


def test_the_start_page_asks_for_each_group(session, group) -> None:
    leyla = member(session, "Leyla Demir")
    other = factories.make_group(session, group.assignment)
    factories.make_member(session, other, leyla)
    services.ensure_agreement(session, other, now=factories.NOW)
    meeting = factories.make_meeting(session, group)
    actor = factories.actor_of(leyla, member_of=frozenset({group.id, other.id}))
    found = dict(groups_to_accept(session, actor, factories.NOW))
    assert found == {group: meeting.starts_at, other: None}
    services.accept_agreement(session, actor, other, 1, factories.NOW)
    assert [one for one, _at in groups_to_accept(session, actor, factories.NOW)] == [group]
    change(session, other, "varannan vecka", "var tredje vecka")
    assert len(groups_to_accept(session, actor, factories.NOW)) == 2


def test_who_has_not_accepted_is_reminded_once_per_version(app, session, group, clock) -> None:
    leyla, elin = member(session, "Leyla Demir"), member(session, "Elin Johansson")
    services.accept_agreement(session, factories.actor_of(leyla), group, 1, factories.NOW)
    factories.make_meeting(session, group, factories.NOW + timedelta(days=4))
    left = factories.make_member(session, group, left_at=factories.NOW)
    quiet = factories.make_member(session, group, no_reminders(session))
    to = {person: person.email for person in (leyla, elin, left, quiet)}
    first, second = to[leyla], to[elin]

    def sweep() -> None:
        session.commit()
        with app.app_context():
            jobs.remind_of_agreement(app)

    sweep()
    assert reminders(session) == []
    session.commit()
    clock.forward(days=1, hours=12)  # 21 o'clock
    sweep()
    sweep()
    assert reminders(session) == [second]
    mail = session.scalars(select(Mail).where(Mail.kind == "agreement_reminder")).one()
    assert mail.send_after_at > clock.at
    change(session, group, "varannan vecka", "var tredje vecka")
    sweep()
    assert reminders(session) == sorted([first, second, second])
    seats = session.scalars(select(Membership.agreement_reminded).where(Membership.left_at.is_(None))).all()
    assert set(seats) == {2}


def no_reminders(session) -> Person:
    return factories.make_person(session, no_reminders_at=factories.NOW)
