import ast
from pathlib import Path

from supervision.audit.codes import Action, ObjectKind
from supervision.audit.words import ACTIONS, KINDS

ROOT = Path(__file__).parents[2]
CODE = {
    path: ast.parse(path.read_text()) for path in (ROOT / "supervision").rglob("*.py") if path.parent.name != "audit"
}


def calls() -> list[tuple[str, ast.Call]]:
    """Every call of `record` that takes a session, an actor and a `now`."""
    return [
        (f"{path.relative_to(ROOT)}:{node.lineno}", node)
        for path, tree in CODE.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and getattr(node.func, "id", getattr(node.func, "attr", "")) == "record"
        and len(node.args) == 5
    ]


def test_every_event_is_written_with_a_code_of_the_lists() -> None:
    found = calls()
    assert len(found) > 60
    free = [
        where for where, call in found if any(isinstance(one, ast.Constant | ast.JoinedStr) for one in call.args[2:4])
    ]
    assert not free


def test_every_code_has_its_words_and_is_used() -> None:
    assert set(ACTIONS) == set(Action)
    assert set(KINDS) == set(ObjectKind)
    named = {node.attr for tree in CODE.values() for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    made = {f"SEAT_{status}" for status in ("DECLINED", "WITHDRAWN")}
    made |= {f"ROLE_{role}_{what}" for role in ("MANAGER", "COORDINATOR") for what in ("GIVEN", "TAKEN")}
    assert sorted(action.name for action in Action if action.name not in named | made) == []
    assert sorted(kind.name for kind in ObjectKind if kind.name not in named) == []


def test_no_code_is_about_answering_an_evaluation() -> None:
    about = {action.value for action in Action if action.value.split(".")[0] in {"evaluation", "questionnaire"}}
    assert about == {"evaluation.opened", "evaluation.extended", "questionnaire.changed"}
    assert not [action for action in Action if "ballot" in action.value or "register" in action.value]
