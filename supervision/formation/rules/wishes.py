"""How far wishes are met, in one group and in a whole plan; smaller is better in every number."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean, pstdev

from supervision.formation.rules.instance import FINE, IF_NEEDED, PREFER, FormedGroup, Instance, Plan

NEW_YEARS, LONG_YEARS = 2.0, 8.0  # our choice: new to the work below, long in it from
# Our choice of what weighs how much against each other, in points: a step of a wish, ten kilometres, a pair of one
# team, a group without anyone new or without anyone long in the work, and a person's distance from the middle size.
WISH_STEP, TEN_KM, TEAM_PAIR, NOT_MIXED, UNEVEN = 10.0, 10.0, 10.0, 5.0, 2.0


@dataclass(frozen=True, slots=True)
class WishesMet:
    """One group's wishes: how many get a time they prefer, one that is fine, one only if needed; the ways in km.

    `same_team` counts pairs of one team. `is_mixed` says that some are new to the work (under 2 years) and some long in
    it (8 years or more). `cost` sums it up in points, for comparing two plans.
    """

    size: int
    prefer: int
    fine: int
    if_needed: int
    km_mean: float
    km_most: float
    same_team: int
    experience_least: float
    experience_most: float
    is_mixed: bool
    cost: float


@dataclass(frozen=True, slots=True)
class PlanWishes:
    """A whole plan's wishes: shares (0-1) of the placed, mean kilometres, pairs of one team, share of mixed groups."""

    prefer: float
    fine: float
    if_needed: float
    km_mean: float
    same_team: int
    mixed: float
    size_spread: float
    cost_per_person: float


def met(instance: Instance, group: FormedGroup) -> WishesMet:
    """Return how far the group meets its members' wishes."""
    people = [instance.person[one] for one in group.people]
    wishes = Counter(one.slots[group.slot] for one in people)
    ways = [one.places[group.place] for one in people]
    years = [one.experience_years for one in people]
    pairs = team_pairs(one.team for one in people)
    mixed = is_mixed(years)
    middle = (instance.smallest + instance.largest) / 2
    cost = (
        WISH_STEP * (wishes[FINE] + 2 * wishes[IF_NEEDED])
        + TEN_KM * sum(ways) / 10
        + TEAM_PAIR * pairs
        + (0 if mixed else NOT_MIXED)
        + UNEVEN * (len(people) - middle) ** 2
    )
    return WishesMet(
        size=len(people),
        prefer=wishes[PREFER],
        fine=wishes[FINE],
        if_needed=wishes[IF_NEEDED],
        km_mean=fmean(ways) if ways else 0.0,
        km_most=max(ways, default=0.0),
        same_team=pairs,
        experience_least=min(years, default=0.0),
        experience_most=max(years, default=0.0),
        is_mixed=mixed,
        cost=cost,
    )


def met_by(instance: Instance, plan: Plan) -> PlanWishes:
    """Return how far a plan meets the wishes of those it places."""
    groups = [met(instance, group) for group in plan.groups]
    people = max(1, sum(one.size for one in groups))
    return PlanWishes(
        prefer=sum(one.prefer for one in groups) / people,
        fine=sum(one.fine for one in groups) / people,
        if_needed=sum(one.if_needed for one in groups) / people,
        km_mean=sum(one.km_mean * one.size for one in groups) / people,
        same_team=sum(one.same_team for one in groups),
        mixed=sum(one.is_mixed for one in groups) / max(1, len(groups)),
        size_spread=pstdev([one.size for one in groups]) if groups else 0.0,
        cost_per_person=sum(one.cost for one in groups) / people,
    )


def team_pairs(teams: Iterable[object]) -> int:
    """Return how many pairs are of one team; None is no team."""
    return sum(count * (count - 1) // 2 for team, count in Counter(teams).items() if team is not None)


def is_mixed(years: Iterable[float]) -> bool:
    """Whether some are new to the work and some long in it."""
    known = list(years)
    return any(one < NEW_YEARS for one in known) and any(one >= LONG_YEARS for one in known)
