"""Every route and method, asked by everyone, answers as matrix.yaml says (PRIVACY: who may do what).

`make test` asks everything on SQLite, and on PostgreSQL each line of the table by one who may and by those who may not;
`make matrix` (RUNDAN_MATRIX=1) asks everything on both.
"""

from collections.abc import Iterable
from typing import Any

import pytest

from tests.access.asking import House
from tests.access.matrix import EVERYONE, WHOLE, Use, expected, is_denied, own_and_other, uses, wanted


def test_every_route_and_method_has_a_row_and_every_row_a_route(house: House, figures: dict[str, Any]) -> None:
    rows = {(use.endpoint, use.method) for use in uses()}
    missing = sorted(f"{endpoint} {method}" for endpoint, method in house.rules.keys() - rows)
    assert not missing, f"no row in tests/access/routes.yaml says who may use: {', '.join(missing)}"
    gone = sorted(f"{endpoint} {method}" for endpoint, method in rows - house.rules.keys())
    assert not gone, f"rows of tests/access/routes.yaml for routes that do not exist: {', '.join(gone)}"
    figures |= {"routes and methods": len(house.rules), "lines": len(uses()), "columns": len(EVERYONE)}


def test_every_action_of_the_matrix_is_tried() -> None:
    tried = {(use.object, use.action) for use in uses()}
    assert not expected().keys() - tried


@pytest.mark.parametrize("who", EVERYONE)
def test_everyone_gets_what_the_matrix_says(house: House, who: str, figures: dict[str, Any]) -> None:
    wrong = answers_amiss(house, [(who, use) for use in uses()], figures, "cells on sqlite")
    assert not wrong, f"{who}:\n" + "\n".join(wrong)


def test_on_postgresql_own_and_other_get_what_the_matrix_says(
    house_on_postgres: House, figures: dict[str, Any]
) -> None:
    cells = [(who, use) for use in uses() for who in (EVERYONE if WHOLE else own_and_other(use))]
    wrong = answers_amiss(house_on_postgres, cells, figures, "cells on postgresql")
    assert not wrong, "\n".join(wrong)


def test_on_postgresql_the_world_is_put_back_whole(house_on_postgres: House) -> None:
    """The control: an answer that depends on a change is the same when asked again."""
    use = next(use for use in uses() if (use.endpoint, use.method) == ("people.end_session", "POST"))
    who = next(who for who in EVERYONE if not is_denied(use, who))
    first, second = house_on_postgres.ask(who, use), house_on_postgres.ask(who, use)
    assert first.has_written
    assert second.has_written
    assert first.said == second.said == "yes"


def answers_amiss(house: House, cells: Iterable[tuple[str, Use]], figures: dict[str, Any], name: str) -> list[str]:
    """Ask for each cell; return what is answered otherwise than the matrix says, and what a refusal wrote."""
    wrong = []
    for who, use in cells:
        wants = wanted(use, who)
        got = house.ask(who, use)
        figures[name] = figures.get(name, 0) + 1
        if got.said != wants:
            wrong.append(f"{who}: {use}: {got.said}, the matrix says {wants}")
        if is_denied(use, who) and got.has_written:
            wrong.append(f"{who}: {use}: refused, and yet something was written")
    return wrong
