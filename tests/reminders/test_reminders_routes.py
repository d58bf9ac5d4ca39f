import re
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from supervision import jobs
from supervision.groups.models import Membership
from supervision.meetings.models import Answer, Meeting
from supervision.outbox.models import Mail
from supervision.people.models import Attempt
from supervision.reminders import tasks
from tests import factories


@pytest.fixture
def link(app, session, group, meeting, leyla, clock) -> str:
    """The path of Leyla's link, from her own mail."""
    clock.set(meeting.starts_at - timedelta(days=2))
    session.commit()
    with app.app_context():
        assert tasks.remind(jobs.transaction, clock()) == 1
    mail = session.scalars(select(Mail)).one()
    found = re.search(r"http://localhost:8000(/one-date/\S+)", mail.text)
    assert found
    return found[1]


def test_one_button_says_no_without_signing_in_and_one_takes_it_back(browser, session, meeting, leyla, link) -> None:
    phone = browser()
    phone.get(link)
    assert phone.status == 200
    assert len(phone.soup.select("main form button")) == 1
    phone.submit("Jag kan inte komma")
    assert (phone.status, phone.path) == (200, link)
    answer = session.scalars(select(Answer)).one()
    assert (answer.meeting_id, answer.person_id, answer.is_coming) == (meeting.id, leyla.id, False)
    assert "Bara din handledare ser det" in phone.text
    phone.submit("Jag kan komma ändå")
    assert session.scalars(select(Answer.is_coming)).all() == [True]
    assert phone.get("/").path == "/sign-in"  # the link signs nobody in


def test_the_page_shows_date_and_time_and_nothing_else(browser, session, group, link) -> None:
    factories.make_member(session, group, factories.make_person(session, "Birgitta"))
    phone = browser().get(link)
    assert "Tisdag 8 december" in phone.text
    assert "14.00–15.30" in phone.text
    for secret in ("Leyla", "Birgitta", "Linden", "apoteket", "Maria", "Norrhamn", "@example"):
        assert secret not in phone.response.get_data(as_text=True)


def test_opening_every_link_of_every_mail_changes_nothing(app, session, link) -> None:
    """A mail scanner opens, asks for the head, follows links and loads what the page names; it sends no form."""
    before = (session.scalar(select(func.count()).select_from(Answer)), session.scalars(select(Attempt)).all())
    scanner = app.test_client()
    for mail in session.scalars(select(Mail)).all():
        for address in re.findall(r"https?://localhost:\d+(/[^\s\"<]*)", mail.text + " " + mail.html):
            session.commit()
            for method in ("HEAD", "GET", "OPTIONS"):
                answer = scanner.open(address, method=method, headers={"User-Agent": "scanner", "Purpose": "prefetch"})
                assert answer.status_code in {200, 303}
            for query in ("?is_coming=no", "?utm=1"):
                scanner.get(address + query)
            page = scanner.get(address).get_data(as_text=True)
            for inside in re.findall(r'(?:href|src)="([^"#]+)"', page):
                scanner.get(inside if inside.startswith("/") else address + inside, buffered=True)
    session.expire_all()
    assert before == (session.scalar(select(func.count()).select_from(Answer)), session.scalars(select(Attempt)).all())


def test_a_form_without_its_token_or_from_elsewhere_is_refused(app, session, link) -> None:
    session.commit()
    client = app.test_client()
    assert client.post(link, data={"is_coming": "no"}).status_code == 400
    assert client.post(link, data={"is_coming": "no"}, headers={"Origin": "https://evil.example"}).status_code == 400
    assert session.scalars(select(Answer)).all() == []


def test_a_form_that_says_neither_is_shown_again(browser, link) -> None:
    phone = browser().get(link)
    assert phone.post(link, {"is_coming": "maybe"}).status == 422
    assert phone.post(link, {}).status == 422


def test_no_address_with_its_token_leaves_the_page(browser, link, caplog) -> None:
    phone = browser().get(link)
    assert phone.response.headers["Referrer-Policy"] == "strict-origin"
    assert phone.soup.find("meta", {"name": "referrer"})["content"] == "strict-origin"  # it goes before the header
    assert phone.response.headers["Cache-Control"] == "no-store"
    phone.submit("Jag kan inte komma")
    assert [one.headers["Referrer-Policy"] for one in phone.response.history] == ["strict-origin"]
    assert phone.get(link + "x").response.headers["Referrer-Policy"] == "strict-origin"
    assert link.rsplit("/", 1)[1] not in caplog.text


@pytest.mark.parametrize("what", ["begun", "moved", "cancelled", "left", "changed", "another meeting"])
def test_a_link_is_over_when(browser, session, group, meeting, leyla, clock, link, what) -> None:
    phone = browser().get(link)
    if what == "begun":
        clock.set(meeting.starts_at)
    elif what == "moved":
        meeting.starts_at += timedelta(hours=1)
    elif what == "cancelled":
        meeting.status, meeting.cancelled_as = "cancelled", "late"
    elif what == "left":
        session.execute(update(Membership).values(left_at=clock()))
    elif what == "changed":
        link = link[:-1] + ("A" if link[-1] != "A" else "B")
    else:
        factories.make_meeting(session, group, meeting.starts_at + timedelta(days=14))
        session.delete(meeting)
        session.flush()
        session.expire_all()
    assert phone.post(link, {"is_coming": "no"}).status == 409
    assert phone.get(link).status == 409
    assert "Länken gäller inte längre" in phone.text
    assert session.scalars(select(Answer)).all() == []


def test_who_left_and_came_back_has_another_seat(browser, session, group, leyla, clock, link) -> None:
    session.execute(update(Membership).values(left_at=clock()))
    factories.make_member(session, group, leyla)
    assert browser().get(link).status == 409


def test_many_changes_have_to_wait(browser, session, link) -> None:
    phone = browser().get(link)
    for n in range(7):
        phone.post(link, {"is_coming": "yes" if n % 2 else "no"})
    assert phone.status == 422
    assert "Vänta" in phone.text


def test_the_page_speaks_the_person_s_language_unless_another_is_chosen(browser, session, leyla, link) -> None:
    leyla.language = "da"
    phone = browser().get(link)
    assert "Jeg kan ikke komme" in phone.text
    assert phone.soup.html["lang"] == "da"
    assert "I can't come" in phone.get(f"{link}?lang=en").text


def test_the_supervisor_holds_it_anyway_and_is_not_asked_again(
    browser, session, supervisor, meeting, leyla, clock
) -> None:
    meeting.starts_at -= timedelta(days=1)
    maria = factories.sign_in(browser(), supervisor, session)
    assert "Färre än tre" in maria.get(f"/meetings/{meeting.id}").text
    assert "Håll, flytta eller ställ in" in maria.get("/").text
    maria.get(f"/meetings/{meeting.id}").submit("Håll den ändå")
    assert maria.path == f"/meetings/{meeting.id}"
    assert "Träffen hålls" in maria.text
    assert "Färre än tre" not in maria.get(f"/meetings/{meeting.id}").text
    assert "Håll, flytta eller ställ in" not in maria.get("/").text
    assert session.scalars(select(Meeting.runs_anyway_at)).one() == clock()


def test_a_member_cannot_decide_that_a_meeting_is_held(browser, session, meeting, leyla) -> None:
    phone = factories.sign_in(browser(), leyla, session)
    assert phone.post(f"/meetings/{meeting.id}/run-anyway").status == 403


def test_a_cancelled_meeting_is_not_held_anyway(browser, session, supervisor, meeting) -> None:
    maria = factories.sign_in(browser(), supervisor, session)
    meeting.status, meeting.cancelled_as = "cancelled", "late"
    assert maria.post(f"/meetings/{meeting.id}/run-anyway").status == 409


def test_reminders_are_turned_off_and_on_at_me(browser, session, leyla) -> None:
    phone = factories.sign_in(browser(), leyla, session)
    assert phone.get("/me").soup.find("input", {"name": "wants_reminders"}).has_attr("checked")
    phone.submit("Spara", wants_reminders=[])
    assert not leyla.wants_reminders
    assert not phone.get("/me").soup.find("input", {"name": "wants_reminders"}).has_attr("checked")
    phone.submit("Spara", wants_reminders="y")
    assert leyla.wants_reminders
