"""Page, table file and paper of a report say the same; the paper is told aloud in order and needs no colour."""

import csv
import io
import re
from datetime import UTC, datetime, timedelta

import pytest
from bs4 import BeautifulSoup
from pypdf import PdfReader

from supervision.evaluations import statements
from supervision.evaluations.models import Campaign, EvaluationRelease
from supervision.evaluations.paper import Dots, Steps
from supervision.evaluations.questionnaire import standard
from supervision.store.forgetting import seal_of
from tests import factories

NOW = datetime(2026, 12, 9, 9, tzinfo=UTC)
LEVELS = ("low", "mixed", "high", "too_few")


@pytest.fixture
def world(session, clock, monkeypatch):
    clock.set(NOW)
    monkeypatch.setattr(factories, "NOW", NOW)  # signed in now
    supervisor = factories.make_supervisor(session, language="en")
    assignment = factories.make_assignment(session, supervisor, title="=Personal assistance", order_reference="NH-2026")
    groups = [factories.make_group(session, assignment, name=name) for name in ("Linden", "Alen", "Hassel")]
    for group in groups:
        for day, columns in (
            (1, {"status": "held"}),
            (8, {"status": "cancelled", "cancelled_as": "in_time"}),
            (30, {"status": "planned"}),
        ):
            factories.make_meeting(session, group, datetime(2026, 11, day, 13, tzinfo=UTC), **columns)
    members = [factories.make_member(session, groups[0]) for _ in range(2)]
    manager = factories.make_manager(session, assignment.organisation, language="en")
    for year in (2025, 2026):
        at = datetime(year, 12, 8, 19, tzinfo=UTC)
        campaign = Campaign(
            assignment_id=assignment.id,
            status="released",
            opens_at=at - timedelta(days=21),
            closes_at=at,
            created_at=at,
        )
        session.add(campaign)
        session.flush()
        cells = [
            {
                "group_ids": sorted(str(group.id) for group in cell),
                "bands": {key: LEVELS[(n + year + len(cell)) % 4] for n, key in enumerate(standard().keys)},
            }
            for cell in (groups[:1], groups[1:])
        ]
        session.add(
            EvaluationRelease(
                campaign_id=campaign.id,
                released_at=at,
                content={
                    "release": {"floor": 5, "cells": cells},
                    "groups": {str(group.id): group.name for group in groups},
                    "questionnaire": standard().as_data(),
                    "closed_on": at.date().isoformat(),
                },
            )
        )
    words = statements.write(
        session,
        seal_of(session),
        factories.actor_of(supervisor),
        groups[0],
        "Schemat hindrar oss.\n\nVi vill ses oftare.",
        0,
        NOW,
    )
    for person in members:
        statements.approve(session, factories.actor_of(person), groups[0], words.id, NOW)
    for group_id, text in ((groups[0].id, "Vikarie bokas två veckor i förväg."), (None, "Tiden läggs i schemat.")):
        statements.save_answer(
            session, seal_of(session), factories.actor_of(manager), assignment, group_id, text, NOW, send=True
        )
    session.commit()
    return assignment, manager


def folded(text):
    return " ".join(text.replace("●", "").replace("×", "").replace("○", "").split())


def read(browser, session, world):
    assignment, manager = world
    office = factories.sign_in(browser(), manager, session)
    page = office.get(f"/reports/{assignment.id}").soup
    table = office.client.get(f"/reports/{assignment.id}.csv").get_data(as_text=True).lstrip("\ufeff")
    paper = office.client.get(f"/reports/{assignment.id}.pdf")
    assert paper.mimetype == "application/pdf"
    return page, list(csv.reader(io.StringIO(table), delimiter=";")), PdfReader(io.BytesIO(paper.get_data()))


def words_of(page: BeautifulSoup) -> str:
    main = BeautifulSoup(str(page.select_one("main")), "html.parser")
    for gone in main.select("form, .no-print, #evaluation + .legend, caption, a, dd .visually-hidden"):
        gone.decompose()
    return folded(main.get_text(" "))


def test_page_table_file_and_paper_say_the_same(session, browser, world) -> None:
    page, lines, reader = read(browser, session, world)
    paper = folded(" ".join(one.extract_text() for one in reader.pages))
    shown = words_of(page)
    cells = [folded(cell.removeprefix("'")) for line in lines for cell in line if folded(cell)]
    years = re.compile(r"^(.*) (\d{4})$")
    for cell in cells:
        assert cell in paper or cell.replace(" ", "") in paper.replace(" ", ""), f"not on the paper: {cell}"
        head = years.match(cell)  # the page has cell and year in two rows of heads
        parts = head.groups() if head and cell not in shown else (cell,)
        assert all(part in shown for part in parts), f"not on the page: {cell}"
    rest = shown
    said = {*cells, *(part for cell in cells for part in years.split(cell) if part)}
    for one in sorted(said, key=len, reverse=True):
        rest = rest.replace(one, " ")
    left = [word for word in rest.split() if len(word) > 2]
    assert not left, f"on the page only: {left}"


def test_every_band_stands_in_the_same_place(session, browser, world) -> None:
    page, lines, reader = read(browser, session, world)
    rows = {
        row.select_one("th").get_text(): [one.get_text(strip=True) for one in row.select("td")]
        for row in page.select("table.bands tbody tr:not(.grp)")
    }
    assert len(rows) == 12
    assert {level for bands in rows.values() for level in bands} == {"low", "mixed", "high", "too few answers"}
    assert {line[0]: line[1:] for line in lines if line and line[0] in rows} == rows
    text = folded(" ".join(one.extract_text() for one in reader.pages)).replace(" ", "")
    for statement, bands in rows.items():
        assert (statement + "".join(bands)).replace(" ", "") in text


def test_the_paper_is_told_in_order_and_needs_no_colour(session, browser, world) -> None:
    _page, _lines, reader = read(browser, session, world)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "en"
    assert root["/MarkInfo"]["/Marked"].value is True
    tags = [child.get_object()["/S"] for child in root["/StructTreeRoot"]["/K"].get_object()["/K"]]
    assert {"/H1", "/H2", "/P", "/Table", "/BlockQuote"} <= set(tags)
    for one in reader.pages:  # black only: nothing is said by a colour
        drawn = one.get_contents().get_data().decode("latin-1")
        assert set(re.findall(r"([\d. ]+) (?:rg|RG)\b", drawn)) <= {"0 0 0"}


class Canvas:
    """Notes what is drawn."""

    def __init__(self):
        self.calls = []

    def __getattr__(self, name):
        return lambda *args, **kwargs: self.calls.append((name, args, kwargs))


def test_the_pictures_tell_bands_and_dates_apart_by_shape() -> None:
    drawn = {}
    for level in LEVELS:
        canvas = Canvas()
        Steps(level).draw(canvas, 0, 0)
        drawn[level] = [kwargs["fill"] for name, _args, kwargs in canvas.calls if name == "roundRect"]
    assert drawn == {"low": [1, 0, 0], "mixed": [0, 1, 0], "high": [0, 0, 1], "too_few": [0]}
    canvas = Canvas()
    Dots(("held", "cancelled", "planned")).draw(canvas, 0, 0)
    assert [name for name, _args, _kwargs in canvas.calls if name != "setLineWidth"] == [
        "circle",
        "line",
        "line",
        "circle",
    ]
