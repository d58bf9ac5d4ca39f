"""The certificate is one's own, counts what was recorded, and reads well for people and machines."""

import io
from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from supervision.certificates.rules import THERE, Recorded, hours
from supervision.meetings.models import Attendance
from tests import factories

KINDS = ["present", "late", "left_early", "absent"]


def recorded(day: int, kind: str, minutes: int) -> Recorded:
    starts_at = factories.NOW + timedelta(days=day)
    return Recorded(starts_at, starts_at + timedelta(minutes=minutes), kind)


rows = st.lists(
    st.builds(recorded, st.integers(0, 400), st.sampled_from(KINDS), st.sampled_from([45, 60, 75, 90, 120]))
)


@given(rows)
def test_the_sum_is_the_recorded_hours(found) -> None:
    got = hours(found, "Europe/Stockholm")
    minutes = sum((one.ends_at - one.starts_at).total_seconds() / 60 for one in found if one.kind in THERE)
    assert got.attended_h == sum((line.attended_h for line in got.lines), Decimal(0)) == Decimal(str(minutes)) / 60
    assert got.held_h >= got.attended_h
    assert got.attended == sum(one.kind != "absent" for one in found)
    assert [line.on for line in got.lines] == sorted(line.on for line in got.lines)


@pytest.fixture
def leyla(session):
    supervisor = factories.make_supervisor(session, "Maria Ekdahl", title="legitimerad psykolog")
    organisation = factories.make_organisation(session, "Ängsvikens omsorg")
    group = factories.make_group(session, factories.make_assignment(session, supervisor, organisation))
    person = factories.make_member(session, group, factories.make_person(session, "Łucja Ćwikła-Åström"))
    other = factories.make_member(session, group, factories.make_person(session, "Xerxes Kanariefågel"))
    for n in range(40):
        meeting = factories.make_meeting(session, group, factories.NOW - timedelta(days=7 * (n + 1)), status="held")
        session.add(Attendance(meeting_id=meeting.id, person_id=person.id, kind=KINDS[n % 4]))
        session.add(Attendance(meeting_id=meeting.id, person_id=other.id, kind="present"))
    session.flush()
    return group, person


WORDS = {
    "sv": ["Intyg över timmar", "Uppdragsgivare: Ängsvikens omsorg", "Timmar: deltog 45,0 av 60,0", "17 november 2026"],
    "da": ["Bevis for timer", "Supervisor: Maria Ekdahl, legitimerad psykolog", "45,0 af 60,0", "17. november 2026"],
    "en": ["Certificate of hours", "Client organisation: Ängsvikens omsorg", "45.0 of 60.0", "17 November 2026"],
}


@pytest.mark.parametrize("language", ["sv", "da", "en"])
def test_it_is_read_back_in_each_language(browser, session, leyla, language) -> None:
    group, person = leyla
    phone = factories.sign_in(browser(), person, session)
    answer = phone.client.get(f"/certificates/{group.id}.pdf?paper={language}")
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.get_data()))
    text = "\n".join(page.extract_text() for page in reader.pages)
    for words in [*WORDS[language], "Łucja Ćwikła-Åström", "Maria Ekdahl"]:
        assert words in text
    assert "Xerxes" not in text
    assert group.name not in text
    assert text.index("Łucja") < text.index(WORDS[language][2])
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"].value is True
    assert reader.metadata.title == WORDS[language][0]
    assert len(reader.pages) == 2
    document = root["/StructTreeRoot"]["/K"].get_object()
    tags = [child.get_object()["/S"] for child in document["/K"]]
    assert tags[0] == "/H1"
    assert tags.count("/Table") == 1
    table = next(child.get_object() for child in document["/K"] if child.get_object()["/S"] == "/Table")
    assert len(table["/K"]) == 42  # a head, forty meetings and the sum
    assert [page["/StructParents"] for page in reader.pages] == [0, 1]
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    assert any("Figtree" in font.get_object()["/BaseFont"] for font in fonts)


def test_it_is_nobody_elses(browser, session, leyla) -> None:
    group, _person = leyla
    organisation = group.assignment.organisation
    people = [
        group.assignment.supervisor,
        factories.make_manager(session, organisation),
        factories.make_manager(session, organisation, "coordinator"),
        factories.make_person(session),
    ]
    for person in people:
        page = factories.sign_in(browser(), person, session)
        assert page.client.get(f"/certificates/{group.id}.pdf").status_code == 404
        assert group.name not in page.get("/certificates").text


def test_who_has_left_keeps_the_own_hours_and_sees_nothing_else(browser, session, leyla) -> None:
    group, _person = leyla
    gone = factories.make_person(session, "Gone Person")
    factories.make_member(session, group, gone, left_at=factories.NOW)
    phone = factories.sign_in(browser(), gone, session)
    assert phone.client.get(f"/certificates/{group.id}.pdf").status_code == 404
    meeting = factories.make_meeting(session, group, factories.NOW - timedelta(days=3), status="held")
    session.add(Attendance(meeting_id=meeting.id, person_id=gone.id, kind="present"))
    session.commit()
    assert phone.client.get(f"/certificates/{group.id}.pdf").status_code == 200
    assert "En träff är noterad." in phone.get("/certificates").text
