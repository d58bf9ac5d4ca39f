"""The documents say what is so: links, tests, settings, decisions, how long things are kept."""

import ast
import re
from pathlib import Path

import pytest

from supervision.groups import invitations, staff_list
from supervision.privacy.rules import RETENTION
from supervision.web import limits

ROOT = Path(__file__).parents[2]
DOCS = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").glob("*.md"))]
LINK = re.compile(r"\]\(([^)\s]+)\)")
PROMISING = ("privacy.md", "security.md")
NAMED_TEST = re.compile(r"`([a-z_]+/[\w/]+\.py)::(\w+)`")


def anchors(path: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("doc", DOCS, ids=lambda path: path.name)
def test_links_lead_to_files(doc: Path) -> None:
    for target in LINK.findall(doc.read_text()):
        if "://" in target:
            continue
        name, _hash, anchor = target.partition("#")
        found = (doc.parent / name).resolve() if name else doc
        assert found.exists(), f"{doc.name}: {target}"
        assert not anchor or anchor in anchors(found), f"{doc.name}: {target}"


def test_every_document_is_linked_from_the_readme() -> None:
    linked = {(ROOT / target.partition("#")[0]).resolve() for target in LINK.findall((ROOT / "README.md").read_text())}
    assert {doc.name for doc in DOCS if doc.name != "README.md"} == {one.name for one in linked if one in DOCS}


@pytest.mark.parametrize("name", PROMISING)
def test_every_named_test_exists(name: str) -> None:
    named = set(NAMED_TEST.findall((ROOT / "docs" / name).read_text()))
    assert len(named) > 30
    missing = [
        f"{file}::{test}"
        for file, test in sorted(named)
        if not (ROOT / "tests" / file).exists()
        or test not in {node.name for node in ast.walk(ast.parse((ROOT / "tests" / file).read_text())) if is_test(node)}
    ]
    assert not missing


def is_test(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test_")


@pytest.mark.parametrize("name", PROMISING)
def test_every_promise_names_its_proof(name: str) -> None:
    text = (ROOT / "docs" / name).read_text()
    tables = re.findall(r"\| promise \| proved by \|\n\|---\|---\|\n((?:\|.*\n)+)", text)
    assert tables
    for table in tables:
        for row in table.splitlines():
            assert NAMED_TEST.search(row) or "not yet proved by a test" in row, row


def test_the_limits_of_a_request_are_the_codes() -> None:
    text = (ROOT / "docs" / "security.md").read_text()
    assert f"| a body | {limits.MOST_BYTES // 1024} kB; {2 * staff_list.MOST_BYTES // 1024**2} MB for" in text
    assert f"| fields of a form, parts of an upload | {limits.MOST_FIELDS:,} |" in text
    assert f"| path and query | {limits.MOST_ADDRESS:,} bytes" in text
    assert f"| all headers | {limits.MOST_HEADERS // 1024} kB" in text
    assert f"{staff_list.MOST_ROWS:,} rows" in text
    assert f"; {invitations.MOST_SENDINGS} an hour |" in text


def privacy() -> str:
    return (ROOT / "docs" / "privacy.md").read_text()


def test_the_retention_table_is_the_codes() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \| (?:(\d+) days? )?\|$", privacy(), re.MULTILINE)
    assert {table: (since.strip(), days) for table, since, days in rows} == {
        table: (kept.since, "" if kept.lifetime is None else str(kept.lifetime.days))
        for table, kept in RETENTION.items()
    }


def settings_read() -> set[str]:
    """Every name of the environment in config.py: arguments of env.get and _secret that are written in capitals."""
    tree = ast.parse((ROOT / "config.py").read_text())
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", node.value)
    }


def test_every_setting_is_described() -> None:
    names = settings_read()
    assert {"SECRET_KEY", "DATABASE_URL", "TRUSTED_PROXIES"} <= names
    described = set(re.findall(r"^\| `(\w+)` \|", (ROOT / "docs" / "running.md").read_text(), re.MULTILINE))
    assert described == names


def test_the_layers_are_those_that_are_enforced() -> None:
    text = (ROOT / "docs" / "house.md").read_text()
    contract = (ROOT / ".importlinter").read_text().partition("\nlayers =\n")[2].partition("\n\n")[0]
    enforced = [set(names) for line in contract.splitlines() if (names := re.findall(r"\((\w+)\)", line))]
    drawn = text.partition("## Layers")[2].split("```")[1]
    assert [set(re.findall(r"\w+", row)) for line in drawn.split("\n")[1:-1] for row in line.split("/")] == enforced
    layout = text.partition("## Layout")[2].split("```")[1]
    assert {name for row in enforced for name in row if not re.search(rf"\b{name}(/|\.py)", layout)} == set()


def test_every_decision_named_in_code_exists() -> None:
    text = (ROOT / "docs" / "decisions.md").read_text()
    numbers = [int(number) for number in re.findall(r"^## (\d+) ", text, re.MULTILINE)]
    assert numbers == list(range(1, len(numbers) + 1))
    for path in [ROOT / "config.py", *(ROOT / "supervision").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]:
        for number in re.findall(r"docs/decisions\.md (\d+)", path.read_text()):
            assert int(number) in numbers, f"{path.relative_to(ROOT)}: {number}"
