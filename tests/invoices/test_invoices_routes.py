"""The supervisor takes the basis out, the manager reads it, and no participant is named anywhere."""

import csv
import io
import zipfile
from datetime import datetime, timedelta

import openpyxl
import pytest

from supervision.invoices.files import as_csv, as_xlsx
from tests import factories

CANARY = "Xerxes Kanariefågel"


@pytest.fixture
def november(session):
    organisation = factories.make_organisation(session)
    assignment = factories.make_assignment(
        session, organisation=organisation, price=1450, unit_min=45, order_reference="-2+3 order"
    )
    group = factories.make_group(session, assignment, name="=SUM(A1)")
    factories.make_member(session, group, factories.make_person(session, CANARY, email="xerxes@example.se"))
    first = factories.NOW - timedelta(days=21)
    factories.make_meeting(session, group, first, status="held")
    factories.make_meeting(session, group, first + timedelta(days=7), status="cancelled", cancelled_as="late")
    factories.make_meeting(session, group, first + timedelta(days=14), status="cancelled", cancelled_as="in_time")
    factories.make_meeting(session, group, first + timedelta(days=21))
    factories.make_meeting(session, group, first + timedelta(days=35))
    factories.make_meeting(session, factories.make_group(session), first, status="held")
    return assignment


def test_the_supervisor_sees_units_and_sum(browser, session, november) -> None:
    maria = factories.sign_in(browser(), november.supervisor, session)
    maria.get(f"/assignments/{november.id}/invoice")
    assert maria.status == 200
    assert "5\xa0800,00" in maria.response.get_data(as_text=True)
    assert "Inställd sent av uppdragsgivaren" in maria.text
    assert CANARY not in maria.text
    assert len(maria.soup.select("tbody tr")) == 4
    maria.get(f"/assignments/{november.id}/invoice?month=2026-12")
    assert len(maria.soup.select("tbody tr")) == 1
    assert maria.get(f"/assignments/{november.id}/invoice?month=nonsense").status == 200


def test_the_files_hold_real_dates_and_numbers_and_no_name(browser, session, november) -> None:
    maria = factories.sign_in(browser(), november.supervisor, session)
    maria.get(f"/assignments/{november.id}/invoice.xlsx?month=2026-11")
    content = maria.response.get_data()
    assert 'filename="invoice-basis-2026-11.xlsx"' in maria.response.headers["Content-Disposition"]
    sheet = openpyxl.load_workbook(io.BytesIO(content)).active
    lines = [row for row in sheet.iter_rows(values_only=True) if isinstance(row[0], datetime)]
    assert [(row[0].day, row[4], row[5]) for row in lines] == [(3, 2, 2900), (10, 2, 2900), (17, 0, 0), (24, 0, 0)]
    assert [cell.data_type for cell in sheet["C"] if cell.value == "=SUM(A1)"] == ["s"] * 4
    assert next(sheet.iter_rows(min_row=sheet.max_row, values_only=True))[4:] == (4, 5800)
    everything = b"".join(
        zipfile.ZipFile(io.BytesIO(content)).read(n) for n in zipfile.ZipFile(io.BytesIO(content)).namelist()
    )
    assert b"Xerxes" not in everything
    maria.get(f"/assignments/{november.id}/invoice.csv?month=2026-11")
    text = maria.response.get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text), delimiter=";"))
    assert ["2026-11-03", "09.00–10.30", "'=SUM(A1)", "Hållen", "2,00", "2900,00"] in rows
    assert ["Beställningsnummer", "'-2+3 order"] in rows
    assert "Xerxes" not in text


def test_a_manager_reads_the_page_and_takes_nothing_out(browser, session, november) -> None:
    karin = factories.sign_in(browser(), factories.make_manager(session, november.organisation), session)
    karin.get(f"/assignments/{november.id}/invoice")
    assert karin.status == 200
    assert "5\xa0800,00" in karin.response.get_data(as_text=True)
    assert CANARY not in karin.text
    assert "xlsx" not in karin.response.get_data(as_text=True)
    for ending in ("csv", "xlsx"):
        karin.client.get(f"/assignments/{november.id}/invoice.{ending}")
        assert karin.client.get(f"/assignments/{november.id}/invoice.{ending}").status_code == 403


def test_a_coordinator_sees_no_cost(browser, session, november) -> None:
    planner = factories.make_manager(session, november.organisation, "coordinator")
    answer = factories.sign_in(browser(), planner, session).client.get(f"/assignments/{november.id}/invoice")
    assert answer.status_code == 404


def test_cells_are_neutralised_in_both_files() -> None:
    for text in ("=1+1", "+1", "-1", "@A1", "\tA", "\rA"):
        assert as_csv([[text]]).decode("utf-8-sig").strip('"\r\n').startswith("'")
        if text.isprintable():
            cell = openpyxl.load_workbook(io.BytesIO(as_xlsx([[text]]))).active["A1"]
            assert (cell.data_type, cell.value) == ("s", text)
