"""The poster fits one A4 in every language."""

import io

import pytest
from pypdf import PdfReader

from tests import factories
from tests.client import Browser

A4_PT = (595, 842)  # ISO 216: 210 by 297 mm


@pytest.mark.parametrize("language", ["sv", "da", "en"])
def test_the_poster_prints_on_one_page(app, site, session, language):
    supervisor = factories.make_supervisor(session, "Maria Ekdahl-Lindqvist", title="legitimerad psykolog")
    supervisor.language = language
    assignment = factories.make_assignment(
        session, supervisor, title="Personlig assistans och boendestöd", place="Gamla apoteket, Norrhamn"
    )
    path = f"/assignments/{assignment.id}/poster"
    signed_in = factories.sign_in(Browser(app), supervisor, session)
    cookie = signed_in.client.get_cookie("rundan")
    page = site.visitor(language=language)
    page.context.add_cookies([{"name": "rundan", "value": cookie.value, "url": site.url}])
    page.goto(path)
    assert page.locator("html").get_attribute("lang") == language
    printed = PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True)))
    assert len(printed.pages) == 1
    assert tuple(round(float(side)) for side in printed.pages[0].mediabox[2:]) == A4_PT
