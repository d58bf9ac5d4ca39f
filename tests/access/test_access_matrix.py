"""Every route and method, asked by everyone, answers as matrix.yaml says (PRIVACY: who may do what)."""

import pytest

from tests.access.asking import House
from tests.access.matrix import EVERYONE, expected, is_denied, uses, wanted


def test_every_route_and_method_has_a_row_and_every_row_a_route(house: House) -> None:
    rows = {(use.endpoint, use.method) for use in uses()}
    missing = sorted(f"{endpoint} {method}" for endpoint, method in house.rules.keys() - rows)
    assert not missing, f"no row in tests/access/routes.yaml says who may use: {', '.join(missing)}"
    gone = sorted(f"{endpoint} {method}" for endpoint, method in rows - house.rules.keys())
    assert not gone, f"rows of tests/access/routes.yaml for routes that do not exist: {', '.join(gone)}"


def test_every_action_of_the_matrix_is_tried() -> None:
    tried = {(use.object, use.action) for use in uses()}
    assert not expected().keys() - tried


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_gets_what_the_matrix_says(house: House, who: str) -> None:
    wrong = []
    for use in uses():
        wants = wanted(use, who)
        got = house.ask(who, use)
        if got.said != wants:
            wrong.append(f"{use}: {got.said}, the matrix says {wants}")
        if is_denied(use, who) and got.has_written:
            wrong.append(f"{use}: refused, and yet something was written")
    assert not wrong, f"{who}:\n" + "\n".join(wrong)
