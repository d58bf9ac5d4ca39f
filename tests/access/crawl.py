"""Walks everything one can GET, as one column: each route with every thing of the world its address may name."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from tests.access.asking import House
from tests.access.matrix import Use, is_denied, uses
from tests.access.reading import text_of

OF_KIND = {
    "organisation_id": "organisation ",
    "assignment_id": "assignment ",
    "group_id": "group ",
    "meeting_id": "meeting ",
    "case_id": "case ",
    "note_id": "note ",
    "cover_id": "cover ",
    "campaign_id": "campaign ",
    "run_id": "run",
    "format_id": "format ",
}
"""Part of an address -> how the names of such things begin."""
KEYS = {
    "calendar.feed": "calendar token",
    "reminders.one_date": "one date token",
    "people.accept": "invitation token",
    "passkeys.accept": "invitation token",
}
"""Addresses that hold a key -> how the keys are named; each has their own, and nobody another's."""
ONLY_IN_DEVELOPMENT = {"outbox.mailbox"}


def crawl(house: House, who: str) -> Iterator[tuple[str, str]]:
    """Return path and text of every answer."""
    for use in _gets(house, who):
        path = house.path(use.endpoint, use.method, {k: house.named(v) for k, v in use.things.items()}, use.query)
        yield path, text_of(house.send(who, "GET", path).response)


def _gets(house: House, who: str) -> Iterator[Use]:
    seen = set()
    for use in uses():
        if use.method != "GET" or use.endpoint in ONLY_IN_DEVELOPMENT:
            continue
        if use.endpoint in KEYS:
            token = f"{KEYS[use.endpoint]} {who}"
            if token in house.world.things:
                yield replace(use, things={"token": token})
            continue
        arguments = sorted(house.rules[use.endpoint, "GET"].arguments)
        lets_in = not is_denied(use, who)
        choices = [[use.things[one], *(_others(house, one) if lets_in else ())] for one in arguments]
        for chosen in product(*choices):
            if (use.endpoint, chosen) not in seen:
                seen.add((use.endpoint, chosen))
                yield Use(
                    use.endpoint,
                    "GET",
                    use.object,
                    use.action,
                    dict(zip(arguments, chosen, strict=True)),
                    query=use.query,
                )


def _others(house: House, argument: str) -> list[str]:
    begins = OF_KIND.get(argument)
    return [name for name in house.world.things if begins and name.startswith(begins)]
