"""Each policy is made to say yes to everyone, each loader to find everything, one at a time: the matrix must notice.

First lock: with the loader as it is. Second lock: where a loader hides the thing already, the loader is opened, and the
policy alone must refuse. What only asks whether someone is signed in stands behind the guard, which asks that first; it
is asked directly about a stranger.
"""

import inspect
import time
from collections import defaultdict
from contextlib import ExitStack
from dataclasses import dataclass
from types import FunctionType
from typing import Any

import pytest

from supervision.kernel.actor import STRANGER
from tests.access import mutants
from tests.access.asking import House
from tests.access.matrix import EVERYONE, NOBODY, UNPROVEN, Use, is_denied, uses, wanted

LOADER_DECIDES = {
    "supervision.cases.policy.may_have_cases": "one's own list: nothing of anyone else's",
    "supervision.evaluations.policy.may_answer": "the loader has found the asker in the frozen roster",
    "supervision.privacy.policy.may_see_own_data": "one's own data; the pages take no other person's id",
    "supervision.people.policy.may_be_signed_in": "one's own pages: they take no other person's id",
}
"""Policies that only want someone signed in, with the reason why that is enough."""

Request = tuple[str, Use]
REFUSALS = frozenset({"403", "404"})


def try_it(house: House, request: Request) -> str:
    """Return what is answered; a page that breaks has let someone in."""
    try:
        return house.ask(*request).said
    except Exception:  # noqa: BLE001 - with a fault in the app anything may break
        return "broken"


def guard_of(house: House, use: Use) -> str:
    return str(getattr(house.app.view_functions[use.endpoint], "policy", ""))


@dataclass
class Noes:
    """Every refusal the matrix wants, one for each guard, thing and column, and who said no in it."""

    denied: list[Request]
    by: dict[str, list[Request]]
    took_s: float
    """How long this process worked for it."""


@pytest.fixture(scope="module")
def noes(house: House) -> Noes:
    began = time.process_time()
    some: dict[Any, Request] = {}
    for use in uses():
        for who in EVERYONE:
            if who not in {NOBODY, UNPROVEN} and is_denied(use, who):
                some.setdefault((guard_of(house, use), *sorted(use.things.items()), wanted(use, who), who), (who, use))
    denied = [*some.values()]
    by = asked(house, denied, mutants.policies() | loaders_of(house))
    return Noes(denied, by, time.process_time() - began)


def loaders_of(house: House) -> dict[str, FunctionType]:
    return mutants.loaders([str(getattr(view, "policy", "")) for view in house.app.view_functions.values()])


def asked(house: House, requests: list[Request], watched: dict[str, FunctionType]) -> dict[str, list[Request]]:
    """Return for each function in which requests it has said no, or found nothing."""
    found: dict[str, list[Request]] = defaultdict(list)
    said: set[str] = set()

    def note(original: FunctionType, args: Any, kwargs: Any) -> Any:
        answer = original(*args, **kwargs)
        if not answer:
            said.add(mutants.name_of(original))
        return answer

    with ExitStack() as stack:
        for one in watched.values():
            stack.enter_context(mutants.exchanged(one, note))
        for request in requests:
            said.clear()
            try_it(house, request)
            for name in said:
                found[name].append(request)
    return found


def is_noticed(house: House, requests: list[Request], refusals: frozenset[str] = frozenset()) -> bool:
    """Whether one of these requests is answered otherwise than the matrix says."""
    return any(try_it(house, (who, use)) not in (refusals or {wanted(use, who)}) for who, use in requests)


def test_every_policy_answers_yes_or_no() -> None:
    odd = {
        name
        for name, one in mutants.policies().items()
        if inspect.signature(one).return_annotation not in {bool, "bool"} and name not in mutants.ALWAYS
    }
    assert not odd, f"tell tests/access/mutants.py what the faulty ones answer: {odd}"


def test_a_policy_that_lets_everyone_in_is_noticed(house: House, noes: Noes, figures: dict[str, Any]) -> None:
    began = time.process_time()
    policies = mutants.policies()
    caught: dict[str, str] = {}
    for name, one in policies.items():
        with mutants.exchanged(one, mutants.always(name)):
            if is_noticed(house, noes.by[name]):
                caught[name] = "first lock"
    left = {name: one for name, one in policies.items() if name not in caught}
    caught |= dict.fromkeys(second_lock(house, noes, left), "second lock")
    for name in left.keys() & LOADER_DECIDES.keys() - caught.keys():
        if not left[name](STRANGER, *[None] * (left[name].__code__.co_argcount - 1)):
            caught[name] = "asked about a stranger"
    figures |= {"policies exchanged": len(policies), "policies noticed": len(caught), "refusals": len(noes.denied)}
    figures["seconds of work for policies"] = round(time.process_time() - began + noes.took_s)
    assert not sorted(policies.keys() - caught.keys()), "no expectation of the matrix fails when these let everyone in"


def second_lock(house: House, noes: Noes, left: dict[str, FunctionType]) -> set[str]:
    """Return which policies refuse by themselves once every loader finds everything, and are missed then."""
    found = set()
    asking = [(who, use) for who, use in noes.denied if any(name in guard_of(house, use) for name in left)]
    with ExitStack() as stack:
        for one in loaders_of(house).values():
            stack.enter_context(mutants.exchanged(one, mutants.to_everybody(house.world)))
        refused = asked(house, asking, left)
        for name, one in left.items():
            still = [request for request in refused[name] if try_it(house, request) in REFUSALS]
            with mutants.exchanged(one, mutants.always(name)):
                if is_noticed(house, still, REFUSALS):
                    found.add(name)
    return found


def test_a_loader_that_finds_everything_for_everybody_is_noticed(
    house: House, noes: Noes, figures: dict[str, Any]
) -> None:
    loaders = loaders_of(house)
    caught = set()
    for name, one in loaders.items():
        with mutants.exchanged(one, mutants.to_everybody(house.world)):
            if is_noticed(house, noes.by[name]):
                caught.add(name)
    figures |= {"loaders exchanged": len(loaders), "loaders noticed": len(caught)}
    assert not sorted(loaders.keys() - caught), (
        "no expectation of the matrix fails when these find everything for everybody"
    )
