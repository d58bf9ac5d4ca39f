"""Known and unknown addresses are told apart by nothing: status, length, number of mails, time.

Time: requests for known and unknown addresses alternate, with a fresh address and client each; a Mann-Whitney test must
not tell the two apart, nor may their medians differ by a tenth. The same measurement must catch a sign-in
that skips argon2.
"""

import gc
import statistics
import time
from itertools import count

import pytest
from bs4 import BeautifulSoup
from scipy.stats import mannwhitneyu
from sqlalchemy import func, select, update

from supervision.outbox.models import Mail
from supervision.people import own_sign_in_routes, routes, services
from supervision.people.models import Attempt, Person
from tests import factories

PAGES = ("/sign-in", "/sign-in/password", "/sign-in/forgotten")
EACH = 150
WARM_UP = 6
LEAST_P = 0.001
MOST_DIFFERENCE = 0.1
LEAK_EACH = 25


def _ask(app, path: str, email: str):
    client = app.test_client()
    token = BeautifulSoup(client.get(path).get_data(as_text=True), "html.parser").find("input", {"name": "csrf_token"})
    data = {"csrf_token": token["value"], "email": email, "password": "inte rätt lösenord"}
    begun = time.perf_counter()
    answer = client.post(path, data=data)
    return time.perf_counter() - begun, answer


def _measure(app, session, path: str, each: int, known: list[str]) -> tuple[list[float], list[float]]:
    times: dict[bool, list[float]] = {True: [], False: []}
    unknown = (f"nobody{number:05d}@example.se" for number in count())
    names = iter(known)
    for number in range(2 * (each + WARM_UP)):
        is_known = (number + number // 2) % 2 == 0  # known, unknown, unknown, known: neither is always the second
        if number % 40 == 0:  # or the network's delay would be measured
            with app.app_context():
                _forget_tries(session)
        gc.disable()
        took, _answer = _ask(app, path, next(names) if is_known else next(unknown))
        gc.enable()
        if number >= 2 * WARM_UP:
            times[is_known].append(took)
    return times[True], times[False]


def _forget_tries(session) -> None:
    session.execute(Attempt.__table__.delete())
    session.commit()


def _differ(known: list[float], unknown: list[float]) -> tuple[float, float]:
    p = mannwhitneyu(known, unknown).pvalue
    middles = statistics.median(known), statistics.median(unknown)
    return p, abs(middles[0] - middles[1]) / max(middles)


@pytest.fixture
def known(session, monkeypatch) -> list[str]:
    """People with a password of their own; comparing it costs a fiftieth, or the test would take minutes."""
    cheap = services.PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1)
    monkeypatch.setattr(services, "HASHER", cheap)
    services._nobodys_hash.cache_clear()
    password_hash = cheap.hash(factories.PASSWORD)
    people = [
        factories.make_person(session, email=f"person{number:05d}@example.se", password_hash=password_hash)
        for number in range(EACH + WARM_UP)
    ]
    yield [person.email for person in people]
    services._nobodys_hash.cache_clear()


@pytest.mark.parametrize("path", PAGES)
def test_status_length_and_mails_are_the_same(app, session, known, path) -> None:
    participant = factories.make_person(session, email="person0000x@example.se")
    found = set()
    for email in (known[0], "nobody00000@example.se", participant.email):
        session.commit()
        before = session.scalar(select(func.count()).select_from(Mail))
        session.commit()
        _took, answer = _ask(app, path, email)
        mails = session.scalar(select(func.count()).select_from(Mail)) - before
        found.add((answer.status_code, len(answer.data), answer.headers.get("Location"), mails))
    assert len(found) == 1
    assert found.pop()[-1] == (0 if path == "/sign-in/password" else 1)


@pytest.mark.slow
@pytest.mark.parametrize("path", PAGES)
def test_time_does_not_tell_them_apart(app, session, known, path) -> None:
    session.commit()
    found = []
    for _again in range(3):  # a machine that is busy with something else is asked again; a leak is there each time
        session.execute(update(Person).values(title=""))
        session.commit()
        p, difference = _differ(*_measure(app, session, path, EACH, known))
        found.append((round(p, 5), round(difference, 3)))
        if p > LEAST_P and difference < MOST_DIFFERENCE:
            return
    raise AssertionError(f"{path}: known and unknown addresses differ in time (p, difference of medians): {found}")


def _compares_nothing(monkeypatch) -> None:
    fits = services.password_fits
    monkeypatch.setattr(
        routes.services, "password_fits", lambda kept, password: kept is not None and fits(kept, password)
    )


def _does_nothing(monkeypatch) -> None:
    post = own_sign_in_routes.post
    monkeypatch.setattr(own_sign_in_routes.services, "ask_for_code", lambda *_args, **_words: None)
    monkeypatch.setattr(own_sign_in_routes, "record", lambda *_args, **_words: None)
    monkeypatch.setattr(
        own_sign_in_routes,
        "post",
        lambda session, *, to, **words: post(session, to=to, **words) if to.startswith("person") else None,
    )


@pytest.mark.parametrize(
    ("path", "each", "leak"),
    [("/sign-in/password", LEAK_EACH, _compares_nothing), ("/sign-in/forgotten", EACH, _does_nothing)],
)
def test_the_measurement_catches_a_leak(app, session, known, monkeypatch, path, each, leak) -> None:
    """The control: a sign-in that compares nothing for an unknown address, a page that does nothing for one."""
    session.commit()
    leak(monkeypatch)
    found = []
    for _again in range(3):
        p, difference = _differ(*_measure(app, session, path, each, known))
        found.append((round(p, 5), round(difference, 3)))
        if p < LEAST_P:  # then the test above fails
            return
        session.execute(update(Person).values(title=""))
        session.commit()
    raise AssertionError(f"{path}: a leak is there and was not seen (p, difference of medians): {found}")
