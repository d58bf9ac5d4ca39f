"""Faults put into the running app: a policy that always says yes, a loader that finds everything for everybody.

The code of a function is exchanged in place, so that whoever has imported it, guards too, asks the faulty one.
"""

import importlib
import inspect
import pkgutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import Any

import supervision
from supervision.cases.rules.states import Reader
from supervision.kernel.actor import Actor
from tests.access.world import World

ALWAYS: dict[str, Any] = {"supervision.cases.policy.stands_as": frozenset(Reader)}
"""What the faulty one answers where it is no yes or no."""

Handler = Callable[[FunctionType, tuple[Any, ...], dict[str, Any]], Any]
_handlers: dict[str, tuple[FunctionType, Handler]] = {}


def name_of(function: FunctionType) -> str:
    return f"{function.__module__}.{function.__name__}"


def policy_modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(supervision.__path__, "supervision."):
        if found.name.rsplit(".", 1)[-1].endswith("policy"):
            yield importlib.import_module(found.name)


def policies() -> dict[str, FunctionType]:
    """Return every function of every policy module."""
    return {
        name_of(one): one
        for module in policy_modules()
        for one in vars(module).values()
        if inspect.isfunction(one) and one.__module__ == module.__name__ and not one.__name__.startswith("_")
    }


def loaders(policies_of_views: list[str]) -> dict[str, FunctionType]:
    """Return every loader that a guard names in front of a policy."""
    found = {}
    for named in policies_of_views:
        if ", " in named and not named.startswith("open: "):
            module, _, name = named.split(", ")[0].rpartition(".")
            found[f"{module}.{name}"] = getattr(importlib.import_module(module), name)
    return found


def dispatch(key: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """Do what the exchanged function does now."""
    original, handler = _handlers[key]
    return handler(original, args, kwargs)


@contextmanager
def exchanged(function: FunctionType, handler: Handler) -> Iterator[None]:
    """Let `handler(original, args, kwargs)` answer in a function's stead."""
    key = name_of(function)
    code = function.__code__
    original = FunctionType(code, function.__globals__, function.__name__, function.__defaults__, function.__closure__)
    original.__kwdefaults__ = function.__kwdefaults__
    scope: dict[str, Any] = {}
    source = (
        "def faulty(*args, **kwargs):\n"
        "    from tests.access import mutants\n"
        f"    return mutants.dispatch({key!r}, args, kwargs)\n"
    )
    exec(source, scope)  # noqa: S102 - three lines of our own
    before = _handlers.get(key)
    _handlers[key] = (original if before is None else before[0], handler)
    function.__code__ = scope["faulty"].__code__
    try:
        yield
    finally:
        function.__code__ = code
        if before is None:
            del _handlers[key]
        else:
            _handlers[key] = before


def always(key: str) -> Handler:
    """A policy that lets everyone."""
    answer = ALWAYS.get(key, True)
    return lambda _original, _args, _kwargs: answer


def to_everybody(world: World) -> Handler:
    """A loader that finds for everybody what anybody may find."""
    ids = {name: uuid.UUID(one) for name, one in world.things.items() if len(one) == 36}
    everything = {
        "supervises": frozenset(one for name, one in ids.items() if name.startswith("assignment ")),
        "coordinates": frozenset(one for name, one in ids.items() if name.startswith("organisation ")),
        "member_of": frozenset(one for name, one in ids.items() if name.startswith("group ")),
    }
    people = [uuid.UUID(one) for one in world.people.values()]

    def find(original: FunctionType, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        session, actor, *rest = args
        for person_id in [*people, actor.person_id]:  # what is found for others first: a policy has to see that
            anyone: Actor = replace(
                actor, person_id=person_id, is_supervisor=True, is_operator=True, manages=frozenset(), **everything
            )
            found = original(session, anyone, *rest, **kwargs)
            if found is not None:
                return found
        return None

    return find
