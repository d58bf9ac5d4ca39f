"""Statements are reworded and added before an evaluation opens, warned about, and frozen with it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from supervision import jobs
from supervision.evaluations import questionnaires
from supervision.evaluations.models import Campaign
from supervision.evaluations.questionnaire import standard
from supervision.evaluations.wording import pointing
from supervision.kernel.errors import RuleBroken
from supervision.outbox.models import Mail
from supervision.store.database import writing
from tests import factories

NOW = datetime(2026, 12, 2, 9, tzinfo=UTC)


@pytest.fixture
def world(session, clock, monkeypatch):
    clock.set(NOW)
    monkeypatch.setattr(factories, "NOW", NOW)  # signed in now
    supervisor = factories.make_supervisor(session, language="en")
    assignment = factories.make_assignment(session, supervisor)
    group = factories.make_group(session, assignment, name="Linden")
    members = [factories.make_member(session, group, factories.make_person(session, language="da")) for _ in range(5)]
    manager = factories.make_manager(session, assignment.organisation)
    session.commit()
    return assignment, group, supervisor, members, manager


def opened(app, session):
    session.commit()
    with app.app_context():
        jobs.plan_open_close(app)
    writing.set(True)
    session.expire_all()
    return session.scalars(select(Campaign).where(Campaign.status == "open")).one()


def put(session, world, key, seen, **texts):
    assignment, _group, supervisor, _members, _manager = world
    actor = factories.actor_of(supervisor)
    return questionnaires.put(session, actor, assignment, key, texts, seen, NOW)


def test_ours_say_nothing_about_people() -> None:
    assert not [text for one in standard().statements for text in one.text.values() if pointing(text)]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Ni som arbetar natt får stöd.", "some"),
        ("Ni som arbetar natt får stöd.", "shift"),
        ("Those of you who are new feel safe.", "some"),
        ("De, der er over 50 år, trives.", "number"),
        ("Kvinnor får det utrymme de behöver.", "sex"),
        ("De äldre i gruppen lyssnar.", "age"),
        ("Vår samordnare ger oss tid.", "role"),
        ("Jag kan tala med Birgitta.", "name"),
        ("Hon tar för mycket plats.", "person"),
        ("På vår avdelning fungerar det.", "place"),
        ("Nyansatte får plads.", "background"),
    ],
)
def test_words_that_point_at_people_are_named(text, reason) -> None:
    assert reason in {one for one, _words in pointing(text)}


@pytest.mark.parametrize(
    "text", ["Marias sätt ger ro.", "Ekdahl listens.", "Maria's way helps.", "Hos Maria er jeg god."]
)
def test_somebody_of_the_assignment_is_named_wherever_the_name_stands(text) -> None:
    known = frozenset({"Maria Ekdahl"})
    assert [reason for reason, _words in pointing(text, known)].count("name") >= 1
    assert not pointing("Samtalet ger ro.", known)


def test_the_page_asks_about_the_supervisor_s_name_as_the_first_word(world, browser, session) -> None:
    assignment, *_rest = world
    maria = factories.sign_in(browser(), assignment.supervisor, session)
    form = maria.get(f"/assignments/{assignment.id}/questionnaire/edit")
    name = assignment.supervisor.name.split()[0]
    asked = form.submit(sv=f"{name} lyssnar.", da="Der bliver lyttet.", en="One listens.")
    assert asked.status == 422
    assert name in asked.text


def test_versions_go_on_and_rewording_makes_another_statement(session, world) -> None:
    assignment, *_rest = world
    made = put(session, world, "safe", 1, sv="Jag är trygg här.")
    assert made.version == 2
    assert made.statements[0].key == "safe~2"
    assert made.statements[0].text == dict.fromkeys(("sv", "da", "en"), "Jag är trygg här.")  # the words there are
    again = put(session, world, "safe~2", 2, **standard().statements[0].text)
    assert again.statements == standard().statements
    assert again.version == 3
    with pytest.raises(RuleBroken, match="questionnaire_changed"):
        put(session, world, "safe", 2, sv="För sent.")
    for seen in range(3, 3 + questionnaires.OWN_MOST):
        put(session, world, None, seen, da=f"Eget {'a' * seen}", sv="Eget")
    with pytest.raises(RuleBroken, match="too_many_statements"):
        put(session, world, None, 8, sv="Ett till")
    with pytest.raises(RuleBroken, match="looks_like_personal_number"):
        put(session, world, "safe", 8, sv="19811218-9876")
    own = questionnaires.current(session, assignment.id).keys[-1]
    removed = questionnaires.remove(session, factories.actor_of(world[2]), assignment, own, 8, NOW)
    assert own not in removed.keys
    assert len(removed.keys) == 16


def test_the_version_is_frozen_with_the_evaluation_and_asked(app, session, world, browser) -> None:
    put(session, world, None, 1, sv="Vi hinner fika.", da="Vi når at holde pause.")
    campaign = opened(app, session)
    assert campaign.questionnaire["version"] == 2
    assert campaign.questionnaire["statements"][-1]["en"] == "Vi hinner fika."
    with pytest.raises(RuleBroken, match="questionnaire_frozen"):
        put(session, world, "safe", 2, sv="Något annat.")
    phone = factories.sign_in(browser(), world[3][0], session)
    phone.get(f"/evaluations/{campaign.id}/answer")
    assert "Vi når at holde pause." in phone.text
    assert len(phone.soup.select("main form fieldset")) == 13
    run = factories.sign_in(browser(), world[2], session)
    run.get(f"/assignments/{world[0].id}/questionnaire")
    assert "its statements are frozen" in run.text
    assert not run.soup.select("a[href*='questionnaire/edit']")


def test_through_the_pages(session, world, browser) -> None:
    assignment, group, supervisor, members, manager = world
    run = factories.sign_in(browser(), supervisor, session)
    run.get(f"/assignments/{assignment.id}/questionnaire/edit").submit("Save", sv="")
    assert run.status == 422
    assert "in one language at least" in run.text
    run.submit("Save", sv="Ni som arbetar natt får stöd.")
    assert run.status == 422
    assert "Ni som (only some of the group), natt (a shift)" in run.text
    run.submit("Save it as it is")
    assert run.path == f"/assignments/{assignment.id}/questionnaire"
    assert "Version 2." in run.text
    assert run.soup.select("li .chip")[0].get_text() == "added"
    key = questionnaires.current(session, assignment.id).keys[-1]
    run.get(f"/assignments/{assignment.id}/questionnaire/edit?statement={key}").submit("Remove it")
    assert "Ni som" not in run.text
    run.get(f"/assignments/{assignment.id}/questionnaire/edit?statement=nothing")
    assert run.status == 404
    office = factories.sign_in(browser(), manager, session)
    assert office.get(f"/assignments/{assignment.id}/questionnaire").status == 200
    assert office.get(f"/assignments/{assignment.id}/questionnaire/edit").status == 403
    phone = factories.sign_in(browser(), members[0], session)
    assert phone.get(f"/assignments/{assignment.id}/questionnaire").status == 404
    assert phone.get(f"/groups/{group.id}/evaluation/guide").status == 200


def test_the_closing_is_put_off_for_all_and_everyone_gets_the_same_mail(
    app, session, world, browser, clock, monkeypatch
) -> None:
    assignment, _group, supervisor, members, _manager = world
    campaign = opened(app, session)
    closes_at = campaign.closes_at
    run = factories.sign_in(browser(), supervisor, session)
    run.get(f"/assignments/{assignment.id}/evaluation/extend").submit("Put it off for all", closes_on="2026-12-03")
    assert run.status == 422
    assert "after the old one" in run.text
    run.submit("Put it off for all", closes_on="2027-03-01")
    assert "open for 7 to 42 days" in run.text
    run.submit("Put it off for all", closes_on=(closes_at + timedelta(days=7)).date().isoformat())
    assert run.path == f"/reports/{assignment.id}"
    session.expire_all()
    assert session.scalars(select(Campaign.closes_at)).one() == closes_at + timedelta(days=7)
    mails = session.scalars(select(Mail).where(Mail.kind == "evaluation_extended")).all()
    assert {mail.to_email for mail in mails} == {person.email for person in members}
    assert len({(mail.subject, mail.text) for mail in mails}) == 1
    clock.set(closes_at + timedelta(days=8))
    monkeypatch.setattr(factories, "NOW", clock.at)
    late = factories.sign_in(browser(), supervisor, session)
    assert late.get(f"/assignments/{assignment.id}/evaluation/extend").path == f"/reports/{assignment.id}"
