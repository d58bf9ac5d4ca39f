"""How a round's time is divided, and how even it became."""

from collections.abc import Sequence
from dataclasses import dataclass

MIN_SHARE_S = 45.0  # PRODUCT: live round, shares >= 45 s


@dataclass(frozen=True, slots=True)
class Claim:
    """One who waits for a share: the free time already had (seconds) and the person's weight."""

    had_s: float = 0.0
    weight: float = 1.0


def water_fill(claims: Sequence[Claim], left_s: float, least_s: float = MIN_SHARE_S) -> tuple[float, ...]:
    """Divide `left_s` seconds so that the smallest total (had + share, per weight) is as large as possible.

    Every share is at least `least_s`, the shares sum to `left_s`. When there is not enough for that, everyone gets
    the same part of what is left (PRODUCT: live round, shares).
    """
    count = len(claims)
    left_s = max(0.0, left_s)
    if left_s <= count * least_s:
        return (left_s / count,) * count if count else ()
    # Like water in vessels of uneven depth: those over the level keep the least share, the others reach it.
    dry_until = [(least_s + claim.had_s) / claim.weight for claim in claims]
    order = sorted(range(count), key=dry_until.__getitem__)
    had_s = weight = level = 0.0
    for reached, index in enumerate(order, start=1):
        had_s += claims[index].had_s
        weight += claims[index].weight
        level = (left_s - least_s * (count - reached) + had_s) / weight
        if reached == count or level <= dry_until[order[reached]]:
            break
    return tuple(max(least_s, claim.weight * level - claim.had_s) for claim in claims)


def equal_parts(weights: Sequence[float], whole_s: float) -> tuple[float, ...]:
    """Divide `whole_s` seconds equally by weight: the expected share in Q, G and A phases."""
    total = sum(weights)
    return tuple(whole_s * weight / total for weight in weights)


def jain(ratios: Sequence[float]) -> float | None:
    """Return Jain's index of `time / expected share`, 1 for perfectly even, 1/n at worst; None without data."""
    squares = sum(ratio * ratio for ratio in ratios)
    if not squares:
        return None
    return min(1.0, sum(ratios) ** 2 / (len(ratios) * squares))
