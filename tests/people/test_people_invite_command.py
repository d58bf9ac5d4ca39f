from collections.abc import Callable

import pytest
from flask import Flask

from tests import factories
from tests.client import Browser


@pytest.mark.parametrize(("words", "is_operator"), [([], False), (["--operator"], True)])
def test_the_first_person_gets_a_link(
    app: Flask, browser: Callable[[], Browser], words: list[str], is_operator: bool
) -> None:
    done = app.test_cli_runner().invoke(args=["invite", *words, "Karin Wall", "Karin@Example.org"])
    assert done.exit_code == 0, done.output
    link = done.output.strip()
    assert link.startswith("http://")
    page = browser().get(link)
    assert page.status == 200
    factories.pass_second_step(page.submit(password="a good long sentence"), factories.NOW)
    assert page.path == "/"
    assert page.get("/organisations/new").status == (403 if is_operator else 200)


def test_a_link_works_once(app: Flask, browser: Callable[[], Browser]) -> None:
    link = app.test_cli_runner().invoke(args=["invite", "Karin Wall", "karin@example.org"]).output.strip()
    browser().get(link).submit(password="a good long sentence")
    assert browser().get(link).status == 409
