from datetime import UTC, datetime, timedelta

import pytest

from supervision.cases.models import Case
from tests import factories

ANSWERS = {
    "title": "En kopp till",
    "situation": "Vid läggdags ber Gunnar mig stanna på kaffe.",
    "question": "Hur går jag utan att svika?",
}


@pytest.fixture
def place(browser, session):
    """A group with its people, each in a browser of their own; the meeting is four days away."""
    assignment = factories.make_assignment(session)
    group = factories.make_group(session, assignment, name="Linden")
    factories.make_meeting(session, group, datetime(2026, 11, 28, 13, 0, tzinfo=UTC))
    people = {
        "elin": factories.make_member(session, group, factories.make_person(session, "Elin")),
        "leyla": factories.make_member(session, group, factories.make_person(session, "Leyla")),
        "maria": assignment.supervisor,
        "chef": factories.make_manager(session, assignment.organisation),
        "planner": factories.make_manager(session, assignment.organisation, "coordinator"),
        "stranger": factories.make_member(session, factories.make_group(session)),
    }
    group_id = group.id
    return {"group": group_id} | {
        name: factories.sign_in(browser(), person, session) for name, person in people.items()
    }


def write(place, button="Spara utkast", **values):
    elin = place["elin"].get(f"/groups/{place['group']}/cases/new")
    return elin.submit(button, **(ANSWERS | values))


def pass_time(place, clock, until):
    """Nobody's session idles out on the way."""
    while clock.at < until:
        clock.set(min(until, clock.at + timedelta(hours=10)))
        for name in set(place) - {"group"}:
            place[name].get("/cases")


def only_case(session):
    session.rollback()
    return session.query(Case).one()


def statuses(place, path, *names):
    return [place[name].get(path).status for name in names]


def test_the_form_names_no_day_that_has_gone(place, clock):
    form = f"/groups/{place['group']}/cases/new"
    assert "Gruppen från onsdag 25 november." in place["elin"].get(form).text
    pass_time(place, clock, datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    assert "Handledaren och gruppen, på en gång." in place["elin"].get(form).text
    assert "25 november" not in place["elin"].text


def test_a_draft_is_its_writers_alone(place, session):
    elin = write(place, wishes=["listen", "ask"], tags=["loneliness"])
    case = only_case(session)
    assert elin.path == f"/cases/{case.id}/edit"
    assert (case.status, case.wishes, case.tags) == ("draft", ["listen", "ask"], ["loneliness"])
    for path in (f"/cases/{case.id}", f"/cases/{case.id}/edit"):
        assert statuses(place, path, "elin") == [200]
        assert statuses(place, path, "leyla", "maria", "chef", "planner", "stranger") == [404] * 5
    listing = f"/groups/{place['group']}/cases"
    assert statuses(place, listing, "chef", "planner", "stranger") == [404] * 3
    assert "En kopp till" in elin.get(listing).text
    assert "En kopp till" in elin.get("/cases").text
    for name in ("leyla", "maria"):
        assert "En kopp till" not in place[name].get(listing).text
    assert "En kopp till" not in place["leyla"].get("/cases").text


def test_a_personal_number_is_refused_beside_its_field_and_nothing_is_lost(place, session):
    elin = write(place, situation="Hon föddes 811218-9876 och vill inte.", meaningful="närheten")
    assert elin.status == 422
    assert (
        "Det ser ut som ett personnummer. Ta bort det, så sparar vi."
        in elin.soup.select_one("#situation-error").get_text()
    )
    assert "811218-9876" in elin.soup.select_one("#situation").get_text()
    assert elin.soup.select_one("#meaningful")["value"] == "närheten"
    session.rollback()
    assert session.query(Case).count() == 0


def test_marks_are_shown_and_the_writer_decides(place, session):
    elin = write(place)
    assert [mark.get_text() for mark in elin.soup.select("mark.warn")] == ["Gunnar1"]
    assert "”Gunnar” ser ut som ett namn." in elin.text
    elin.submit("Byt till ”brukaren”")
    assert "ber brukaren mig" in elin.soup.select_one("#situation").get_text()
    assert not elin.soup.select("mark.warn")
    elin.submit("Spara utkast", situation="Vid läggdags ber Gunnar mig stanna.")
    elin.submit("Låt stå")
    assert not elin.soup.select("mark.warn")
    assert "Gunnar" in elin.get(f"/cases/{only_case(session).id}").text


def test_an_offered_case_is_the_supervisors_and_the_groups_from_three_days_before(place, session, clock):
    elin = write(place, "Visa för handledaren")
    case_id = only_case(session).id
    path = f"/cases/{case_id}"
    assert elin.path == path
    assert statuses(place, path, "maria", "leyla", "chef", "planner", "stranger") == [200, 404, 404, 404, 404]
    assert place["maria"].get(f"{path}/edit").status == 403
    pass_time(place, clock, datetime(2026, 11, 24, 23, 1, tzinfo=UTC))
    assert statuses(place, path, "leyla", "chef") == [200, 404]
    assert place["leyla"].get(f"{path}/edit").status == 403
    assert place["leyla"].post(f"{path}/withdraw").status == 403
    elin.get(path).submit("Ta tillbaka")
    assert statuses(place, path, "elin", "maria", "leyla") == [200, 404, 404]


def test_the_supervisor_chooses_and_postpones(place, session):
    write(place, "Visa för handledaren")
    path = f"/cases/{only_case(session).id}"
    maria = place["maria"].get(path).submit("Välj ärendet")
    assert "lördag 28 november" in maria.text
    assert only_case(session).status == "chosen"
    assert statuses(place, path, "leyla", "chef") == [200, 404]
    assert place["leyla"].post(f"{path}/choose").status == 403
    maria.get(path).submit("Skjut upp")
    assert (only_case(session).status, only_case(session).meeting_id) == ("offered", None)
    assert maria.post(f"{path}/postpone").status == 409


def test_others_see_nothing_unfinished(place, session):
    elin = write(place, "Visa för handledaren", question="")
    assert elin.status == 422
    assert elin.soup.select_one("#question-error")
    session.rollback()
    assert session.query(Case).count() == 0


def test_whoever_is_next_can_wait(place, session, clock):
    write(place, "Visa för handledaren")
    listing = f"/groups/{place['group']}/cases"
    assert "Onsdag 25 november säger vi vem som står näst." in place["leyla"].get(listing).text
    pass_time(place, clock, datetime(2026, 11, 25, 8, 0, tzinfo=UTC))
    elin = place["elin"].get(f"/cases/{only_case(session).id}").submit("Ta tillbaka")
    elin.get(f"/cases/{only_case(session).id}/edit").submit("Visa för handledaren")
    elin.get(listing)
    assert "Det är din tur, för du är den enda än så länge som kan ta en tur." in elin.text
    assert "Näst: Elin" in place["leyla"].get(listing).text
    elin.submit("Jag vill vänta")
    assert "Det är din tur" not in elin.text
    assert place["leyla"].post(f"{listing}/step-back").status == 409


def test_a_page_of_many_cases_asks_no_more_than_one_of_few(place, session, count_queries):
    elin = place["elin"]
    counts = []
    for _ in range(2):
        write(place)
        write(place, "Visa för handledaren")
        count_queries.clear()
        elin.get(f"/groups/{place['group']}/cases")
        counts.append(len(count_queries))
    assert counts[0] == counts[1]
