"""Forming groups: each instance in a process of its own, beside a careful greedy, what is known and the bound."""

import csv
import gzip
import json
import multiprocessing
import random
import resource
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from supervision.formation import solver
from supervision.formation.rules.check import faults
from supervision.formation.rules.instance import Instance, Plan
from supervision.formation.rules.reading import read
from supervision.formation.rules.wishes import PlanWishes, met_by
from tests.bench import Figure
from tests.formation.greedy import careful_greedy

HERE = Path(__file__).parent / "instances"
SECONDS = 60
ANY = float("inf")
MB = 1024
WITHIN_S = {500: 5.0, 2_000: 10.0, 10_000: 60.0}  # goals by people: seconds to the best plan
MOST_MB = 1_000
CHURN, MOST_MOVED = 0.05, 0.03


@dataclass(frozen=True)
class Measured:
    """What one run of one instance gave."""

    people: int
    placed: int
    bound: int
    faults: int
    best_s: float
    all_s: float
    peak_mb: float
    wishes: PlanWishes
    greedy: int
    greedy_wishes: PlanWishes
    why_s: float
    helped: float


def figures() -> Iterator[Figure]:
    with (HERE / "known.csv").open() as file:
        known = {row["instance"].removesuffix(".json.gz"): row for row in csv.DictReader(file)}
    for name, row in known.items():
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            yield from _of(name, row, pool.apply(measure, (name,)))
    for name in ("base-500-0", "base-500-1"):
        yield from _churned(name)


def _of(name: str, row: dict[str, str], one: Measured) -> Iterator[Figure]:
    goal = next(seconds for most, seconds in WITHIN_S.items() if one.people <= most)
    best = int(row["best_known_placed"])
    yield Figure(f"{name}.faults", one.faults, "faults", 0)
    yield Figure(f"{name}.placed", one.placed, "people", ANY)
    yield Figure(f"{name}.bound", one.bound, "people", ANY)
    yield Figure(f"{name}.below_best_known", best - one.placed, "people", 0)
    yield Figure(f"{name}.below_the_bound", 100 * (1 - one.placed / max(1, one.bound)), "%", ANY)
    yield Figure(f"{name}.greedy", one.greedy, "people", ANY)
    yield Figure(f"{name}.greedy_known", int(row["placed_by_greedy"]), "people", ANY)
    yield Figure(f"{name}.to_best", one.best_s, "s", goal)
    yield Figure(f"{name}.in_all", one.all_s, "s", SECONDS + 10)
    yield Figure(f"{name}.peak", one.peak_mb, "MB", MOST_MB)
    yield Figure(f"{name}.why", one.why_s, "s", ANY)
    yield Figure(f"{name}.told_what_helps", 100 * one.helped, "% of those not placed", ANY)
    greedy = asdict(one.greedy_wishes)
    for wish, value in asdict(one.wishes).items():
        yield Figure(f"{name}.{wish}", value, "", ANY)
        yield Figure(f"{name}.greedy_{wish}", greedy[wish], "", ANY)


def load(name: str) -> Instance:
    return read(json.loads(gzip.decompress((HERE / f"{name}.json.gz").read_bytes())))


def measure(name: str) -> Measured:
    """Solve one instance; memory is this process's own, and nothing else has run in it."""
    instance = load(name)
    start = time.perf_counter()
    best_s, placed = 0.0, -1

    def tell(progress: solver.Progress) -> None:
        nonlocal best_s, placed
        if progress.placed > placed:
            best_s, placed = time.perf_counter() - start, progress.placed

    plan = solver.solve(instance, time_limit_s=SECONDS, tell=tell)
    all_s = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    start = time.perf_counter()
    unplaced = solver.reasons(instance, plan)
    why_s = time.perf_counter() - start
    greedy = careful_greedy(instance)
    return Measured(
        people=len(instance.people),
        placed=plan.placed,
        bound=plan.bound,
        faults=len(faults(instance, plan)) + len(faults(instance, greedy)),
        best_s=best_s,
        all_s=all_s,
        peak_mb=peak,
        wishes=met_by(instance, plan),
        greedy=greedy.placed,
        greedy_wishes=met_by(instance, greedy),
        why_s=why_s,
        helped=sum(one.would_help is not None for one in unplaced) / max(1, len(unplaced)),
    )


def _churned(name: str) -> Iterator[Figure]:
    """Five in a hundred leave and others come: how many of those who stay change their group."""
    instance = load(name)
    before = solver.solve(instance, time_limit_s=SECONDS)
    for seed in (1, 2, 3):
        changed = churned(instance, seed)
        plan = solver.solve(changed, time_limit_s=SECONDS, previous=before)
        fresh: Plan = solver.solve(changed, time_limit_s=SECONDS)
        share = len(plan.moved) / len(instance.people)
        yield Figure(f"{name}.churn_{seed}_moved", 100 * share, "% of people", 100 * MOST_MOVED)
        yield Figure(f"{name}.churn_{seed}_fewer_than_anew", fresh.placed - plan.placed, "people", 0)


def churned(instance: Instance, seed: int) -> Instance:
    chance = random.Random(seed)
    count = round(CHURN * len(instance.people))
    gone = set(chance.sample(range(len(instance.people)), count))
    people = [
        replace(chance.choice(instance.people), id=1_000_000 + at) if at in gone else one
        for at, one in enumerate(instance.people)
    ]
    ids = {one.id for one in people}
    return replace(instance, people=people, apart=frozenset(pair for pair in instance.apart if ids.issuperset(pair)))
