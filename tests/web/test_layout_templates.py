"""The layout and its macros make valid pages from what a page is promised, and nothing more."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from types import SimpleNamespace

import html5lib
import pytest
from jinja2 import Environment, FileSystemLoader
from wtforms import (
    BooleanField,
    Form,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
    validators,
)
from wtforms.fields import SelectChoice

EVERYTHING = Path(__file__).with_name("everything.html").read_text(encoding="utf-8")
STATIC = Path(__file__).parents[2] / "supervision" / "static"
TEMPLATES = Path(__file__).parents[2] / "templates"
MENU = [
    {"href": "/", "label": "Start", "icon": "home", "current": True},
    {"href": "/meetings", "label": "Träffar", "icon": "calendar", "current": False},
    {"href": "/cases", "label": "Ärenden", "icon": "speech", "current": False},
    {"href": "/me", "label": "Jag", "icon": "person", "current": False},
]


def place(index, name, initials, state, word, used, minutes="", over=0):
    return {
        "id": f"p{index}",
        "index": index,
        "name": name,
        "initials": initials,
        "state": state,
        "state_word": word,
        "icon": "",
        "used_pct": used,
        "over": over,
        "minutes": minutes,
    }


TABLE = {
    "places": [
        place(0, "Tomasz", "TK", "done", "", 100, "1:58"),
        place(1, "Amina", "AH", "passed", "Stod över", 0),
        place(2, "Birgitta", "BS", "speaking", "Har ordet", 83, "1:58"),
        place(3, "Elin", "EJ", "next", "Näst", 0),
        place(4, "Johan", "JN", "away", "Borta", 0),
        place(5, "Leyla", "LD", "", "", 128, "2:16"),
    ],
    "hub": {"phase": "Reflektion laget runt", "time": "5:11", "sub": "kvar av 9:13", "used_pct": 43.76},
    "speaking_index": 2,
}
PHASES = [
    ("Inramning", 0, 3.33, 0, 3.33, "done"),
    ("Incheckning", 3.33, 8.89, 3.33, 12.22, "done"),
    ("Reflektion", 12.22, 40, 15.55, 40, "now"),
    ("Utcheckning", 52.22, 47.78, 55.55, 44.45, "coming"),
]
PLAN = {
    "sentence": "Vi ligger 3 minuter efter.",
    "label": "Planen: två faser är klara.",
    "end_text": "slut 15.30",
    "now": {"x": 30, "text": "nu 14.38"},
    "end_x": 96,
    "blocks": [{"name": "Ärende 1", "x": 15.55, "w": 40}],
    "phases": [
        {
            "name": name,
            "planned_pct_x": px,
            "planned_pct_w": pw,
            "x": x,
            "w": w,
            "state": state,
            "over_x": 12,
            "over_w": 3.5 if name == "Incheckning" else 0,
        }
        for name, px, pw, x, w, state in PHASES
    ],
}


class SampleForm(Form):
    """One field of each kind."""

    name = StringField("Ditt namn", [validators.DataRequired("Skriv ditt namn.")])
    email = StringField("E-post", description="Vi skickar en kod dit.")
    text = TextAreaField("Vad händer?", [validators.Length(max=1500)])
    language = SelectField("Språk", choices=[SelectChoice("sv", "Svenska"), SelectChoice("da", "Dansk")])
    band = RadioField("Hur länge?", choices=[SelectChoice("a", "Under 2 år"), SelectChoice("b", "2–5 år")], default="b")
    needs = SelectMultipleField(
        "Behov", choices=[SelectChoice("loop", "Hörselslinga"), SelectChoice("remote", "På distans")]
    )
    agree = BooleanField("Jag vet att det är frivilligt")

    def validate_email(self, field):
        if field.data and "." not in field.data:
            raise validators.ValidationError("Adressen slutar för tidigt.")


def sample_form(**typed):
    form = SampleForm(data=typed)
    form.validate()
    return form


def environment():
    """As the application's, with the app's own functions replaced by the plainest that could work."""
    env = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_null_translations(newstyle=True)
    env.globals.update(
        url_for=lambda endpoint, **values: f"/{endpoint}/{values.get('filename', '')}",
        csrf_token=lambda: "token",
        get_flashed_messages=lambda **_kinds: [("message", "Sparat."), ("error", "Nej.")],
        actor=SimpleNamespace(is_signed_in=True, name="Leyla"),
        menu=MENU,
        current_language="sv",
        languages=[("sv", "Svenska"), ("da", "Dansk"), ("en", "English")],
    )
    return env


def parse(text: str) -> None:
    html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
    ids = re.findall(r'\sid="([^"]*)"', text)
    assert len(ids) == len(set(ids))


def everything(**typed) -> str:
    form = sample_form(**(typed or {"email": "leyla@exempel", "needs": ["loop"]}))
    return environment().from_string(EVERYTHING).render(view=TABLE, plan=PLAN, form=form)


@pytest.mark.parametrize("layout", ["base", "plain", "live", "room"])
def test_each_layout_is_valid(layout):
    page = environment().from_string(
        f'{{% extends "_layout/{layout}.html" %}}{{% block title %}}Hej{{% endblock %}}'
        "{% block content %}<h1>Hej</h1>{% endblock %}"
    )
    text = page.render()
    parse(text)
    assert "<title>Hej – Rundan</title>" in text
    assert text.count("<h1>Hej</h1>") == 1
    assert 'lang="sv"' in text


def test_base_without_menu_has_no_tabs():
    env = environment()
    env.globals["menu"] = []
    text = env.from_string('{% extends "_layout/base.html" %}').render()
    parse(text)
    assert "<nav" not in text
    assert "has-tabs" not in text


@pytest.mark.parametrize("code", [400, 403, 404, 405, 413, 422, 429, 500, 503])
def test_error_page_names_one_way_on(code):
    text = (
        environment()
        .get_template("errors/error.html")
        .render(code=code, heading="Sidan finns inte", sentence="Adressen leder ingenstans.")
    )
    parse(text)
    assert "<h1>Sidan finns inte</h1>" in text
    assert text.count('class="btn') == 1


def test_every_macro_is_valid():
    parse(everything())


def test_fields_keep_values_and_say_errors():
    text = everything()
    assert 'value="leyla@exempel"' in text
    assert 'aria-describedby="email-help email-error"' in text
    assert 'aria-invalid="true"' in text
    assert '<a href="#name">' in text
    assert re.search(r'value="loop" id="needs-0" checked', text)
    assert 'type="radio" name="band" value="b" id="band-1" checked' in text
    assert "Room for 1500 characters" in text


def test_table_places_follow_the_chairs_and_light_one():
    text = everything()
    order = re.findall(r'class="place i-(\d)', text)
    assert order == list("012345")
    assert text.count('aria-pressed="true"') == 1
    assert 'class="beam i-2"' in text
    assert 'class="ring-over"' in text


def test_linked_files_exist():
    for path in re.findall(r'(?:href|src)="/static/([^"]+)"', everything()):
        assert (STATIC / path).is_file(), path


def test_styles_link_only_files_we_keep():
    for sheet in (STATIC / "css").glob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert text.count("{") == text.count("}"), sheet.name
        for target in re.findall(r"url\(\"?([^)\"]+)", text):
            assert (sheet.parent / target).resolve().is_file(), target


def test_htmx_config_is_json():
    found: dict[str, str] = {}

    class Metas(HTMLParser):
        def handle_starttag(self, tag, attrs):
            named = dict(attrs)
            if tag == "meta" and named.get("name") == "htmx-config":
                found["config"] = named["content"] or ""

    Metas().feed(everything())
    config = json.loads(found["config"])
    assert config["allowEval"] is False
    assert config["includeIndicatorStyles"] is False
    assert config["historyCacheSize"] == 0  # a page with a case on it stays nowhere
