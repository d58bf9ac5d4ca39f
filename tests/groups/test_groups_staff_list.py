import io
import zipfile

import openpyxl
import pytest
from sqlalchemy import delete, select

from supervision.groups import invitations, staff_list
from supervision.groups.models import StaffList
from supervision.kernel.errors import RuleBroken
from supervision.kernel.ids import fingerprint
from supervision.outbox.models import Mail
from supervision.people import rules
from supervision.people.models import Attempt, Person
from supervision.store.database import db
from tests import factories


def read(text, **kwargs):
    content = text if isinstance(text, bytes) else text.encode()
    return staff_list.read(content, default_language="sv", **kwargs)


def spreadsheet(rows):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def refusal(content):
    with pytest.raises(RuleBroken) as broken:
        read(content)
    return broken.value.code


LARGE_FAULTS = [
    ("", "a{n}@example.se", "sv", "A", "missing"),
    ("Namn {n}", "", "sv", "B", "missing"),
    ("Namn {n}", "ingen adress", "sv", "B", "not_an_address"),
    ("Namn {n}", "a{n}@example.se", "finska", "C", "language"),
    ("=1+1", "a{n}@example.se", "sv", "A", "formula"),
    ("x" * 121, "a{n}@example.se", "sv", "A", "too_long"),
]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_two_thousand_rows_with_three_hundred_faults_name_each_row_and_column(kind):
    rows, expected = [["Namn", "E-post", "Språk", "Enhet"]], []
    for n in range(2, 2002):
        if n % 20 < 3:
            name, email, language, letter, code = LARGE_FAULTS[n % 6]
            rows.append([name.format(n=n), email.format(n=n), language, "Norr"])
            expected.append((n, letter, code))
        else:
            rows.append([f"Namn {n}", f"p{n}@example.se", "", "Norr"])
    assert len(expected) == 300
    content = spreadsheet(rows) if kind == "xlsx" else "\n".join(";".join(row) for row in rows)
    found = read(content)
    assert [(fault.row, fault.letter, fault.code) for fault in found.faults] == expected
    assert len(found.rows) == 1700
    assert found.rows[0] == staff_list.Row(3, "Namn 3", "p3@example.se", "sv", "Norr")


@pytest.mark.parametrize(
    "content",
    [
        "Namn;E-post\nÅsa Öberg;asa@example.se\n",
        "\ufeffNavn,E-mail\r\nÅsa Öberg,asa@example.se\r\n",
        "name\temail\nÅsa Öberg\tASA@example.se\n",
        "Namn;E-post\nÅsa Öberg;asa@example.se".encode("cp1252"),
        "Namn;E-post\nÅsa Öberg;asa@example.se".encode("utf-16"),
        spreadsheet([["E-post", "Namn"], ["asa@example.se", "Åsa Öberg"]]),
    ],
)
def test_every_usual_way_of_writing_a_list_is_read(content):
    (row,) = read(content).rows
    assert (row.name, row.email, row.language) == ("Åsa Öberg", "asa@example.se", "sv")


def test_the_same_address_twice_names_the_first_row():
    found = read("namn;e-post;språk\nA;a@example.se;dansk\nB;A@example.se;\n")
    assert [(fault.row, fault.code, fault.other) for fault in found.faults] == [(3, "twice", 2)]
    assert found.rows[0].language == "da"


def test_a_formula_is_never_evaluated():
    content = spreadsheet([["Namn", "E-post"], ['=HYPERLINK("http://evil.example";"x")', "a@example.se"]])
    assert [fault.code for fault in read(content).faults] == ["formula"]


def test_what_is_no_list_is_refused():
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("xl/worksheets/sheet1.xml", b"0" * (staff_list.MOST_UNPACKED + 1))
    assert refusal(packed.getvalue()) == "list_too_large"
    assert refusal(b"PK\x03\x04 broken") == "list_unreadable"
    assert refusal(b"\x00\x01\x02binary\x00") == "list_unreadable"
    assert refusal("Namn;Telefon\nA;1\n") == "list_without_heads"
    assert refusal("Namn;E-post\n") == "list_empty"
    assert refusal("") == "list_empty"
    assert refusal("Namn;E-post\n" + "A;a@example.se\n" * 2001) == "list_too_long"
    assert refusal(b"a" * (staff_list.MOST_BYTES + 1)) == "list_too_large"


def packed_with(name, text):
    """A spreadsheet with one part of it replaced."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(spreadsheet([["Namn", "E-post"], ["A", "a@example.se"]]))) as before,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as after,
    ):
        for part in before.namelist():
            after.writestr(part, text if part == name else before.read(part))
    return file.getvalue()


@pytest.mark.parametrize(
    ("part", "begins", "many", "ends"),
    [
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData><row>", "<c/>", "</row></sheetData></worksheet>"),
        ("xl/worksheets/sheet1.xml", "<worksheet><sheetData>", "<row/>", "</sheetData></worksheet>"),
        ("xl/styles.xml", "<styleSheet><fonts>", "<font/>", "</fonts></styleSheet>"),
    ],
)
@pytest.mark.parametrize("kind", ["utf-8", "utf-16"])
def test_a_small_file_that_costs_much_to_read_is_refused_unread(monkeypatch, part, begins, many, ends, kind):
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_args, **_more: pytest.fail("it was read"))
    times = (staff_list.MOST_TAGS_OF_LOOKS if part == staff_list.LOOKS else staff_list.MOST_TAGS) + 1
    content = packed_with(part, (begins + many * times + ends).encode(kind))
    assert len(content) < 50_000
    assert refusal(content) == "list_too_large"


@pytest.mark.parametrize("kind", ["utf-8", "utf-16"])
def test_a_file_that_defines_entities_is_refused_unread(monkeypatch, kind):
    monkeypatch.setattr(openpyxl, "load_workbook", lambda *_args, **_more: pytest.fail("it was read"))
    text = '<!DOCTYPE x [<!ENTITY a "<c/>">]><worksheet><sheetData><row>&a;</row></sheetData></worksheet>'
    assert refusal(packed_with("xl/worksheets/sheet1.xml", text.encode(kind))) == "list_unreadable"


def test_the_longest_list_is_read_with_columns_that_are_not_asked_for():
    heads = ["Namn", "E-post", *(f"kolumn {number}" for number in range(8))]
    rows = [[f"Namn {n}", f"n{n}@example.se", *(f"{n} {number}" for number in range(8))] for n in range(2000)]
    assert len(read(spreadsheet([heads, *rows])).rows) == staff_list.MOST_ROWS


def upload(window, assignment, content, name="lista.csv"):
    window.get(f"/assignments/{assignment.id}/staff-list")
    return window.post(f"/assignments/{assignment.id}/staff-list", {"file": (io.BytesIO(content), name)})


def test_a_coordinator_invites_and_nobody_becomes_a_member(browser, session):
    assignment = factories.make_assignment(session)
    coordinator = factories.make_manager(session, assignment.organisation, "coordinator")
    window = factories.sign_in(browser(), coordinator, session)
    people = len(session.scalars(select(Person)).all())
    upload(window, assignment, "Namn;E-post;Språk\nEva Ek;eva@example.se;da\n;fel\nOla;ola@example.se;".encode())
    assert window.path.endswith("/staff-list/check")
    assert "Rad 3, kolumn A" in window.text
    assert "Rad 3, kolumn B" in window.text
    assert "2 personer får en inbjudan" in window.text
    assert session.scalars(select(Mail)).all() == []
    kept = session.scalars(select(StaffList)).one()
    assert b"eva@example.se" not in kept.read_sealed
    window.submit("Skicka inbjudningarna")
    assert "2 inbjudningar är på väg" in window.text
    mails = {mail.to_email: mail for mail in session.scalars(select(Mail))}
    assert set(mails) == {"eva@example.se", "ola@example.se"}
    assert assignment.join_token in mails["eva@example.se"].text
    assert "Hej Eva Ek" in mails["eva@example.se"].text
    assert session.scalars(select(StaffList)).all() == []
    assert len(session.scalars(select(Person)).all()) == people


def test_the_list_is_forgotten_after_an_hour_and_a_broken_one_is_refused(browser, session, clock):
    assignment = factories.make_assignment(session)
    maria = factories.sign_in(browser(), assignment.supervisor, session)
    assert upload(maria, assignment, b"Namn;Telefon\nA;1").status == 422
    assert "rubrikerna Namn och E-post" in maria.text
    assert upload(maria, assignment, b"Namn;E-post\nA;a@example.se").path.endswith("/check")
    clock.forward(minutes=61)
    assert maria.get(f"/assignments/{assignment.id}/staff-list/check").path.endswith("/staff-list")
    blank = maria.client.get(f"/assignments/{assignment.id}/staff-list.csv")
    assert blank.get_data(as_text=True) == "\ufeffNamn;E-post;Språk;Enhet\r\n"


def test_who_sends_list_after_list_has_to_wait_and_a_parsed_file_holds_no_lock(browser, session, monkeypatch):
    group = factories.make_group(session)
    assignment = group.assignment
    coordinator = factories.make_manager(session, assignment.organisation, "coordinator")
    desk = factories.sign_in(browser(), coordinator, session)
    in_transaction = []
    as_it_is = staff_list.read

    def read_apart(content, *, default_language):
        in_transaction.append(db.session().in_transaction())
        return as_it_is(content, default_language=default_language)

    monkeypatch.setattr(staff_list, "read", read_apart)
    for number in range(invitations.MOST_SENDINGS + 1):
        desk.get(f"/assignments/{assignment.id}/staff-list")
        desk.submit("", file=(io.BytesIO(f"namn;e-post\nA;a{number}@example.se".encode()), "list.csv"))
        session.execute(delete(Attempt).where(Attempt.key_hash == fingerprint(f"staff list {coordinator.id}")))
        desk.submit("Skicka inbjudningarna")
    assert desk.status == 422
    assert "Ingen fick mejl nu" in desk.text
    assert len(session.scalars(select(Mail)).all()) == invitations.MOST_SENDINGS
    assert in_transaction == [False] * (invitations.MOST_SENDINGS + 1)


def test_who_uploads_again_and_again_has_to_wait(browser, session):
    assignment = factories.make_assignment(session)
    coordinator = factories.make_manager(session, assignment.organisation, "coordinator")
    desk = factories.sign_in(browser(), coordinator, session)
    for _ in range(rules.TRIES_FREE):
        desk.get(f"/assignments/{assignment.id}/staff-list").submit("", file=(io.BytesIO(b"x"), "list.csv"))
        assert "Vänta" not in desk.text
    desk.get(f"/assignments/{assignment.id}/staff-list").submit("", file=(io.BytesIO(b"x"), "list.csv"))
    assert desk.status == 422
    assert "Vänta" in desk.text
