"""Promises about routes, codes and templates as a whole."""

import ast
from pathlib import Path

import pytest
from flask import Flask

from supervision.privacy.rules import RETENTION
from supervision.store.base import Base
from supervision.web.guard import Unguarded, check_every_route
from supervision.web.messages import SENTENCES

ROOT = Path(__file__).parents[2]
OPEN_PAGES = {
    "calendar.feed",
    "demo.show",
    "demo.timeline",
    "evaluations.how_anonymous",
    "groups.join",
    "groups.join_code",
    "home.health",
    "live.service_worker",
    "outbox.mailbox",
    "passkeys.options_for_use",
    "passkeys.sign_in",
    "passkeys.accept",
    "passkeys.options_for_invited",
    "people.accept",
    "people.enter_code",
    "people.forgotten",
    "people.sign_in",
    "people.sign_in_with_password",
    "people.sign_out",
    "privacy.show_kept",
    "reminders.one_date",
    "single_sign_on.back",
    "single_sign_on.leave",
}


def test_open_pages_are_a_named_list(app: Flask) -> None:
    found = {name for name, view in app.view_functions.items() if getattr(view, "policy", "").startswith("open: ")}
    assert found == OPEN_PAGES


def test_every_route_has_a_policy(app: Flask) -> None:
    check_every_route(app)


def test_a_route_without_a_policy_stops_the_app() -> None:
    bare = Flask("bare")
    bare.add_url_rule("/open", "open", lambda: "")
    with pytest.raises(Unguarded, match="/open"):
        check_every_route(bare)


def test_changing_routes_take_no_ids_but_uuids(app: Flask) -> None:
    for rule in app.url_map.iter_rules():
        for name in rule.arguments - {"filename", "token"}:
            converter = rule._converters[name]
            assert type(converter).__name__ in {"UUIDConverter", "IntegerConverter"}, rule.rule


def codes_in_code() -> dict[str, str]:
    found: dict[str, str] = {}
    for path in sorted((ROOT / "supervision").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if (
                isinstance(node, ast.Call)
                and getattr(node.func, "id", None) in {"RuleBroken", "Refusal"}
                and node.args
                and isinstance(node.args[0], ast.Constant)
            ):
                found[str(node.args[0].value)] = f"{path.relative_to(ROOT)}:{node.lineno}"
    return found


def test_every_code_has_a_sentence() -> None:
    missing = {code: where for code, where in codes_in_code().items() if code not in SENTENCES}
    assert not missing


def test_every_table_has_a_line_in_the_retention_list() -> None:
    assert set(RETENTION) == set(Base.metadata.tables)


def test_every_template_is_used() -> None:
    templates = {str(p.relative_to(ROOT / "templates")) for p in (ROOT / "templates").rglob("*.html")}
    text = "\n".join(p.read_text() for p in (ROOT / "supervision").rglob("*.py"))
    text += "\n".join(p.read_text() for p in (ROOT / "templates").rglob("*.html"))
    assert {t for t in templates if f'"{t}"' not in text and f"'{t}'" not in text} == set()
